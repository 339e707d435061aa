//! The lock file beside a path: whoever holds it may serve there, and nobody else.

use std::ffi::OsString;
use std::fs::{File, Permissions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process;

use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::entry::Entry;
use super::error::{BindError, Failure, LockFlaw};

/// The right to serve at a path, held until it is dropped or this process ends, however it ends.
///
/// The file `P.lock` stays for good: were it removed, a starter that had opened it before and one
/// that creates it anew could both hold a lock. The pid in it is information.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Lock {
    /// Takes the lock of the endpoint at `socket`.
    pub(super) fn acquire(socket: &Path) -> Result<Self, BindError> {
        let path = beside(socket);
        for _ in 0..ATTEMPTS {
            let (file, entry) = open(&path).map_err(|error| not_opened(&path, error))?;
            if let Some(flaw) = flaw(&entry) {
                return Err(BindError::Lock { entry, flaw });
            }
            let text = text(&file).map_err(Failure::when("read lock file", &path))?;
            if !take(&file).map_err(Failure::when("lock", &path))? {
                return Err(BindError::InUse { path: socket.to_owned(), pid: pid(&text) });
            }
            let lock = Self(file);
            if !text.is_empty() && pid(&text).is_none() {
                return Err(BindError::Lock { entry, flaw: LockFlaw::Content });
            }
            // Whether what we locked is what others will try to lock.
            if entry.is_still_there() {
                lock.sign().map_err(Failure::when("write lock file", &path))?;
                return Ok(lock);
            }
        }
        Err(BindError::Replaced(path))
    }

    fn sign(&self) -> io::Result<()> {
        let mut file = &self.0;
        file.set_permissions(Permissions::from_mode(PRIVATE))?;
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", process::id())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing would not release it while a child, forked and not yet in `exec`, has it too.
        if let Err(error) = rustix::fs::flock(&self.0, FlockOperation::Unlock) {
            log::warn!("cannot release an endpoint's lock file: {error}");
        }
    }
}

fn beside(socket: &Path) -> PathBuf {
    let mut path = OsString::from(socket);
    path.push(".lock");
    path.into()
}

fn open(path: &Path) -> io::Result<(File, Entry)> {
    // Without NONBLOCK a FIFO there would make us wait for a reader.
    let flags =
        OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = File::from(rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)?);
    let entry = Entry::new(path, &file.metadata()?);
    Ok((file, entry))
}

fn not_opened(path: &Path, error: io::Error) -> BindError {
    let flawed = Entry::at(path).ok().flatten().and_then(|entry| Some((flaw(&entry)?, entry)));
    match flawed {
        Some((flaw, entry)) => BindError::Lock { entry, flaw },
        None => Failure::when("open lock file", path)(error).into(),
    }
}

/// We write to this file, so it may be nothing that anybody else could have put there.
fn flaw(entry: &Entry) -> Option<LockFlaw> {
    match entry {
        entry if !entry.is_file() => Some(LockFlaw::NotAFile),
        entry if entry.uid() != geteuid().as_raw() => Some(LockFlaw::Owner),
        entry if entry.has_other_names() => Some(LockFlaw::OtherNames),
        _ => None,
    }
}

fn take(file: &File) -> io::Result<bool> {
    match rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn text(file: &File) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    file.take(LONGEST_PID + 1).read_to_end(&mut text)?;
    Ok(text)
}

fn pid(text: &[u8]) -> Option<u32> {
    str::from_utf8(text).ok()?.strip_suffix('\n')?.parse().ok()
}

const PRIVATE: u32 = 0o600;

/// Ten digits and the end of the line.
const LONGEST_PID: u64 = 11;

