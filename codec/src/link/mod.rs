//! The serial link: of a line that loses bytes it makes one that loses no packet, or that says that its
//! session has ended. No I/O, no clock, no heap; the rules are L1 to L10 of `proto/WIRE.md`.
//!
//! ```text
//! packet | link byte, packet | frame | COBS, 00 | the line | COBS, 00 | frame | link byte, packet | packet
//! send() | ---------- poll_transmit() --------- |          | Accumulator  | ---- handle_frame() -----
//! ```
//! A driver feeds what comes from the line to an [`Accumulator`](crate::cobs::Accumulator), hands what
//! that makes of it to [`handle_frame`](Link::handle_frame) or [`handle_loss`](Link::handle_loss), and
//! writes what [`poll_transmit`](Link::poll_transmit) gives, after each call that may have changed
//! something, as far as the line takes it. `now` is the time since a moment of the driver's choosing,
//! by a clock that never goes back.
//!
//! ```
//! use core::num::NonZeroU64;
//! use core::time::Duration;
//! use eyelet_codec::cobs::{Accumulator, Fed};
//! use eyelet_codec::link::{self, Config, Event, Link, OVERHEAD};
//!
//! /// Bytes of the largest packet.
//! const PACKET: usize = 256;
//! /// Two packets are kept until they are acknowledged.
//! type Uart = Link<2, { PACKET + OVERHEAD }>;
//! type Inbox = Accumulator<{ link::line_len(PACKET) }>;
//!
//! /// Carries what one side has to say to the other, and returns the packet that came.
//! fn carry(now: Duration, from: &mut Uart, inbox: &mut Inbox, to: &mut Uart) -> Option<Vec<u8>> {
//!     let (mut packet, mut buf) = (None, [0; Uart::MAX_LINE]);
//!     while let Some(len) = from.poll_transmit(now, &mut buf).unwrap() {
//!         match inbox.feed(&buf[..len]) {
//!             Fed::Decoded { bytes, .. } => match to.handle_frame(now, bytes) {
//!                 Event::Packet(bytes) => packet = Some(bytes.to_vec()),
//!                 // `Up` and `Restarted` are where a `Session` begins.
//!                 _ => {}
//!             },
//!             Fed::Refused { lost, .. } => to.handle_loss(lost),
//!             Fed::Partial => {}
//!         }
//!     }
//!     packet
//! }
//!
//! let repeat = link::repeat_after(115_200, PACKET as u32, 2);
//! let config = Config { max_frame: PACKET as u32, repeat };
//! let [one, other] = [7, 0x9a3c_71e5_d20b_4f68].map(|epoch| NonZeroU64::new(epoch).unwrap());
//! let (mut board, mut host) = (Uart::new(config, one), Uart::new(config, other));
//! let (mut to_board, mut to_host) = (Inbox::new(), Inbox::new());
//! let mut now = Duration::ZERO;
//! for _ in 0..2 {
//!     carry(now, &mut board, &mut to_host, &mut host);
//!     carry(now, &mut host, &mut to_board, &mut board);
//! }
//! assert!(board.is_up() && host.is_up());
//!
//! board.send(b"a packet")?;
//! // This time the line loses all of it.
//! board.poll_transmit(now, &mut [0; Uart::MAX_LINE])?;
//! now = board.poll_timeout().unwrap();
//! assert_eq!(now, repeat);
//! assert_eq!(board.handle_timeout(now), Event::Nothing);
//! let packet = carry(now, &mut board, &mut to_host, &mut host);
//! assert_eq!(packet.as_deref(), Some(&b"a packet"[..]));
//! assert_eq!(board.counters().repeats, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **With a [`Session`](crate::session::Session).** Each session of the link carries one: made at
//! [`Event::Up`] or [`Event::Restarted`], when the deadline for the peer's `Hello` starts too, and
//! reported as cut at [`Event::Restarted`] or [`Event::Ended`]. It writes frames; their bodies, by
//! [`frame::decode`](crate::frame::decode), are the link's packets. `Session::reading` is not for this
//! line: what is left of a frame may be noise. When the session is done and its last words are sent,
//! the link is [closed](Link::close), and the driver goes on until [`Link::is_closed`] says that they
//! have arrived or were given up; a session that the peer has ended by a fault is
//! [aborted](Link::abort).
//!
//! **Memory.** `WINDOW` × (`BUFFER` + 8) + 96 bytes, `BUFFER` rounded up to a multiple of 8 (and less
//! where a pointer has 4 bytes); it is the largest packet and [`OVERHEAD`]. So one packet of 256 bytes
//! takes 376. The accumulator takes [`line_len`] and 8, the buffer for
//! [`poll_transmit`](Link::poll_transmit) [`line_len`].

mod body;
mod config;
mod event;
mod number;
mod receive;
mod time;
mod transmit;
mod window;

use core::num::NonZeroU64;
use core::time::Duration;

