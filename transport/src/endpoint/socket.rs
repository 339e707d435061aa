//! A socket's name: how it comes to be, and how it goes.

use std::fs::{self, Permissions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rustix::io::Errno;
use rustix::net::SocketAddrUnix;

use super::entry::Entry;
use super::error::{BindError, Failure};
use super::platform;

/// The name of a socket of ours. Dropping it removes it, if it is still that socket's; so drop it
/// while the socket is open, or its inode number may be another file's by then.
#[derive(Debug)]
pub(super) struct Name(Entry);

impl Name {
    /// The socket as it was when it was made.
    pub(super) fn entry(&self) -> &Entry {
        &self.0
    }

    /// Takes the name that `bind` has just given, and sees to its mode.
    fn claim(path: &Path) -> Result<Self, BindError> {
        let mut name = Self(own_socket(path)?);
        if name.0.mode() == PRIVATE {
            return Ok(name);
        }
        // The umask took our own bits; or this system sets a socket's mode only now. Nobody else
        // can replace our socket in a directory that was checked.
        fs::set_permissions(path, Permissions::from_mode(PRIVATE))
            .map_err(Failure::when("set the mode of socket", path))?;
        let mended = own_socket(path)?;
        if !mended.is_same_as(&name.0) || mended.mode() != PRIVATE {
            return Err(BindError::Replaced(path.to_owned()));
        }
        name.0 = mended;
        Ok(name)
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        let path = self.0.path();
        if !self.0.is_still_there() {
            log::warn!("socket {} is gone or another one: left as it is", path.display());
        } else if let Err(error) = fs::remove_file(path) {
            log::warn!("cannot remove socket {}: {error}", path.display());
        }
    }
}

/// Binds a socket to `path` and listens; the socket is never open to anybody else.
pub(super) fn listen(path: &Path) -> Result<(Name, OwnedFd), BindError> {
    let address = address(path).map_err(Failure::when("make an address of", path))?;
    let socket = platform::socket().map_err(Failure::when("make a socket for", path))?;
    platform::restrict(&socket).map_err(Failure::when("set the mode of a socket for", path))?;
    rustix::net::bind(&socket, &address).map_err(|error| not_bound(path, error))?;
    let name = Name::claim(path)?;
    rustix::net::listen(&socket, BACKLOG).map_err(Failure::when("listen at", path))?;
    Ok((name, socket))
}

/// Removes the socket that an ended server of ours left at `path`; nothing else.
///
/// Whoever calls this holds the path's lock, so no server is just about to listen there.
pub(super) fn clear_stale(path: &Path) -> Result<(), BindError> {
    let Some(entry) = Entry::at(path).map_err(Failure::when("look at", path))? else {
        return Ok(());
    };
    if !entry.is_own_socket() {
        return Err(BindError::Occupied(entry));
    }
    if !is_dead(path).map_err(Failure::when("look for a server at", path))? {
        return Err(BindError::InUse { path: path.to_owned(), pid: None });
    }
    fs::remove_file(path).map_err(Failure::when("remove stale socket", path))?;
    Ok(())
}

/// Whether nobody listens there for certain. A queue that is full, a lack of permission, another
/// type of socket: each may have a live server behind it.
pub(super) fn is_dead(path: &Path) -> io::Result<bool> {
    let probe = platform::socket()?;
    Ok(rustix::net::connect(&probe, &address(path)?) == Err(Errno::CONNREFUSED))
}

fn address(path: &Path) -> io::Result<SocketAddrUnix> {
    Ok(SocketAddrUnix::new(path)?)
}

fn own_socket(path: &Path) -> Result<Entry, BindError> {
    match Entry::at(path).map_err(Failure::when("look at", path))? {
        Some(entry) if entry.is_own_socket() => Ok(entry),
        _ => Err(BindError::Replaced(path.to_owned())),
    }
}

fn not_bound(path: &Path, error: Errno) -> BindError {
    match Entry::at(path) {
        Ok(Some(entry)) if error == Errno::ADDRINUSE => BindError::Occupied(entry),
        _ => Failure::when("bind a socket to", path)(error).into(),
    }
}

const PRIVATE: u32 = 0o600;

/// Clients that may wait to be accepted; the next is told at once that we are busy. As many as
/// tokio asks for itself.
const BACKLOG: i32 = 1024;

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, symlink};
    use std::os::unix::net::{UnixListener, UnixStream};
    #[cfg(target_os = "linux")]
    use std::sync::atomic::{AtomicU32, Ordering};
    #[cfg(target_os = "linux")]
    use std::thread;

    use rustix::net::SocketType;

    use super::super::testbed::{
        bound, chmod, give_away, ground, is_root, leave_stale_socket, make_fifo, overrun_server,
        own_name, own_uid,
    };
    use super::*;

    fn refusal(path: &Path) -> String {
        clear_stale(path).expect_err("refused").to_string()
    }

    #[test]
    fn a_socket_is_ours_and_0600_and_has_a_path() {
        let ground = ground();
        let path = ground.path().join("s.sock");
        let (name, socket) = listen(&path).expect("listening");
        let metadata = fs::symlink_metadata(&path).expect("there");
        assert_eq!((metadata.mode() & 0o7777, metadata.uid()), (0o600, own_uid()));
        assert!(name.entry().is_socket() && name.entry().is_still_there());
        UnixStream::connect(&path).expect("connected");

        let named = rustix::net::getsockname(&socket).expect("a name");
        let named = SocketAddrUnix::try_from(named).expect("a Unix address");
        assert_eq!(named.path_bytes(), Some(path.as_os_str().as_encoded_bytes()));
    }

    /// On other systems the mode comes after the name, and `listen` last.
    #[cfg(target_os = "linux")]
    #[test]
    fn nobody_ever_sees_a_socket_with_a_wider_mode() {
        let ground = ground();
        let path = ground.path().join("s.sock");
        let mut rounds = 0;
        let bind_then_chmod = |seen: &AtomicU32| {
            while seen.load(Ordering::Relaxed) < 10 {
                let _socket = bound(&path, SocketType::STREAM);
                chmod(&path, 0o600);
                fs::remove_file(&path).expect("removed");
                rounds += 1;
                assert!(rounds < 1_000_000, "the watcher sees nothing");
            }
        };
        assert!(wide_modes_seen(&path, bind_then_chmod) >= 10);
        let guarded = |_: &AtomicU32| {
            for _ in 0..rounds.max(1000) {
                drop(listen(&path).expect("listening"));
            }
        };
        assert_eq!(wide_modes_seen(&path, guarded), 0);
    }

    /// How often a watcher saw a mode beyond 0600 at `path` while `work` was done.
    #[cfg(target_os = "linux")]
    fn wide_modes_seen(path: &Path, work: impl FnOnce(&AtomicU32) + Send) -> u32 {
        let seen = AtomicU32::new(0);
        thread::scope(|scope| {
            let worker = scope.spawn(|| work(&seen));
            while !worker.is_finished() {
                let mode = fs::symlink_metadata(path).map_or(0, |metadata| metadata.mode());
                seen.fetch_add(u32::from(mode & 0o177 != 0), Ordering::Relaxed);
            }
        });
        seen.into_inner()
    }

    #[test]
    fn a_wrong_mode_after_birth_is_set_right() {
        let ground = ground();
        for mode in [0o000, 0o200, 0o777] {
            let path = ground.path().join(format!("{mode:o}.sock"));
            let _socket = bound(&path, SocketType::STREAM);
            chmod(&path, mode);
            let name = Name::claim(&path).expect("ours");
            assert_eq!(name.entry().mode(), 0o600);
            assert_eq!(fs::symlink_metadata(&path).expect("there").mode() & 0o7777, 0o600);
        }
    }

    #[test]
    fn what_appears_at_the_path_before_we_bind_is_left_alone() {
        let ground = ground();
        let path = ground.path().join("s.sock");
        fs::write(&path, "theirs").expect("a file");
        chmod(&path, 0o644);
        let want = format!(
            "regular file {} (mode 0644, owned by {}) is where the endpoint should be: choose \
             another path, or remove it yourself",
            path.display(),
            own_name()
        );
        assert_eq!(listen(&path).expect_err("refused").to_string(), want);
        assert_eq!(fs::read(&path).expect("still there"), b"theirs");
    }

    #[test]
    fn a_name_goes_with_its_socket_unless_it_is_another_ones_by_then() {
        let ground = ground();
        let path = ground.path().join("s.sock");
        let (name, _socket) = listen(&path).expect("listening");
        drop(name);
        assert!(!path.exists());

        let (name, _socket) = listen(&path).expect("listening");
        fs::remove_file(&path).expect("removed");
        let _successor = UnixListener::bind(&path).expect("another server");
        drop(name);
        UnixStream::connect(&path).expect("the other server's socket is untouched");
    }

    #[test]
    fn a_stale_socket_is_removed_and_nothing_is_no_hindrance() {
        let ground = ground();
        let path = ground.path().join("s.sock");
        clear_stale(&path).expect("nothing there");
        leave_stale_socket(&path);
        assert!(path.exists());
        clear_stale(&path).expect("cleared");
        assert!(!path.exists());
    }

    #[test]
    fn a_live_server_is_not_displaced_not_even_one_that_does_not_answer() {
        let ground = ground();
        let [live, full, other] = ["live", "full", "other"].map(|name| ground.path().join(name));
        let _live = UnixListener::bind(&live).expect("listening");
        let _full = overrun_server(&full);
        let _other = bound(&other, SocketType::DGRAM);
        for path in [&live, &full, &other] {
            let before = Entry::at(path).expect("looked").expect("there");
            let want = format!("endpoint {} is in use by another process", path.display());
            assert_eq!(refusal(path), want);
            assert!(before.is_still_there());
        }
    }

    #[test]
    fn what_is_not_our_socket_is_never_removed() {
        let ground = ground();
        let at = |name: &str| ground.path().join(name);
        let _live = UnixListener::bind(at("live")).expect("listening");
        fs::write(at("file"), "precious").expect("a file");
        fs::create_dir(at("directory")).expect("a directory");
        make_fifo(&at("fifo"));
        symlink(at("file"), at("link to file")).expect("a link");
        symlink(at("live"), at("link to live")).expect("a link");
        symlink(at("missing"), at("dangling")).expect("a link");
        for (name, noun) in [
            ("file", "regular file"),
            ("directory", "directory"),
            ("fifo", "FIFO"),
            ("link to file", "symbolic link"),
            ("link to live", "symbolic link"),
            ("dangling", "symbolic link"),
        ] {
            let before = Entry::at(&at(name)).expect("looked").expect("there");
            let error = refusal(&at(name));
            assert!(error.starts_with(&format!("{noun} {} (mode ", at(name).display())), "{error}");
            assert!(error.contains("is where the endpoint should be"), "{error}");
            assert!(before.is_still_there(), "{name}");
        }
        assert_eq!(fs::read(at("file")).expect("still there"), b"precious");
        UnixStream::connect(at("live")).expect("still answering");
    }

    #[test]
    fn a_stale_socket_of_another_user_is_not_removed() {
        if !is_root("a_stale_socket_of_another_user_is_not_removed") {
            return;
        }
        let ground = ground();
        let path = ground.path().join("s.sock");
        leave_stale_socket(&path);
        give_away(&path);
        assert!(refusal(&path).contains("owned by uid 65534) is where the endpoint should be"));
        assert!(path.exists());
    }
}