/// A lock file that is another one each time we have locked it is being fought over.
const ATTEMPTS: usize = 8;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, symlink};

    use super::super::testbed::{STRANGER, chmod, give_away, ground, is_root, make_fifo, own_name};
    use super::*;

    /// Puts something where the lock file should be, maybe made of another file.
    type Plant = fn(&Path, &Path);

    fn refusal(socket: &Path) -> String {
        Lock::acquire(socket).expect_err("refused").to_string()
    }

    #[test]
    fn a_second_holder_is_told_the_pid_of_the_first() {
        let ground = ground();
        let socket = ground.path().join("p.sock");
        let first = Lock::acquire(&socket).expect("free");
        let want = format!("endpoint {} is in use by pid {}", socket.display(), process::id());
        assert_eq!(refusal(&socket), want);
        assert_eq!(refusal(&socket), want, "the refused one let the lock go");
        drop(first);
        Lock::acquire(&socket).expect("free again");
    }

    #[test]
    fn the_file_stays_and_holds_the_last_pid_alone() {
        let ground = ground();
        let socket = ground.path().join("p.sock");
        let file = beside(&socket);
        for before in ["", "4194304\n"] {
            fs::write(&file, before).expect("a lock file");
            chmod(&file, 0o666);
            drop(Lock::acquire(&socket).expect("free"));
            assert_eq!(
                fs::read_to_string(&file).expect("still there"),
                format!("{}\n", process::id())
            );
            assert_eq!(fs::symlink_metadata(&file).expect("still there").mode() & 0o7777, 0o600);
        }
    }

    #[test]
    fn a_lock_released_while_a_copy_of_its_descriptor_lives_is_free() {
        let ground = ground();
        let socket = ground.path().join("p.sock");
        let lock = Lock::acquire(&socket).expect("free");
        let copy = lock.0.try_clone().expect("a copy");
        drop(lock);
        Lock::acquire(&socket).expect("free again");
        drop(copy);
    }

    #[test]
    fn what_cannot_be_our_lock_file_is_refused_and_left_alone() {
        let ground = ground();
        let target = ground.path().join("target");
        fs::write(&target, "precious").expect("a file");
        chmod(&target, 0o640);
        let place = |name: &str| {
            let socket = ground.path().join(name);
            let lock = beside(&socket);
            (socket, lock)
        };
        let cases: [(&str, Plant, &str, &str); 6] = [
            (
                "directory",
                |lock, _| {
                    fs::create_dir(lock).expect("a directory");
                    chmod(lock, 0o755);
                },
                "0755",
                "it is not a regular file",
            ),
            (
                "FIFO",
                |lock, _| {
                    make_fifo(lock);
                    chmod(lock, 0o400);
                },
                "0400",
                "it is not a regular file",
            ),
            (
                "symbolic link",
                |lock, target| symlink(target, lock).expect("a link"),
                "0777",
                "it is not a regular file",
            ),
            (
                "socket",
                |lock, _| {
                    super::super::testbed::leave_stale_socket(lock);
                    chmod(lock, 0o600);
                },
                "0600",
                "it is not a regular file",
            ),
            (
                "regular file",
                |lock, target| fs::hard_link(target, lock).expect("a hard link"),
                "0640",
                "it is a hard link to a file with other names",
            ),
            (
                "regular file",
                |lock, target| {
                    fs::copy(target, lock).expect("a file of the user's");
                },
                "0640",
                "it holds something else than a pid",
            ),
        ];
        for (n, (noun, plant, mode, why)) in cases.into_iter().enumerate() {
            let (socket, lock) = place(&format!("p{n}"));
            plant(&lock, &target);
            let want = format!(
                "{noun} {} (mode {mode}, owned by {}) cannot be the endpoint's lock file, since {why}",
                lock.display(),
                own_name()
            );
            assert_eq!(refusal(&socket), want);
            if noun == "regular file" {
                assert_eq!(fs::read(&lock).expect("still there"), b"precious");
            }
        }
        assert_eq!(fs::read(&target).expect("still there"), b"precious");
    }

    #[test]
    fn a_lock_file_of_another_user_is_refused() {
        if !is_root("a_lock_file_of_another_user_is_refused") {
            return;
        }
        let ground = ground();
        let socket = ground.path().join("p.sock");
        let lock = beside(&socket);
        fs::write(&lock, "").expect("a lock file");
        chmod(&lock, 0o600);
        give_away(&lock);
        let want = format!(
            "regular file {} (mode 0600, owned by uid {STRANGER}) cannot be the endpoint's lock \
             file, since it belongs to another user",
            lock.display()
        );
        assert_eq!(refusal(&socket), want);
    }

    #[test]
    fn only_a_whole_line_of_digits_is_a_pid() {
        for (text, want) in [
            ("1\n", Some(1)),
            ("4294967295\n", Some(u32::MAX)),
            ("4294967296\n", None),
            ("12", None),
            ("", None),
            ("\n", None),
            ("12\n3\n", None),
            ("-1\n", None),
        ] {
            assert_eq!(pid(text.as_bytes()), want, "{text:?}");
        }
    }
}
