//! Private directories of servers that were killed.
//!
//! A server holds a shared lock on its directory for life, and the kernel releases it however the
//! server ends. So whoever gets an exclusive one knows that it is dead, and keeps others from the
//! same work. A server that is just starting may be met between the making of its directory and
//! the lock: it finds the directory locked or gone then, and makes another.
//!
//! On a file system that several machines share without sharing locks, a server on another one
//! would be taken for dead; sockets do not work across machines, so none belongs there.

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use rustix::fs::FlockOperation;
use rustix::io::Errno;

use super::directory::{RANDOM, hold, is_private};
use super::entry::Entry;
use super::path::is_socket_name;
use super::socket::is_dead;

/// Removes what killed servers of ours left in `base`: private directories whose names begin with
/// `prefix` and that hold a dead socket of ours and nothing else.
///
/// An empty one may be another program's that has just made it, so it goes only after an hour.
/// Without a prefix nothing is removed, since any name would do. What stays for a reason or an
/// error stays in silence, but for a line of the log at level debug: no server starts the worse
/// for it. A base is read up to its first 10,000 entries, so that strangers who fill `/tmp` cost a
/// start some milliseconds and no more.
pub(super) fn clear(base: &Path, prefix: &str) {
    let named = candidates(base, prefix).unwrap_or_else(|error| {
        log::debug!("cannot look for leftovers in {}: {error}", base.display());
        Vec::new()
    });
    for path in named {
        match remove(&path) {
            Ok(true) => log::info!("removed {}, left by a server that was killed", path.display()),
            Ok(false) => {}
            Err(error) => log::debug!("cannot remove leftover {}: {error}", path.display()),
        }
    }
}

fn candidates(base: &Path, prefix: &str) -> io::Result<Vec<PathBuf>> {
    if prefix.is_empty() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(base)?.take(ENTRIES).filter_map(Result::ok);
    let named = entries.filter(|entry| is_name(&entry.file_name(), prefix));
    Ok(named.map(|entry| entry.path()).collect())
}

fn is_name(name: &OsStr, prefix: &str) -> bool {
    let random = name.as_bytes().strip_prefix(prefix.as_bytes());
    random.is_some_and(|random| {
        random.len() == RANDOM && random.iter().all(u8::is_ascii_alphanumeric)
    })
}

/// `false`: it is in use, or not for us to remove.
fn remove(path: &Path) -> io::Result<bool> {
    // Looked at first, so that nothing of anybody else's is locked, be it for a moment.
    if !Entry::at(path)?.is_some_and(|entry| entry.is_dir() && is_private(&entry)) {
        return Ok(false);
    }
    let (entry, locked) = match hold(path, FlockOperation::NonBlockingLockExclusive) {
        Err(error) if Errno::from_io_error(&error) == Some(Errno::WOULDBLOCK) => return Ok(false),
        held => held?,
    };
    if !is_private(&entry) || !entry.is_still_there() || !empty(path, &locked)? {
        return Ok(false);
    }
    // Fails if something has come into it since.
    fs::remove_dir(path)?;
    Ok(true)
}

/// Takes out the dead socket. `false`: something else is in it, or it is new.
fn empty(path: &Path, directory: &File) -> io::Result<bool> {
    let content: Vec<_> = fs::read_dir(path)?.take(2).collect::<io::Result<_>>()?;
    let socket = match &content[..] {
        [] => return is_old(directory),
        [entry] if is_socket_name(&entry.file_name()) => entry.path(),
        _ => return Ok(false),
    };
    if !Entry::at(&socket)?.is_some_and(|entry| entry.is_own_socket()) || !is_dead(&socket)? {
        return Ok(false);
    }
    fs::remove_file(&socket)?;
    Ok(true)
}

fn is_old(directory: &File) -> io::Result<bool> {
    // A time in the future is that of a clock that was set back, and says nothing.
    Ok(directory.metadata()?.modified()?.elapsed().is_ok_and(|age| age >= EMPTY_FOR))
}

const EMPTY_FOR: Duration = Duration::from_secs(60 * 60);
const ENTRIES: usize = 10_000;

#[cfg(test)]
mod tests {
    use std::fs::FileTimes;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::time::SystemTime;

    use rustix::net::SocketType;

    use super::super::testbed::{
        as_stranger, bound, chmod, give_away, ground, is_root, leave_stale_socket, make_fifo,
    };
    use super::*;

    const UNIQUE: &str = "c67e55044-10b1-426f-9247-bb680e5fe0c8.sock";

    /// An empty one, as a server makes it.
    fn directory(base: &Path, name: &str) -> PathBuf {
        let path = base.join(name);
        fs::create_dir(&path).expect("a directory");
        chmod(&path, 0o700);
        path
    }

    /// As a killed server leaves it.
    fn leftover(base: &Path, name: &str) -> PathBuf {
        let path = directory(base, name);
        leave_stale_socket(&path.join(UNIQUE));
        path
    }

    fn set_age(directory: &Path, age: Duration) {
        let then = SystemTime::now().checked_sub(age).expect("a time");
        let opened = File::open(directory).expect("opened");
        opened.set_times(FileTimes::new().set_modified(then)).expect("another time");
    }

    #[test]
    fn what_killed_servers_left_goes() {
        let ground = ground();
        let unique = leftover(ground.path(), "x-abcdef");
        let short = directory(ground.path(), "x-ABC123");
        leave_stale_socket(&short.join("s.sock"));
        clear(ground.path(), "x-");
        assert_eq!((unique.exists(), short.exists()), (false, false));
    }

