//! A client's way to an endpoint.

use std::io;
use std::os::unix::net;
use std::path::{Path, PathBuf};

use rustix::net::SocketAddrUnix;
use rustix::process::geteuid;
use tokio::net::UnixStream;

use super::entry::Entry;
use super::error::{ConnectError, Failure};
use super::path;
use super::platform::{self, Pinned};
use super::trail::Trail;
use crate::peer::{Peer, PeerPolicy};

/// Connects to the endpoint at `path` if it is what it should be: a socket, not a link to one,
/// that belongs to a user whom `servers` admits, and a server that runs as such a user. Nothing
/// is sent before all of that is certain.
///
/// [`PeerPolicy::same_user`] with [`PeerPolicy::allow_root`] is what most clients want. Does not
/// wait: a server whose queue is full is [`ConnectError::Busy`] at once. Cancel safe.
///
/// # Errors
/// A [`ConnectError`] that names the component of the path, its owner and its mode where these
/// are the reason.
///
/// # Panics
/// Outside a tokio runtime with I/O enabled.
pub async fn connect(
    path: &Path,
    servers: &PeerPolicy,
) -> Result<(UnixStream, Peer), ConnectError> {
    let (stream, peer) = dial(path, servers)?;
    let stream = UnixStream::from_std(stream).map_err(Failure::when("wait for", path))?;
    Ok((stream, peer))
}

/// As [`connect`], without a runtime: a socket whose reads and writes do not wait.
pub(crate) fn dial(
    path: &Path,
    servers: &PeerPolicy,
) -> Result<(net::UnixStream, Peer), ConnectError> {
    let path = path::socket(path, platform::PATH_LIMIT)?;
    let (pinned, entry) = Pinned::open(&path).map_err(|error| not_opened(&path, error))?;
    check(&entry, servers)?;
    let stream = connect_to(&pinned).map_err(|error| not_connected(entry, error))?;
    match servers.judge(Peer::of(&stream)) {
        Ok(peer) => Ok((stream, peer)),
        Err(refusal) => Err(ConnectError::WrongServer { path, refusal }),
    }
}

/// Does not wait, even where a server's queue is full.
fn connect_to(pinned: &Pinned) -> io::Result<net::UnixStream> {
    let socket = platform::socket()?;
    rustix::net::connect(&socket, &SocketAddrUnix::new(pinned.address())?)?;
    Ok(socket.into())
}

fn check(entry: &Entry, servers: &PeerPolicy) -> Result<(), ConnectError> {
    match entry {
        entry if entry.is_symlink() => Err(ConnectError::Symlink(entry.clone())),
        entry if !entry.is_socket() => Err(ConnectError::NotASocket(entry.clone())),
        entry if !servers.admits(entry.uid()) => {
            Err(ConnectError::WrongOwner { entry: entry.clone(), trusted: servers.users() })
        }
        _ => Ok(()),
    }
}

fn not_opened(path: &Path, error: io::Error) -> ConnectError {
    let other = |error| Failure::when("look at", path)(error).into();
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            ConnectError::NotFound(path.to_owned())
        }
        io::ErrorKind::PermissionDenied => barrier(path).map_or_else(|| other(error), denied),
        _ => other(error),
    }
}

fn not_connected(socket: Entry, error: io::Error) -> ConnectError {
    let path = || PathBuf::from(socket.path());
    match error.kind() {
        io::ErrorKind::PermissionDenied => denied(socket),
        io::ErrorKind::ConnectionRefused => ConnectError::NobodyListens(path()),
        io::ErrorKind::WouldBlock => ConnectError::Busy(path()),
        _ if error.raw_os_error() == Some(WRONG_TYPE) => ConnectError::NotASocket(socket),
        _ => Failure::when(platform::CONNECT, socket.path())(error).into(),
    }
}

fn denied(entry: Entry) -> ConnectError {
    ConnectError::Denied { entry, uid: geteuid().as_raw() }
}

/// The directory on the way to `path` in which we may not look for the next name.
fn barrier(path: &Path) -> Option<Entry> {
    let mut reached = None;
    for step in Trail::to(path) {
        match step {
            Ok(entry) => reached = Some(entry),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return reached,
            Err(_) => return None,
        }
    }
    None
}

