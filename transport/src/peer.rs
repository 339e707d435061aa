//! Who is at the other end of a local connection, and who may be.
//!
//! A peer is known by its uid, which the kernel took when it called `connect` (or, seen from the
//! client, when the server called `listen`). A process that hands its descriptor on stays the
//! peer; its pid may by then belong to somebody else.

#[cfg_attr(any(target_os = "linux", target_os = "android"), path = "peer/linux.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "peer/bsd.rs")]
mod platform;

use std::collections::BTreeSet;
use std::os::fd::AsFd;
use std::{error, fmt, io};

use rustix::process::geteuid;

/// The process at the other end, as the kernel recorded it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Peer {
    /// Effective user; a user of another namespace that has no name here shows as 65534.
    pub uid: u32,
    /// Primary effective group; supplementary ones are not told.
    pub gid: u32,
    /// Process, for the log only: it proves nothing, since a pid is given away again. Absent
    /// where the system does not tell, or across pid namespaces.
    pub pid: Option<u32>,
}

impl Peer {
    /// Reads who is at the other end of `stream`, a connected Unix socket.
    ///
    /// # Errors
    /// Those of the system, and `InvalidData` where the kernel has no user for this socket.
    pub fn of(stream: &impl AsFd) -> io::Result<Self> {
        let peer = platform::peer(stream.as_fd())?;
        if peer.uid == NOBODY_KNOWN {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the socket has no peer"));
        }
        Ok(peer)
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", User(self.uid))?;
        self.pid.map_or(Ok(()), |pid| write!(f, " with pid {pid}"))
    }
}

/// Which users may be at the other end. Everyone who is not named is refused, and so is a peer
/// whose credentials cannot be read.
///
/// ```
/// use eyelet_transport::peer::PeerPolicy;
///
/// let policy = PeerPolicy::nobody().allow_uid(1000).allow_uid(1001);
/// assert!(policy.admits(1000));
/// assert!(!policy.admits(0));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerPolicy {
    same_user: bool,
    uids: BTreeSet<u32>,
}

impl PeerPolicy {
    /// The user that this process runs as when it looks (its effective uid), and nobody else:
    /// not root either.
    #[must_use]
    pub fn same_user() -> Self {
        Self { same_user: true, ..Self::nobody() }
    }

    /// Nobody, until somebody is allowed.
    #[must_use]
    pub fn nobody() -> Self {
        Self { same_user: false, uids: BTreeSet::new() }
    }

    /// Allows root as well.
    #[must_use]
    pub fn allow_root(self) -> Self {
        self.allow_uid(0)
    }

    /// Allows the user `uid` as well.
    #[must_use]
    pub fn allow_uid(mut self, uid: u32) -> Self {
        self.uids.insert(uid);
        self
    }

    /// Allows each of `uids` as well.
    #[must_use]
    pub fn allow_uids(mut self, uids: impl IntoIterator<Item = u32>) -> Self {
        self.uids.extend(uids);
        self
    }

    /// Whether the user `uid` may be at the other end.
    pub fn admits(&self, uid: u32) -> bool {
        self.uids.contains(&uid) || self.same_user && uid == geteuid().as_raw()
    }

    /// Passes a peer that this policy admits.
    ///
    /// # Errors
    /// A [`Refusal`] that says who and why; `Unknown` when `peer` could not be read.
    pub fn judge(&self, peer: io::Result<Peer>) -> Result<Peer, Refusal> {
        match peer {
            Ok(peer) if self.admits(peer.uid) => Ok(peer),
            Ok(peer) => Err(Refusal::NotAllowed { peer, allowed: self.users() }),
            Err(source) => Err(Refusal::Unknown { source }),
        }
    }

    /// Every uid that this policy admits now, in order.
    pub fn users(&self) -> Vec<u32> {
        let own = self.same_user.then(|| geteuid().as_raw());
        let all: BTreeSet<u32> = self.uids.iter().copied().chain(own).collect();
        all.into_iter().collect()
    }
}

impl Default for PeerPolicy {
    fn default() -> Self {
        Self::same_user()
    }
}

/// Why a peer is not spoken to.
#[derive(Debug)]
#[non_exhaustive]
pub enum Refusal {
    /// The policy does not name this user.
    NotAllowed {
        /// Who it is.
        peer: Peer,
        /// The uids that would have been let in.
        allowed: Vec<u32>,
    },
    /// The system would not say who it is.
    Unknown {
        /// What the system said instead.
        source: io::Error,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAllowed { peer, allowed } => {
                write!(f, "{peer} is not allowed, only {} is", Users(allowed))
            }
            Self::Unknown { source } => {
                write!(f, "a peer whose user cannot be read is not allowed: {source}")
            }
        }
    }
}