    #[test]
    fn other_names_stay() {
        let ground = ground();
        let names =
            ["x-abcde", "x-abcdefg", "x-abc.ef", "x-abc\u{e4}f", "y-abcdef", "xx-abcdef", "abcdef"];
        let others = names.map(|name| leftover(ground.path(), name));
        for prefix in ["x-", ""] {
            clear(ground.path(), prefix);
            for path in &others {
                assert!(path.join(UNIQUE).exists(), "{}", path.display());
            }
        }
    }

    #[test]
    fn a_directory_with_anything_else_in_it_stays_as_it_is() {
        type Put = fn(&Path);
        let cases: [(&str, Put); 9] = [
            ("a file too", |path| fs::write(path.join("file"), "mine").expect("a file")),
            ("a second socket", |path| leave_stale_socket(&path.join("s.sock"))),
            ("a lock file", |path| fs::write(path.join("s.sock.lock"), "1\n").expect("a file")),
            ("no socket of ours", |path| rename(path, "agent.1")),
            ("nearly a name of ours", |path| rename(path, &UNIQUE.to_uppercase())),
            ("a file of that name", |path| {
                replace(path, |path| fs::write(path, "").expect("a file"));
            }),
            ("a directory", |path| replace(path, |path| fs::create_dir(path).expect("made"))),
            ("a FIFO", |path| replace(path, make_fifo)),
            ("a link", |path| replace(path, |path| symlink("/", path).expect("a link"))),
        ];
        for (what, put) in cases {
            let ground = ground();
            let path = leftover(ground.path(), "x-abcdef");
            put(&path);
            let count = || fs::read_dir(&path).expect("a directory").count();
            let before = count();
            clear(ground.path(), "x-");
            assert_eq!(count(), before, "{what}");
        }
    }

    fn rename(directory: &Path, name: &str) {
        fs::rename(directory.join(UNIQUE), directory.join(name)).expect("another name");
    }

    fn replace(directory: &Path, make: impl FnOnce(&Path)) {
        fs::remove_file(directory.join(UNIQUE)).expect("removed");
        make(&directory.join(UNIQUE));
    }

    #[test]
    fn of_all_modes_only_that_of_a_private_directory_goes() {
        let ground = ground();
        for mode in (0..0o2000).filter(|mode| *mode != 0o700) {
            let path = leftover(ground.path(), "x-abcdef");
            chmod(&path, mode);
            clear(ground.path(), "x-");
            chmod(&path, 0o700);
            assert!(path.join(UNIQUE).exists(), "mode {mode:04o}");
            fs::remove_dir_all(path).expect("removed");
        }
    }

    #[test]
    fn what_only_points_to_a_leftover_is_not_followed() {
        let ground = ground();
        let elsewhere = leftover(ground.path(), "elsewhere");
        symlink(&elsewhere, ground.path().join("x-abcdef")).expect("a link");
        fs::write(ground.path().join("x-abcdeg"), "").expect("a file");
        clear(ground.path(), "x-");
        assert!(elsewhere.join(UNIQUE).exists());
        assert!(ground.path().join("x-abcdef").is_symlink());
        assert!(ground.path().join("x-abcdeg").is_file());
    }

    #[test]
    fn what_belongs_to_another_user_stays() {
        if !is_root("what_belongs_to_another_user_stays") {
            return;
        }
        let ground = ground();
        let directory = leftover(ground.path(), "x-abcdef");
        give_away(&directory);
        let socket = leftover(ground.path(), "x-abcdeg");
        give_away(&socket.join(UNIQUE));
        clear(ground.path(), "x-");
        assert!(directory.join(UNIQUE).exists() && socket.join(UNIQUE).exists());

        give_away(&directory.join(UNIQUE));
        give_away(ground.path());
        as_stranger(|| clear(ground.path(), "x-"));
        assert!(!directory.exists(), "it is theirs to remove");
        assert!(socket.join(UNIQUE).exists());
    }

    #[test]
    fn where_somebody_holds_the_lock_or_listens_it_stays() {
        let ground = ground();
        let locked = leftover(ground.path(), "x-abcdef");
        let lock = hold(&locked, FlockOperation::NonBlockingLockShared).expect("locked");
        let listening = directory(ground.path(), "x-abcdeg");
        let server = UnixListener::bind(listening.join(UNIQUE)).expect("listening");
        let other = directory(ground.path(), "x-abcdeh");
        let datagrams = bound(&other.join(UNIQUE), SocketType::DGRAM);
        clear(ground.path(), "x-");
        for path in [&locked, &listening, &other] {
            assert!(path.join(UNIQUE).exists(), "{}", path.display());
        }

        drop((lock, server, datagrams));
        clear(ground.path(), "x-");
        assert_eq!(fs::read_dir(ground.path()).expect("a directory").count(), 0);
    }

    #[test]
    fn an_empty_one_goes_only_after_an_hour() {
        let ground = ground();
        let path = directory(ground.path(), "x-abcdef");
        for (age, stays) in [(0, true), (3500, true), (3601, false)] {
            set_age(&path, Duration::from_secs(age));
            clear(ground.path(), "x-");
            assert_eq!(path.exists(), stays, "{age} s");
        }
        let path = directory(ground.path(), "x-abcdef");
        let ahead = SystemTime::now() + 2 * EMPTY_FOR;
        let opened = File::open(&path).expect("opened");
        opened.set_times(FileTimes::new().set_modified(ahead)).expect("another time");
        clear(ground.path(), "x-");
        assert!(path.exists(), "a time in the future is no age");
    }

    #[test]
    fn a_base_that_cannot_be_read_or_is_huge_does_no_harm() {
        let ground = ground();
        clear(&ground.path().join("missing"), "x-");
        for name in 0..=ENTRIES {
            symlink("nowhere", ground.path().join(format!("x-{name:06}"))).expect("a link");
        }
        assert_eq!(candidates(ground.path(), "x-").expect("read").len(), ENTRIES);
        clear(ground.path(), "x-");
    }
}
