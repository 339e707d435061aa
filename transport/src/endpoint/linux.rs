//! What Linux alone can do for an endpoint.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::net::{AddressFamily, SocketFlags, SocketType};

use super::entry::Entry;

/// `sun_path` is 108 bytes, one of them a NUL.
pub(super) const PATH_LIMIT: usize = 107;

/// Fails where /proc is not mounted: better than to connect to what was not looked at.
pub(super) const CONNECT: &str = "connect through /proc/self/fd to";

/// A stream socket that does not block and that no child inherits.
pub(super) fn socket() -> io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    Ok(rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?)
}

/// Has `bind` create the socket's file with mode 0600 less the umask: at no time is it more.
pub(super) fn restrict(socket: &OwnedFd) -> io::Result<()> {
    Ok(rustix::fs::fchmod(socket, Mode::RUSR | Mode::WUSR)?)
}

/// A file held by descriptor: what was looked at is what is connected to, whatever becomes of
/// its path.
#[derive(Debug)]
pub(super) struct Pinned(File);

impl Pinned {
    /// Holds what lies at `path`, a symbolic link itself and not what it points to.
    pub(super) fn open(path: &Path) -> io::Result<(Self, Entry)> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
        let entry = Entry::new(path, &file.metadata()?);
        Ok((Self(file), entry))
    }

    /// Where to connect to reach it.
    pub(super) fn address(&self) -> PathBuf {
        format!("/proc/self/fd/{}", self.0.as_raw_fd()).into()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::MetadataExt as _;

    use rustix::net::SocketAddrUnix;

    use super::super::testbed::ground;
    use super::*;

    #[test]
    fn a_socket_is_born_with_no_more_than_0600() {
        let ground = ground();
        for (name, restricted) in [("restricted", true), ("unrestricted", false)] {
            let path = ground.path().join(name);
            let socket = socket().expect("a socket");
            if restricted {
                restrict(&socket).expect("restricted");
            }
            rustix::net::bind(&socket, &SocketAddrUnix::new(&path).expect("an address"))
                .expect("bound");
            let mode = fs::symlink_metadata(&path).expect("there").mode() & 0o7777;
            assert_eq!(mode & !0o600 == 0, restricted, "{name}: {mode:04o}");
        }
    }

    #[test]
    fn what_was_opened_is_what_is_connected_to() {
        let ground = ground();
        let path = ground.path().join("s.sock");
        let listen = || std::os::unix::net::UnixListener::bind(&path).expect("listening");
        let first = listen();
        let (pinned, entry) = Pinned::open(&path).expect("opened");
        fs::remove_file(&path).expect("removed");
        let second = listen();
        assert!(!entry.is_still_there());

        for server in [&first, &second] {
            server.set_nonblocking(true).expect("non-blocking");
        }
        std::os::unix::net::UnixStream::connect(pinned.address()).expect("connected");
        assert!(first.accept().is_ok());
        assert!(second.accept().is_err());
    }
}
