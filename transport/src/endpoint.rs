//! Guarded local endpoints: a Unix socket that no other user can reach, take over or stand in for,
//! unless a policy names them.
//!
//! A server says where and for whom with [`Endpoint`], and gets a [`Listener`]. A client calls
//! [`connect`], which looks at the path, at the socket and at the server's user before it hands
//! out a connection. The file system keeps strangers out first (directory 0700, socket born 0600);
//! the kernel's word on who is at the other end is asked on both sides all the same.
//!
//! ```
//! use eyelet_transport::endpoint::{Endpoint, connect};
//! use eyelet_transport::peer::PeerPolicy;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let listener = Endpoint::private().bind()?;
//! let (to_server, server) = connect(listener.path(), &PeerPolicy::same_user()).await?;
//! let (to_client, verdict) = listener.accept().await?;
//! assert_eq!(server.uid, verdict?.uid);
//! # Ok(())
//! # }
//! ```

mod connect;
mod directory;
mod entry;
mod error;
mod leftovers;
mod listener;
mod lock;
mod path;
mod socket;
#[cfg(test)]
mod testbed;
mod trail;

#[cfg_attr(any(target_os = "linux", target_os = "android"), path = "endpoint/linux.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "endpoint/bsd.rs")]
mod platform;

use std::path::{Path, PathBuf};

pub use connect::connect;
pub(crate) use connect::dial;
pub use entry::Entry;
pub use error::{BindError, ConnectError, DirectoryFlaw, ErrorKind, Failure, LockFlaw};
pub use listener::Listener;
pub use path::{PathError, PathFlaw};

use crate::peer::PeerPolicy;
use directory::PrivateDirectory;
use listener::Ground;
use lock::Lock;

/// Where a server is to listen, and for whom: by default for its own user only.
#[derive(Clone, Debug)]
pub struct Endpoint {
    place: Place,
    policy: PeerPolicy,
}

#[derive(Clone, Debug)]
enum Place {
    Private { base: PathBuf, prefix: String },
    Path(PathBuf),
}

impl Endpoint {
    /// A socket in a directory of its own, `/tmp/eyelet-XXXXXX`, which goes when the listener goes;
    /// that of a server that was killed goes when the next one of the same user starts.
    #[must_use]
    pub fn private() -> Self {
        Self::private_in("/tmp", "eyelet-")
    }

    /// As [`Endpoint::private`], but in the directory `base`, and the name of the private directory
    /// begins with `prefix`. It may be empty, but then nothing tells which directories are left of
    /// servers that were killed, and none is removed.
    ///
    /// `base` must exist and be safe: neither in it nor on the way to it may anybody but us and
    /// root be able to replace anything. A sticky directory of root's, as `/tmp`, is. Of a path
    /// longer than a socket address, the socket's name is shortened first.
    #[must_use]
    pub fn private_in(base: impl Into<PathBuf>, prefix: impl Into<String>) -> Self {
        Self::new(Place::Private { base: base.into(), prefix: prefix.into() })
    }

    /// A socket at the absolute `path`, in a directory that exists.
    ///
    /// One server at a time holds it, by a lock on the file `path` + `.lock`, which stays. What an
    /// ended server of the same user left there is removed; anything else is left alone, and
    /// [`Endpoint::bind`] fails.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self::new(Place::Path(path.into()))
    }

    /// Sets who may connect. The file system does not let in more for it: directory and socket
    /// stay as they are.
    #[must_use]
    pub fn policy(self, policy: PeerPolicy) -> Self {
        Self { policy, ..self }
    }

    /// Makes the socket and listens.
    ///
    /// The umask does not matter, and is not changed.
    ///
    /// # Errors
    /// A [`BindError`] that names the place; nothing is left behind but a lock file.
    ///
    /// # Panics
    /// Outside a tokio runtime with I/O enabled.
    pub fn bind(&self) -> Result<Listener, BindError> {
        let (path, ground) = match &self.place {
            Place::Private { base, prefix } => private(base, prefix)?,
            Place::Path(path) => given(path)?,
        };
        Listener::new(socket::listen(&path)?, ground, self.policy.clone())
    }

    fn new(place: Place) -> Self {
        Self { place, policy: PeerPolicy::same_user() }
    }
}

fn private(base: &Path, prefix: &str) -> Result<(PathBuf, Ground), BindError> {
    let directory = PrivateDirectory::create(base, prefix)?;
    let path = path::socket_in(directory.entry().path(), platform::PATH_LIMIT)?;
    Ok((path, Ground::Private(directory)))
}

