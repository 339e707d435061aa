//! What macOS and the BSDs do where Linux can do better.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::{fs, io};

use rustix::io::FdFlags;
use rustix::net::{AddressFamily, SocketType};

use super::entry::Entry;

/// `sun_path` is 104 bytes, one of them a NUL.
pub(super) const PATH_LIMIT: usize = 103;

pub(super) const CONNECT: &str = "connect to";

/// A stream socket that does not block and that no child inherits, but for one that another
/// thread forks between these calls.
pub(super) fn socket() -> io::Result<OwnedFd> {
    let socket = rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
    rustix::io::fcntl_setfd(&socket, FdFlags::CLOEXEC)?;
    rustix::io::ioctl_fionbio(&socket, true)?;
    Ok(socket)
}

/// The mode of a socket cannot be set before it has a name. It is set after `bind` and before
/// `listen`, until which nobody can connect.
// The system where it can fail has the same signature.
#[allow(clippy::unnecessary_wraps)]
pub(super) fn restrict(_socket: &OwnedFd) -> io::Result<()> {
    Ok(())
}

/// A path that was looked at. Between the look and `connect` its owner may put another socket
/// there; who really listens is then told by the connection's peer.
#[derive(Debug)]
pub(super) struct Pinned(PathBuf);

impl Pinned {
    /// Looks at `path`, a symbolic link itself and not what it points to.
    pub(super) fn open(path: &Path) -> io::Result<(Self, Entry)> {
        let entry = Entry::new(path, &fs::symlink_metadata(path)?);
        Ok((Self(path.to_owned()), entry))
    }

    /// Where to connect to reach it.
    pub(super) fn address(&self) -> PathBuf {
        self.0.clone()
    }
}
