use core::error::Error;
use core::fmt::{self, Display, Formatter};

/// What a frame or the passing of time means for what is above the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Nothing; something may be owed to the peer.
    Nothing,
    /// A session begins: packets can be sent, and the deadline for the peer's `Hello` starts.
    Up,
    /// The peer has begun anew. The session that was there has ended, and what of it was not yet
    /// acknowledged may have arrived or not; another begins, as with [`Up`](Self::Up).
    Restarted,
    /// The next packet of the session.
    Packet(&'a [u8]),
    /// The session has ended, since the peer has acknowledged nothing for 16 repeats. The link is
    /// closed until [`connect`](super::Link::connect) or until the peer begins anew.
    Ended,
}

/// What has gone wrong on the line since the link was made; each stays at its highest value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Stretches between two delimiters that were no frame of the link.
    pub damaged: u32,
    /// Bytes in them, as far as they were seen.
    pub lost: u32,
    /// Packets that this side has sent again, each time counted.
    pub repeats: u32,
}

/// Why a packet cannot be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// There is no session, or this side is closing it.
    NotUp,
    /// As many packets wait for acknowledgment as there are buffers for.
    Full,
    /// A packet with nothing in it.
    Empty,
    /// A packet for which the buffers are too small.
    TooLarge {
        /// Its length.
        len: usize,
        /// The largest there may be.
        limit: usize,
    },
}

impl Display for SendError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUp => f.write_str("the link has no session, or is closing it"),
            Self::Full => f.write_str("all packets that the link keeps wait for acknowledgment"),
            Self::Empty => f.write_str("a packet with nothing in it"),
            Self::TooLarge { len, limit } => {
                write!(f, "a packet of {len} bytes, the link keeps at most {limit}")
            }
        }
    }
}

impl Error for SendError {}