fn given(path: &Path) -> Result<(PathBuf, Ground), BindError> {
    let path = path::socket(path, platform::PATH_LIMIT)?;
    let directory = directory::given(path.parent().unwrap_or(Path::new("/")))?;
    let lock = Lock::acquire(&path)?;
    socket::clear_stale(&path)?;
    Ok((path, Ground::Given { directory_mode: directory.mode(), _lock: lock }))
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::{fs, io, process};

    use super::testbed::{
        STRANGER, as_stranger, chmod, give_away, ground, is_root, leave_stale_socket, modes,
        own_uid,
    };
    use super::*;
    use crate::peer::Refusal;

    fn is_empty(directory: &Path) -> bool {
        fs::read_dir(directory).expect("a directory").next().is_none()
    }

    #[tokio::test]
    async fn a_private_endpoint_is_0600_in_0700_and_leaves_nothing_behind() {
        let ground = ground();
        let listener = Endpoint::private_in(ground.path(), "pre-").bind().expect("listening");
        assert_eq!(modes(&listener), (0o700, 0o600));
        assert_eq!((listener.directory_mode(), listener.socket_mode()), (0o700, 0o600));

        let path = listener.path().strip_prefix(ground.path()).expect("in the base").to_owned();
        let text = path.to_str().expect("plain text");
        let (directory, name) = text.split_once('/').expect("a directory and a name");
        assert!(directory.starts_with("pre-") && directory.len() == "pre-".len() + 6, "{text}");
        let id = name.strip_prefix('c').and_then(|rest| rest.strip_suffix(".sock"));
        assert!(uuid::Uuid::try_parse(id.expect("c….sock")).is_ok(), "{text}");

        drop(listener);
        assert!(is_empty(ground.path()));
    }

    #[tokio::test]
    async fn the_default_is_in_tmp_under_the_projects_name_for_the_same_user() {
        let listener = Endpoint::private().bind().expect("listening");
        assert!(listener.path().to_str().is_some_and(|path| path.starts_with("/tmp/eyelet-")));
        assert_eq!(listener.policy(), &PeerPolicy::same_user());
    }

    #[tokio::test]
    async fn long_bases_get_the_short_name_and_longer_ones_an_error() {
        let ground = ground();
        let own_part = ground.path().as_os_str().len() + 1;
        let base_of = |len: usize| {
            let base = ground.path().join("d".repeat(len - own_part));
            fs::create_dir(&base).expect("a base");
            chmod(&base, 0o700);
            base
        };
        // After the base: "/eyelet-XXXXXX", 14 bytes; then "/c", a UUID, ".sock", or "/s.sock".
        let (unique, short) = (platform::PATH_LIMIT - 14 - 43, platform::PATH_LIMIT - 14 - 7);
        for (base_len, path_len, name) in [
            (unique, platform::PATH_LIMIT, "c"),
            (unique + 1, unique + 1 + 14 + 7, "s.sock"),
            (short, platform::PATH_LIMIT, "s.sock"),
        ] {
            let base = base_of(base_len);
            let listener = Endpoint::private_in(&base, "eyelet-").bind().expect("listening");
            let path = listener.path();
            assert_eq!(path.as_os_str().len(), path_len);
            assert!(path.file_name().is_some_and(|n| n.as_bytes().starts_with(name.as_bytes())));
            connect(path, &PeerPolicy::same_user()).await.expect("connected");
        }

        let base = base_of(short + 1);
        let error = Endpoint::private_in(&base, "eyelet-").bind().expect_err("too long");
        let (len, limit) = (platform::PATH_LIMIT + 1, platform::PATH_LIMIT);
        assert!(
            matches!(&error, BindError::Path(PathError { flaw, .. })
                if *flaw == PathFlaw::TooLong { len, limit }),
            "{error}"
        );
        assert!(is_empty(&base));
    }

    #[tokio::test]
    async fn a_given_path_is_served_at_exactly_the_limit_and_not_beyond() {
        let ground = ground();
        let name = "x".repeat(platform::PATH_LIMIT - ground.path().as_os_str().len() - 1);
        let longest = ground.path().join(&name);
        let listener = Endpoint::at(&longest).bind().expect("listening");
        assert_eq!(modes(&listener), (0o755, 0o600));
        assert_eq!((listener.directory_mode(), listener.socket_mode()), (0o755, 0o600));
        connect(&longest, &PeerPolicy::same_user()).await.expect("connected");

        let beyond = Endpoint::at(ground.path().join(name + "x")).bind().expect_err("too long");
        assert_eq!(beyond.kind(), ErrorKind::Usage, "{beyond}");
    }

    #[tokio::test]
    async fn one_path_has_one_server_and_then_the_next() {
        let ground = ground();
        let path = ground.path().join("p.sock");
        let first = Endpoint::at(&path).bind().expect("listening");
        let second = Endpoint::at(&path).bind().expect_err("in use");
        let want = format!("endpoint {} is in use by pid {}", path.display(), process::id());
        assert_eq!(second.to_string(), want);
        connect(&path, &PeerPolicy::same_user()).await.expect("the first still serves");

        drop(first);
        assert!(!path.exists());
        assert!(ground.path().join("p.sock.lock").is_file());
        let next = Endpoint::at(&path).bind().expect("listening");
        connect(next.path(), &PeerPolicy::same_user()).await.expect("connected");
    }

    #[tokio::test]
    async fn what_a_killed_server_left_is_taken_over() {
        let ground = ground();
        let path = ground.path().join("p.sock");
        leave_stale_socket(&path);
        // As if the killed one had been process 1, which is alive and holds no lock.
        fs::write(ground.path().join("p.sock.lock"), "1\n").expect("a lock file");
        let _server = Endpoint::at(&path).bind().expect("listening");
        connect(&path, &PeerPolicy::same_user()).await.expect("connected");
    }

    #[tokio::test]
    async fn a_socket_put_in_place_of_ours_outlives_us() {
        let ground = ground();
        for endpoint in
            [Endpoint::at(ground.path().join("p.sock")), Endpoint::private_in(ground.path(), "x-")]
        {
            let listener = endpoint.bind().expect("listening");
            let path = listener.path().to_owned();
            fs::remove_file(&path).expect("removed");
            let _successor = UnixListener::bind(&path).expect("another server");
            drop(listener);
            connect(&path, &PeerPolicy::same_user()).await.expect("the other one still serves");
        }
    }

    #[tokio::test]
    async fn bad_paths_are_refused_and_make_no_abstract_socket() {
        for path in ["", "s", "@x", "\0x", "/\0x", "/tmp/", "/tmp/../s", "/tmp/./s"] {
            let error = Endpoint::at(path).bind().expect_err("refused");
            assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
            let error = Endpoint::private_in(path, "x-").bind();
            assert!(path == "/tmp/" || error.is_err(), "base {path:?}");
        }
    }

    #[tokio::test]
    async fn a_peer_is_judged_by_the_policy_and_handed_out_with_the_verdict() {
        let ground = ground();
        for (policy, admitted) in [
            (PeerPolicy::same_user(), true),
            (PeerPolicy::nobody(), false),
            (PeerPolicy::nobody().allow_uid(own_uid()), true),
            (PeerPolicy::nobody().allow_uid(own_uid() + 1), false),
        ] {
            let endpoint = Endpoint::private_in(ground.path(), "x-").policy(policy);
            let listener = endpoint.bind().expect("listening");
            let servers = PeerPolicy::same_user();
            let (client, _) = connect(listener.path(), &servers).await.expect("connected");
            let (stream, verdict) = listener.accept().await.expect("accepted");
            assert_eq!(verdict.is_ok(), admitted, "{verdict:?}");
            stream.writable().await.expect("open");
            assert_eq!(stream.try_write(b"!").expect("written"), 1);
            client.readable().await.expect("open");
            assert_eq!(client.try_read(&mut [0xa5; 2]).expect("read"), 1);
        }
    }

    #[tokio::test]
    async fn with_every_mode_open_the_peer_check_alone_tells_a_stranger() {
        if !is_root("with_every_mode_open_the_peer_check_alone_tells_a_stranger") {
            return;
        }
        let ground = ground();
        let listener = Endpoint::private_in(ground.path(), "x-").bind().expect("listening");
        let path = listener.path().to_owned();
        let dial = || as_stranger(|| UnixStream::connect(&path));
        let denied = |result: io::Result<_>| {
            result.is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
        };

        chmod(&path, 0o666);
        assert!(denied(dial()), "the directory alone");
        chmod(path.parent().expect("a directory"), 0o711);
        chmod(&path, 0o600);
        assert!(denied(dial()), "the socket's mode alone");
        chmod(&path, 0o666);
        let _client = dial().expect("neither");
        let (_stream, verdict) = listener.accept().await.expect("accepted");
        let refusal = verdict.expect_err("refused");
        assert!(
            matches!(&refusal, Refusal::NotAllowed { peer, .. }
                if (peer.uid, peer.gid) == (STRANGER, STRANGER)),
            "{refusal}"
        );
    }

    #[test]
    fn root_is_refused_by_another_users_server_unless_its_policy_says_so() {
        if !is_root("root_is_refused_by_another_users_server_unless_its_policy_says_so") {
            return;
        }
        let ground = ground();
        give_away(ground.path());
        for (policy, admitted) in
            [(PeerPolicy::same_user(), false), (PeerPolicy::same_user().allow_root(), true)]
        {
            let endpoint = Endpoint::private_in(ground.path(), "x-").policy(policy);
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
            let runtime = runtime.expect("a runtime");
            let _inside = runtime.enter();
            // Dropped by root, which may.
            let listener = as_stranger(|| runtime.block_on(async { endpoint.bind() }));
            let listener = listener.expect("listening");
            let _root = UnixStream::connect(listener.path()).expect("connected");
            // A policy asks for the effective uid when it judges, so the stranger must accept.
            let verdict = as_stranger(|| runtime.block_on(listener.accept()).expect("accepted").1);
            assert_eq!(verdict.is_ok(), admitted, "{verdict:?}");
        }
    }
}
