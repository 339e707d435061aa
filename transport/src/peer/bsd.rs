//! Who is at the other end, as macOS and the BSDs tell it.

use std::io;
use std::os::fd::BorrowedFd;

use nix::unistd::getpeereid;

use super::Peer;

pub(super) fn peer(socket: BorrowedFd<'_>) -> io::Result<Peer> {
    let (uid, gid) = getpeereid(socket)?;
    Ok(Peer { uid: uid.as_raw(), gid: gid.as_raw(), pid: None })
}
