//! A server's end of an endpoint.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net;
use std::path::Path;

use tokio::net::{UnixListener, UnixStream};

use super::directory::PrivateDirectory;
use super::error::{BindError, Failure};
use super::lock::Lock;
use super::socket::Name;
use crate::peer::{Peer, PeerPolicy, Refusal};

/// A guarded socket that listens. Dropping it removes the socket, if it is still the same one, and
/// the private directory that was made for it; a lock file stays.
#[derive(Debug)]
pub struct Listener {
    // Dropped in this order: the name goes while the socket still holds its inode number, and the
    // right to the place goes last.
    name: Name,
    socket: UnixListener,
    ground: Ground,
    policy: PeerPolicy,
}

/// Where a socket stands, and what holds the place for it.
#[derive(Debug)]
pub(super) enum Ground {
    Private(PrivateDirectory),
    Given { directory_mode: u32, _lock: Lock },
}

impl Listener {
    pub(super) fn new(
        (name, socket): (Name, OwnedFd),
        ground: Ground,
        policy: PeerPolicy,
    ) -> Result<Self, BindError> {
        let socket = UnixListener::from_std(net::UnixListener::from(socket))
            .map_err(Failure::when("wait for connections at", name.entry().path()))?;
        Ok(Self { name, socket, ground, policy })
    }

    /// Waits for the next connection and judges who is at its other end.
    ///
    /// A refused peer's stream is handed out too, so that it can be told in the protocol's own
    /// words; nothing of what it sent may be parsed. Cancel safe: a connection that is not handed
    /// out stays in the queue.
    ///
    /// # Errors
    /// Those of `accept(2)`. While this process is out of descriptors (`EMFILE`, `ENFILE`) each
    /// call fails at once: wait before the next one.
    pub async fn accept(&self) -> io::Result<(UnixStream, Result<Peer, Refusal>)> {
        let (stream, _unnamed) = self.socket.accept().await?;
        let verdict = self.policy.judge(Peer::of(&stream));
        Ok((stream, verdict))
    }

    /// Where clients find it.
    pub fn path(&self) -> &Path {
        self.name.entry().path()
    }

    /// Permission bits of the socket when it began to listen: `0o600`.
    pub fn socket_mode(&self) -> u32 {
        self.name.entry().mode()
    }

    /// Permission bits of its directory when it began to listen: `0o700` if it is a private one.
    pub fn directory_mode(&self) -> u32 {
        match &self.ground {
            Ground::Private(directory) => directory.entry().mode(),
            Ground::Given { directory_mode, .. } => *directory_mode,
        }
    }

    /// Who may connect.
    pub fn policy(&self) -> &PeerPolicy {
        &self.policy
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::Command;

    use super::super::Endpoint;
    use super::super::testbed::ground;

    #[tokio::test]
    async fn a_child_inherits_nothing_of_an_endpoint() {
        let ground = ground();
        let given = Endpoint::at(ground.path().join("p.sock")).bind().expect("listening");
        let private = Endpoint::private_in(ground.path(), "x-").bind().expect("listening");
        let children_own = Command::new("ls").args(["-l", "/proc/self/fd"]).output().expect("ls");
        let inherited = String::from_utf8_lossy(&children_own.stdout);
        assert!(inherited.contains(" 1 -> pipe:["), "not what was meant: {inherited}");

        let sockets = [given, private].map(|listener| {
            let inode = rustix::fs::fstat(&listener.socket).expect("a socket").st_ino;
            format!("socket:[{inode}]")
        });
        let base = ground.path().display().to_string();
        for open in [&base, &sockets[0], &sockets[1]] {
            assert!(!inherited.contains(open.as_str()), "{open} in {inherited}");
        }
    }
}
