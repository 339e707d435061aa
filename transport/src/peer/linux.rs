//! Who is at the other end, as Linux tells it.

use std::io;
use std::os::fd::BorrowedFd;

use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};

use super::Peer;

/// The pid of a process that has none in our namespace is 0.
pub(super) fn peer(socket: BorrowedFd<'_>) -> io::Result<Peer> {
    let seen = getsockopt(&socket, PeerCredentials)?;
    let pid = u32::try_from(seen.pid()).ok().filter(|pid| *pid != 0);
    Ok(Peer { uid: seen.uid(), gid: seen.gid(), pid })
}