/// The socket there is no stream socket.
const WRONG_TYPE: i32 = rustix::io::Errno::PROTOTYPE.raw_os_error();

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{chown, symlink};
    use std::os::unix::net::UnixListener;

    use rustix::net::SocketType;

    use super::super::Endpoint;
    use super::super::error::ErrorKind::{self, Refused, Unavailable, Usage};
    use super::super::testbed::{
        STRANGER, as_stranger, bound, chmod, give_away, ground, is_root, leave_stale_socket,
        overrun_server, own_name, own_uid,
    };
    use super::*;

    /// As `connect`, on a runtime of the calling thread's own.
    fn connect_here(path: &Path, servers: &PeerPolicy) -> Result<(UnixStream, Peer), ConnectError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
        runtime.expect("a runtime").block_on(connect(path, servers))
    }

    fn refusal(path: &Path, servers: &PeerPolicy) -> (ErrorKind, String) {
        let error = connect_here(path, servers).expect_err("refused");
        (error.kind(), error.to_string())
    }

    fn trusting() -> PeerPolicy {
        PeerPolicy::same_user().allow_root()
    }

    #[tokio::test]
    async fn a_server_of_ours_is_connected_to_and_known() {
        let ground = ground();
        let path = ground.path().join("s.sock");
        let _server = Endpoint::at(&path).bind().expect("listening");
        let (_stream, peer) = connect(&path, &PeerPolicy::same_user()).await.expect("connected");
        assert_eq!((peer.uid, peer.pid), (own_uid(), Some(std::process::id())));
    }

    #[test]
    fn each_obstacle_has_its_own_sentence_and_kind() {
        let ground = ground();
        let at = |name: &str| ground.path().join(name);
        let own = own_name();

        let _live = UnixListener::bind(at("live")).expect("listening");
        let _full = overrun_server(&at("full"));
        let _datagrams = bound(&at("datagrams"), SocketType::DGRAM);
        chmod(&at("datagrams"), 0o600);
        fs::write(at("file"), "").expect("a file");
        chmod(&at("file"), 0o644);
        symlink(at("live"), at("link")).expect("a link");
        leave_stale_socket(&at("stale"));

        let owned = |mode: &str| format!(" (mode {mode}, owned by {own}) ");
        let running = ": is the server running?".to_owned();
        let other = "is not an endpoint: it is no stream socket";
        let cases = [
            ("missing", Unavailable, "no endpoint at ", running.clone()),
            ("file/below", Unavailable, "no endpoint at ", running),
            (
                "link",
                Refused,
                "symbolic link ",
                owned("0777") + "is not followed: name the socket itself",
            ),
            ("file", Unavailable, "regular file ", owned("0644") + other),
            ("datagrams", Unavailable, "socket ", owned("0600") + other),
            ("stale", Unavailable, "nobody listens at ", ": its server has ended".to_owned()),
            (
                "full",
                Unavailable,
                "the server at ",
                " has too many waiting to connect: try again".to_owned(),
            ),
        ];
        for (name, kind, before, after) in cases {
            let want = format!("{before}{}{after}", at(name).display());
            assert_eq!(refusal(&at(name), &trusting()), (kind, want));
        }
        assert_eq!(refusal(&at("../up"), &trusting()).0, Usage);
        connect_here(&at("live"), &trusting()).expect("the live one is reached");
    }

    #[test]
    fn a_path_that_fits_no_address_is_a_usage_error_at_the_byte() {
        let ground = ground();
        let long = |len: usize| {
            let name = "x".repeat(len - ground.path().as_os_str().len() - 1);
            ground.path().join(name)
        };
        let (kind, text) = refusal(&long(platform::PATH_LIMIT + 1), &trusting());
        assert_eq!(kind, Usage, "{text}");
        let (kind, text) = refusal(&long(platform::PATH_LIMIT), &trusting());
        assert_eq!(kind, Unavailable, "{text}");
    }

    #[test]
    fn a_socket_of_a_user_who_is_not_trusted_is_not_connected_to() {
        let ground = ground();
        let path = ground.path().join("s.sock");
        let server = UnixListener::bind(&path).expect("listening");
        chmod(&path, 0o600);
        server.set_nonblocking(true).expect("non-blocking");
        let want = format!(
            "socket {} (mode 0600, owned by {}) is not trusted: a server's socket belongs to uid 7",
            path.display(),
            own_name()
        );
        let only_seven = PeerPolicy::nobody().allow_uid(7);
        assert_eq!(refusal(&path, &only_seven), (Refused, want));
        let untouched = server.accept().expect_err("nobody connected");
        assert_eq!(untouched.kind(), io::ErrorKind::WouldBlock);
        connect_here(&path, &trusting()).expect("connected");
        server.accept().expect("somebody connected");
    }

    #[test]
    fn a_server_of_another_user_behind_a_socket_of_ours_gets_no_byte() {
        if !is_root("a_server_of_another_user_behind_a_socket_of_ours_gets_no_byte") {
            return;
        }
        let ground = ground();
        chmod(ground.path(), 0o777);
        let path = ground.path().join("s.sock");
        let server = as_stranger(|| UnixListener::bind(&path).expect("listening"));
        chown(&path, Some(0), None).expect("ours by its name");
        let pid = std::process::id();
        let want = format!(
            "the server at {} is not trusted: uid {STRANGER} with pid {pid} is not allowed, only \
             root (uid 0) is",
            path.display()
        );
        assert_eq!(refusal(&path, &trusting()), (Refused, want));
        let (mut stream, _) = server.accept().expect("somebody connected");
        let mut received = Vec::new();
        io::Read::read_to_end(&mut stream, &mut received).expect("closed");
        assert!(received.is_empty());
        let known = trusting().allow_uid(STRANGER);
        connect_here(&path, &known).expect("one who is trusted is connected to");
    }

    #[test]
    fn what_keeps_us_out_is_named_with_its_owner_and_mode() {
        if !is_root("what_keeps_us_out_is_named_with_its_owner_and_mode") {
            return;
        }
        let ground = ground();
        let real = ground.path().canonicalize().expect("a real path");
        let directory = real.join("closed");
        fs::create_dir(&directory).expect("a directory");
        symlink("closed", real.join("way")).expect("a link");
        let path = directory.join("s.sock");
        let _server = UnixListener::bind(&path).expect("listening");

        let shown = directory.display().to_string();
        let closed = format!("directory {shown} (mode 0700, owned by root (uid 0))");
        let socket = format!("socket {shown}/s.sock (mode 0600, owned by root (uid 0))");
        let outer = format!("directory {} (mode 0710, owned by root (uid 0))", real.display());
        let cases = [
            (0o755, 0o700, 0o666, path.clone(), Some(closed.clone())),
            (0o755, 0o700, 0o666, real.join("way/s.sock"), Some(closed)),
            (0o755, 0o711, 0o600, path.clone(), Some(socket)),
            (0o710, 0o711, 0o666, path.clone(), Some(outer)),
            (0o755, 0o711, 0o666, path.clone(), None),
        ];
        for (outer_mode, directory_mode, socket_mode, path, barrier) in cases {
            chmod(&real, outer_mode);
            chmod(&directory, directory_mode);
            chmod(&directory.join("s.sock"), socket_mode);
            let result = as_stranger(|| connect_here(&path, &trusting()).map(|_| ()));
            let got = result.err().map(|error| (error.kind(), error.to_string()));
            let want = barrier.map(|it| (Refused, format!("{it} does not let uid {STRANGER} in")));
            assert_eq!(got, want, "{outer_mode:o} {directory_mode:o} {socket_mode:o}");
        }
    }

    #[test]
    fn a_strangers_own_server_is_reached_by_the_stranger_and_refused_by_root() {
        if !is_root("a_strangers_own_server_is_reached_by_the_stranger_and_refused_by_root") {
            return;
        }
        let ground = ground();
        let path = ground.path().join("s.sock");
        give_away(ground.path());
        let _server = as_stranger(|| UnixListener::bind(&path).expect("listening"));
        as_stranger(|| connect_here(&path, &PeerPolicy::same_user()).map(|_| ())).expect("reached");
        assert_eq!(refusal(&path, &trusting()).0, Refused);
    }
}
