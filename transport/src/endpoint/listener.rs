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

#[cfg(test)]
mod tests {
    use std::io::{self, BufRead as _, BufReader, Read as _};
    use std::os::unix::process::CommandExt as _;
    use std::process::{Command, Output, Stdio};

    use rustix::fs::{Mode, RawMode};
    use tokio::runtime::{self, Runtime};

    use super::super::testbed::{STRANGER, give_away, ground, is_root, modes, own_uid, skip};
    use super::super::{Endpoint, Entry, connect};
    use super::*;

    fn runtime() -> Runtime {
        runtime::Builder::new_current_thread().enable_io().build().expect("a runtime")
    }

    /// Set for the process that serves at the path it names until it is killed.
    const PATH: &str = "EYELET_TEST_PATH";

    #[test]
    fn a_server_is_safe_as_long_as_it_lives_and_replaced_once_it_was_killed() {
        if let Ok(path) = std::env::var(PATH) {
            return serve_until_killed(Path::new(&path));
        }
        let ground = ground();
        let path = ground.path().join("p.sock");
        let runtime = runtime();
        let _inside = runtime.enter();
        for _ in 0..10 {
            let mut server =
                process_for("a_server_is_safe_as_long_as_it_lives_and_replaced_once_it_was_killed");
            server.env(PATH, &path).stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut server = server.spawn().expect("started");
            let lines = BufReader::new(server.stdout.take().expect("its output")).lines();
            let serving =
                |line: io::Result<String>| line.is_ok_and(|line| line.ends_with("serving"));
            assert!({ lines }.any(serving), "the server did not start");

            let error = Endpoint::at(&path).bind().expect_err("in use");
            let want = format!("endpoint {} is in use by pid {}", path.display(), server.id());
            assert_eq!(error.to_string(), want);
            let before = Entry::at(&path).expect("looked").expect("there");

            server.kill().expect("killed");
            server.wait().expect("ended");
            assert!(before.is_still_there());
            let next = Endpoint::at(&path).bind().expect("listening");
            let servers = PeerPolicy::same_user();
            runtime.block_on(connect(next.path(), &servers)).expect("connected");
        }
    }

    fn serve_until_killed(path: &Path) {
        let _server = runtime().block_on(async { Endpoint::at(path).bind() }).expect("listening");
        println!("serving");
        // Also ends, should the test end before it has killed us.
        io::stdin().read_to_end(&mut Vec::new()).expect("waited");
    }

    /// Set for the process that plays a server under the umask it names, in octal.
    const UMASK: &str = "EYELET_TEST_UMASK";

    #[test]
    fn the_umask_does_not_matter_and_is_not_changed() {
        if let Ok(umask) = std::env::var(UMASK) {
            return serve_under(&umask);
        }
        for umask in ["000", "022", "027", "077", "777"] {
            let ground = ground();
            let output = server_under(umask, ground.path()).output().expect("the server ran");
            assert_served(&output, umask, own_uid());
        }
    }

    #[test]
    fn the_umask_does_not_matter_to_a_server_without_roots_rights() {
        let name = "the_umask_does_not_matter_to_a_server_without_roots_rights";
        if !is_root(name) {
            return;
        }
        for umask in ["000", "022", "027", "077", "777"] {
            let ground = ground();
            give_away(ground.path());
            match server_under(umask, ground.path()).uid(STRANGER).output() {
                Ok(output) => assert_served(&output, umask, STRANGER),
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                    return skip(name, "another user may not run this test's program");
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    fn server_under(umask: &str, directory: &Path) -> Command {
        let mut server = process_for("the_umask_does_not_matter_and_is_not_changed");
        server.env(UMASK, umask).current_dir(directory);
        server
    }

    /// This program once more, for one test alone.
    fn process_for(test: &str) -> Command {
        let mut process = Command::new(std::env::current_exe().expect("this program"));
        process.args(["--exact", &format!("endpoint::listener::tests::{test}"), "--nocapture"]);
        process
    }

    fn assert_served(output: &Output, umask: &str, uid: u32) {
        let text = String::from_utf8_lossy(&output.stdout);
        let served = text.contains(&format!("served under {umask} as uid {uid}\n"));
        assert!(output.status.success() && served, "umask {umask}, uid {uid}: {output:?}");
    }

    fn serve_under(umask: &str) {
        let mask = Mode::from_raw_mode(RawMode::from_str_radix(umask, 8).expect("octal"));
        rustix::process::umask(mask);
        let here = std::env::current_dir().expect("a directory");
        let path = here.join("p.sock");
        runtime().block_on(async {
            for _ in 0..2 {
                let private = Endpoint::private_in(&here, "x-").bind().expect("listening");
                assert_eq!(modes(&private), (0o700, 0o600));
                let given = Endpoint::at(&path).bind().expect("listening");
                assert_eq!(modes(&given).1, 0o600);
                let lock = Entry::at(&here.join("p.sock.lock")).expect("looked");
                assert_eq!(lock.expect("a lock file").mode(), 0o600);
                for listener in [&private, &given] {
                    let servers = PeerPolicy::same_user();
                    connect(listener.path(), &servers).await.expect("connected");
                }
            }
        });
        assert_eq!(rustix::process::umask(mask), mask, "the umask was changed");
        println!("served under {umask} as uid {}", own_uid());
    }

    #[cfg(target_os = "linux")]
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