use self::config::MIN_REPEAT;
use self::number::Number;
use self::window::Window;

pub use self::config::{Config, OVERHEAD, line_len, max_frame, repeat_after};
pub use self::event::{Counters, Event, SendError};

/// One side of a serial line.
///
/// `WINDOW`, 1 to 7, is how many packets it keeps until they are acknowledged, and how many it lets the
/// peer have under way; `BUFFER` is [`OVERHEAD`] more than the largest packet that it sends.
#[derive(Clone, Debug)]
pub struct Link<const WINDOW: usize, const BUFFER: usize> {
    config: Config,
    state: State,
    epoch: NonZeroU64,
    /// A RESET-ACK has answered `epoch`.
    answered: bool,
    peer: Option<NonZeroU64>,
    window: Window<WINDOW, BUFFER>,
    /// The number of the peer's next new DATA.
    expected: Number,
    /// A NAK for `expected` has been owed.
    gap: bool,
    owed: transmit::Owed,
    /// When to repeat; `None`: nothing waits for an answer.
    timer: Option<Duration>,
    /// In a row, without anything acknowledged.
    repeats: u8,
    counters: Counters,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// `epoch` has not been answered, and RESET is repeated.
    Connecting,
    Up,
    /// What was sent is still to be acknowledged, and nothing more is sent.
    Closing,
    /// Nothing is sent of this side's own accord.
    Closed,
}

impl<const WINDOW: usize, const BUFFER: usize> Link<WINDOW, BUFFER> {
    /// Bytes of the largest packet that can be sent.
    pub const MAX_PACKET: usize = Window::<WINDOW, BUFFER>::MAX_PACKET;

    /// Room that [`poll_transmit`](Self::poll_transmit) needs.
    pub const MAX_LINE: usize = line_len(Self::MAX_PACKET);

    #[expect(clippy::cast_possible_truncation, reason = "it is at most 7")]
    const WINDOW_BITS: u8 = WINDOW as u8;

    /// A side that has just started; its RESET is owed. `epoch` is one that this side has never used
    /// before: a random number, or a counter that was stored before this call.
    pub fn new(config: Config, epoch: NonZeroU64) -> Self {
        let config = Config { repeat: config.repeat.max(MIN_REPEAT), ..config };
        Self {
            config,
            state: State::Connecting,
            epoch,
            answered: false,
            peer: None,
            window: Window::new(),
            expected: Number::default(),
            gap: false,
            owed: transmit::Owed::reset(),
            timer: None,
            repeats: 0,
            counters: Counters::default(),
        }
    }

    /// Begins anew, under an `epoch` that this side has never used before. A session that there was is
    /// over; [`Event::Up`] says when the next one begins.
    pub fn connect(&mut self, epoch: NonZeroU64) {
        (self.epoch, self.answered, self.state) = (epoch, false, State::Connecting);
        self.clear(1);
        self.owed.reset = true;
    }

    /// Sends nothing more of its own accord once all that was sent is acknowledged, or given up
    /// ([`Event::Ended`]); packets that come meanwhile are still delivered.
    ///
    /// A peer that begins anew is answered in any case, with a session that begins by
    /// [`Event::Restarted`] or [`Event::Up`].
    pub fn close(&mut self) {
        if self.is_up() && self.window.kept() > 0 {
            self.state = State::Closing;
        } else {
            self.abort();
        }
    }

    /// As [`close`](Self::close), but what is not acknowledged is dropped: for a session that the peer
    /// has ended, or one whose last words are not waited for any longer.
    pub fn abort(&mut self) {
        self.window.reset(1);
        (self.state, self.owed.reset, self.timer) = (State::Closed, false, None);
    }

    /// Takes over a packet, which is sent as often as need be.
    ///
    /// # Errors
    /// Why it cannot be sent now; nothing has changed then.
    pub fn send(&mut self, packet: &[u8]) -> Result<(), SendError> {
        if self.state == State::Up { self.window.push(packet) } else { Err(SendError::NotUp) }
    }

    /// Whether there is a session, and a buffer for one more packet.
    pub fn may_send(&self) -> bool {
        self.state == State::Up && !self.window.is_full()
    }

    /// Whether there is a session.
    pub fn is_up(&self) -> bool {
        matches!(self.state, State::Up | State::Closing)
    }

    /// Whether this side is silent, until [`connect`](Self::connect) or until the peer begins anew.
    pub fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// Packets that were sent in this session and are not acknowledged.
    pub fn unacknowledged(&self) -> usize {
        self.window.kept().into()
    }

    /// What has gone wrong on the line.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// From here on nothing of the session is left, and numbers begin at 0.
    fn clear(&mut self, peers: u8) {
        self.window.reset(peers);
        (self.expected, self.gap) = (Number::default(), false);
        self.owed.clear();
        (self.timer, self.repeats) = (None, 0);
    }
}