impl error::Error for Refusal {}

/// A uid as people read it.
pub(crate) struct User(pub(crate) u32);

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => write!(f, "root (uid 0)"),
            uid => write!(f, "uid {uid}"),
        }
    }
}

/// Some uids as people read them; the first few stand for many.
pub(crate) struct Users<'a>(pub(crate) &'a [u32]);

impl fmt::Display for Users<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, left) = self.0.split_at(self.0.len().min(USERS_SHOWN));
        let [first, rest @ ..] = shown else { return write!(f, "nobody") };
        write!(f, "{}", User(*first))?;
        rest.iter().try_for_each(|uid| write!(f, " or {}", User(*uid)))?;
        if left.is_empty() { Ok(()) } else { write!(f, " or {} more", left.len()) }
    }
}

/// What the kernel answers for a socket that nobody has connected: `(uid_t) -1`.
const NOBODY_KNOWN: u32 = u32::MAX;

/// A refusal travels in a fault of at most 128 bytes: three names leave room for the sentence.
const USERS_SHOWN: usize = 3;

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;

    fn peer(uid: u32) -> Peer {
        Peer { uid, gid: uid, pid: Some(7) }
    }

    #[test]
    fn only_the_users_that_a_policy_names_are_admitted() {
        let own = geteuid().as_raw();
        let other = own + 1;
        let cases = [
            ("same user", PeerPolicy::same_user(), vec![own]),
            ("default", PeerPolicy::default(), vec![own]),
            ("nobody", PeerPolicy::nobody(), vec![]),
            ("root only", PeerPolicy::nobody().allow_root(), vec![0]),
            ("list only", PeerPolicy::nobody().allow_uids([1000, 65534]), vec![1000, 65534]),
            ("same and other", PeerPolicy::same_user().allow_uid(other), vec![own, other]),
        ];
        for (case, policy, named) in cases {
            assert_eq!(policy.users(), named, "{case}");
            for uid in [own, other, 0, 1000, 65534, u32::MAX] {
                assert_eq!(policy.admits(uid), named.contains(&uid), "{case}, uid {uid}");
                let verdict = policy.judge(Ok(peer(uid)));
                assert_eq!(verdict.is_ok(), named.contains(&uid), "{case}, uid {uid}");
            }
        }
    }

    #[test]
    fn a_refusal_says_who_and_why() {
        let policy = PeerPolicy::nobody().allow_uids([0, 1000]);
        let cases = [
            (
                policy.judge(Ok(peer(65534))),
                "uid 65534 with pid 7 is not allowed, only root (uid 0) or uid 1000 is",
            ),
            (
                PeerPolicy::nobody().judge(Ok(Peer { pid: None, ..peer(0) })),
                "root (uid 0) is not allowed, only nobody is",
            ),
            (
                policy.judge(Err(io::ErrorKind::NotConnected.into())),
                "a peer whose user cannot be read is not allowed: not connected",
            ),
        ];
        for (verdict, want) in cases {
            assert_eq!(verdict.expect_err("refused").to_string(), want);
        }
    }

    #[test]
    fn a_refusal_fits_a_fault_however_many_are_allowed() {
        let policy = PeerPolicy::nobody().allow_uids(u32::MAX - 100..u32::MAX);
        let stranger = Peer { uid: u32::MAX - 101, gid: 0, pid: Some(u32::MAX) };
        let text = policy.judge(Ok(stranger)).expect_err("refused").to_string();
        assert!(text.ends_with(" or 97 more is"), "{text}");
        assert!(text.len() <= 128, "{} bytes: {text}", text.len());
    }

    #[test]
    fn both_ends_of_a_pair_are_this_process() {
        let (one, two) = UnixStream::pair().expect("a socket pair");
        for end in [one, two] {
            let peer = Peer::of(&end).expect("credentials");
            assert_eq!((peer.uid, peer.pid), (geteuid().as_raw(), Some(std::process::id())));
        }
    }

    #[test]
    fn a_socket_without_a_peer_is_refused_under_every_policy() {
        let lonely = rustix::net::socket(
            rustix::net::AddressFamily::UNIX,
            rustix::net::SocketType::STREAM,
            None,
        )
        .expect("a socket");
        let policy = PeerPolicy::same_user().allow_root().allow_uid(u32::MAX);
        let verdict = policy.judge(Peer::of(&lonely));
        assert!(matches!(verdict, Err(Refusal::Unknown { .. })), "{verdict:?}");
    }
}
