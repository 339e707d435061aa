//! Directories in which nobody but us and root can change what lies there.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use rustix::process::geteuid;
use tempfile::TempDir;

use super::entry::Entry;
use super::error::{BindError, DirectoryFlaw, Failure};
use super::trail::Trail;
use super::{leftovers, path};

/// A directory that we made for one socket: ours, mode 0700. A shared lock on it keeps cleaners
/// of temporary files away from what is in it (systemd-tmpfiles heeds such a lock, and has been
/// seen to remove live sockets without), and the next server of ours, which removes what killed
/// ones left. Dropping it removes the directory, if nothing is left in it.
#[derive(Debug)]
pub(super) struct PrivateDirectory {
    entry: Entry,
    _locked: File,
}

impl PrivateDirectory {
    /// Makes one in `base`, its name beginning with `prefix`, and removes what is left there of
    /// servers that were killed.
    pub(super) fn create(base: &Path, prefix: &str) -> Result<Self, BindError> {
        if prefix.contains(['/', '\0']) {
            return Err(BindError::Prefix(prefix.to_owned()));
        }
        let base = path::directory(base)?;
        guard_way(&base)?;
        leftovers::clear(&base, prefix);
        let mut more = 1..ATTEMPTS;
        loop {
            match Self::make(&base, prefix) {
                Err(BindError::Replaced(_)) if more.next().is_some() => {}
                made => return made,
            }
        }
    }

    pub(super) fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Until it is locked it looks abandoned, and somebody who clears up may take it away.
    fn make(base: &Path, prefix: &str) -> Result<Self, BindError> {
        let fresh = fresh(base, prefix).map_err(Failure::when("create a directory in", base))?;
        let (entry, locked) = match make_private(fresh.path()) {
            Err(error) if is_cleared_up(&error) => return Err(replaced(&fresh)),
            made => made.map_err(Failure::when("take hold of directory", fresh.path()))?,
        };
        check_own(&entry)?;
        if !entry.is_still_there() {
            return Err(replaced(&fresh));
        }
        // What removes it from now on looks first whether it is still ours, and is not recursive.
        let _path = fresh.keep();
        Ok(Self { entry, _locked: locked })
    }
}

impl Drop for PrivateDirectory {
    fn drop(&mut self) {
        let path = self.entry.path();
        if !self.entry.is_still_there() {
            return;
        }
        if let Err(error) = fs::remove_dir(path) {
            log::warn!("cannot remove directory {}: {error}", path.display());
        }
    }
}

fn fresh(base: &Path, prefix: &str) -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    let private = Permissions::from_mode(PRIVATE);
    builder.prefix(prefix).rand_bytes(RANDOM).permissions(private).tempdir_in(base)
}

fn make_private(path: &Path) -> io::Result<(Entry, File)> {
    // The umask may have taken our own bits, and a base with setgid have given one.
    fs::set_permissions(path, Permissions::from_mode(PRIVATE))?;
    hold(path, FlockOperation::NonBlockingLockShared)
}

/// Opens a directory, itself and not what it points to, and locks it until the file is closed.
pub(super) fn hold(path: &Path, lock: FlockOperation) -> io::Result<(Entry, File)> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    rustix::fs::flock(&file, lock)?;
    Ok((Entry::new(path, &file.metadata()?), file))
}

fn is_cleared_up(error: &io::Error) -> bool {
    [Errno::WOULDBLOCK, Errno::NOENT].map(Some).contains(&Errno::from_io_error(error))
}

fn replaced(fresh: &TempDir) -> BindError {
    BindError::Replaced(fresh.path().to_owned())
}

/// Whether a directory is as we make them.
pub(super) fn is_private(entry: &Entry) -> bool {
    check_own(entry).is_ok()
}

fn check_own(entry: &Entry) -> Result<(), BindError> {
    let flaw = match entry {
        entry if entry.uid() != geteuid().as_raw() => DirectoryFlaw::Owner,
        entry if entry.mode() != PRIVATE => DirectoryFlaw::Writable,
        _ => return Ok(()),
    };
    Err(BindError::Unsafe { entry: entry.clone(), flaw })
}

/// Looks at a directory that somebody chose for a socket, and at the way to it.
pub(super) fn given(path: &Path) -> Result<Entry, BindError> {
    let entry = Entry::at(path)
        .map_err(Failure::when("look at directory", path))?
        .ok_or_else(|| BindError::NoDirectory(path.to_owned()))?;
    let flaw = match &entry {
        entry if entry.is_symlink() => Some(DirectoryFlaw::Symlink),
        entry if !entry.is_dir() => Some(DirectoryFlaw::NotADirectory),
        _ => None,
    };
    if let Some(flaw) = flaw {
        return Err(BindError::Unsafe { entry, flaw });
    }
    guard_way(path)?;
    if entry.mode() & OTHERS_WRITE != 0 {
        log::warn!(
            "{entry} is open to every user: an endpoint is better off in a directory of its own"
        );
    }
    Ok(entry)
}

/// Passes if nobody but us and root can change where `path` leads.
fn guard_way(path: &Path) -> Result<(), BindError> {
    let own = geteuid().as_raw();
    for entry in Trail::to(path) {
        let entry = entry.map_err(Failure::when("follow the way to", path))?;
        if let Some(flaw) = flaw(&entry, own) {
            return Err(BindError::Unsafe { entry, flaw });
        }
    }
    Ok(())
}

fn flaw(entry: &Entry, own: u32) -> Option<DirectoryFlaw> {
    // In a sticky directory, only an entry's owner and the directory's can replace it.
    let sticky = entry.mode() & STICKY != 0 && entry.uid() == 0;
    match entry {
        entry if ![0, own].contains(&entry.uid()) => Some(DirectoryFlaw::Owner),
        // The mode of a link means nothing: that of the directory it lies in counts.
        entry if entry.is_symlink() => None,
        entry if !entry.is_dir() => Some(DirectoryFlaw::NotADirectory),
        entry if entry.mode() & OTHERS_WRITE != 0 && !sticky => Some(DirectoryFlaw::Writable),
        _ => None,
    }
}

const PRIVATE: u32 = 0o700;
/// Letters and digits after the prefix of a private directory's name, 57 thousand million ways.
pub(super) const RANDOM: usize = 6;
/// Only a start that meets somebody clearing up in just that moment needs a second one.
const ATTEMPTS: usize = 8;
const OTHERS_WRITE: u32 = 0o022;
const STICKY: u32 = 0o1000;

#[cfg(test)]
mod tests {
    use std::fs::DirEntry;
    use std::os::unix::fs::{MetadataExt as _, lchown, symlink};
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::super::testbed::{
        STRANGER, as_stranger, chmod, give_away, ground, is_root, own_name, own_uid,
    };
    use super::*;

    fn refusal<T: std::fmt::Debug>(result: Result<T, BindError>) -> String {
        result.expect_err("refused").to_string()
    }

    fn content(directory: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(directory).expect("a directory");
        entries.map(|entry| entry.as_ref().map(DirEntry::path).expect("an entry")).collect()
    }

    #[test]
    fn of_all_modes_those_that_let_others_write_are_refused() {
        let ground = ground();
        judge_every_mode(ground.path());
    }

    #[test]
    fn a_sticky_directory_of_somebody_who_is_not_root_is_refused() {
        if !is_root("a_sticky_directory_of_somebody_who_is_not_root_is_refused") {
            return;
        }
        let ground = ground();
        give_away(ground.path());
        as_stranger(|| judge_every_mode(ground.path()));
    }

    fn judge_every_mode(ground: &Path) {
        let directory = ground.join("given");
        fs::create_dir(&directory).expect("a directory");
        for mode in 0..0o2000 {
            chmod(&directory, mode);
            let safe = mode & 0o022 == 0 || mode & 0o1000 != 0 && own_uid() == 0;
            match given(&directory) {
                Ok(entry) => assert!(safe && entry.mode() == mode, "mode {mode:04o} passed"),
                Err(error) => {
                    assert!(!safe, "mode {mode:04o} refused: {error}");
                    let want = format!(
                        "directory {} (mode {mode:04o}, owned by {}) lets other users replace the \
                         endpoint: take their right to write (chmod go-w) or choose another",
                        directory.display(),
                        own_name()
                    );
                    assert_eq!(error.to_string(), want);
                }
            }
        }
        chmod(&directory, 0o700);
    }

    #[test]
    fn a_private_directory_that_is_not_as_it_was_made_is_noticed() {
        let ground = ground();
        let mut cases = vec![(0o700, own_uid(), true), (0o710, own_uid(), false)];
        if is_root("a_private_directory_that_is_not_as_it_was_made_is_noticed, by its owner") {
            cases.push((0o700, STRANGER, false));
        }
        for (mode, uid, passes) in cases {
            chmod(ground.path(), mode);
            if uid != own_uid() {
                give_away(ground.path());
            }
            let entry = Entry::at(ground.path()).expect("looked").expect("there");
            assert_eq!(check_own(&entry).is_ok(), passes, "{entry}");
        }
    }

    #[test]
    fn a_directory_of_another_user_is_refused_whatever_its_mode() {
        if !is_root("a_directory_of_another_user_is_refused_whatever_its_mode") {
            return;
        }
        let ground = ground();
        give_away(ground.path());
        for mode in [0o700, 0o755, 0o777, 0o1777] {
            chmod(ground.path(), mode);
            let want = format!(
                "directory {} (mode {mode:04o}, owned by uid 65534) could be changed under the \
                 endpoint by its owner: choose a directory of yours or root's",
                ground.path().display()
            );
            assert_eq!(refusal(given(ground.path())), want);
            assert_eq!(refusal(PrivateDirectory::create(ground.path(), "x-")), want);
        }
        assert!(content(ground.path()).is_empty());
    }

    #[test]
    fn what_is_no_directory_or_stands_for_one_is_refused() {
        let ground = ground();
        let [file, link, missing] =
            ["file", "link", "missing"].map(|name| ground.path().join(name));
        fs::write(&file, "").expect("a file");
        chmod(&file, 0o644);
        symlink(ground.path(), &link).expect("a link");
        let own = own_name();
        let cases = [
            (
                &file,
                format!(
                    "regular file {} (mode 0644, owned by {own}) is not a directory: an endpoint \
                     cannot be in it",
                    file.display()
                ),
            ),
            (
                &link,
                format!(
                    "symbolic link {} (mode 0777, owned by {own}) may not stand for the \
                     endpoint's directory: name the directory itself",
                    link.display()
                ),
            ),
            (
                &missing,
                format!("directory {} does not exist: create it with mode 0700", missing.display()),
            ),
        ];
        for (path, want) in cases {
            assert_eq!(refusal(given(path)), want);
        }
    }

    #[test]
    fn a_safe_directory_below_an_unsafe_one_is_refused() {
        let ground = ground();
        let below = ground.path().join("below");
        fs::create_dir(&below).expect("a directory");
        chmod(&below, 0o700);
        assert!(given(&below).is_ok());
        chmod(ground.path(), 0o757);
        let named = format!("directory {} (mode 0757,", ground.path().display());
        assert!(refusal(given(&below)).starts_with(&named));
        assert!(refusal(PrivateDirectory::create(&below, "x-")).starts_with(&named));
        assert!(content(&below).is_empty());
    }

    #[test]
    fn a_link_on_the_way_passes_unless_a_stranger_made_it() {
        let ground = ground();
        let link = ground.path().join("link");
        fs::create_dir_all(ground.path().join("real/given")).expect("directories");
        chmod(&ground.path().join("real"), 0o755);
        chmod(&ground.path().join("real/given"), 0o755);
        symlink("real", &link).expect("a link");
        assert!(given(&link.join("given")).is_ok());
        if !is_root("a_link_on_the_way_passes_unless_a_stranger_made_it") {
            return;
        }
        lchown(&link, Some(STRANGER), None).expect("another owner");
        let named = format!("symbolic link {} (mode 0777, owned by uid 65534)", link.display());
        assert!(refusal(given(&link.join("given"))).starts_with(&named));
    }

    #[test]
    fn a_private_directory_is_ours_and_0700_and_goes_when_dropped() {
        for base_mode in [0o755, 0o2755, 0o700] {
            let ground = ground();
            chmod(ground.path(), base_mode);
            let private = PrivateDirectory::create(ground.path(), "pre-").expect("made");
            let path = private.entry().path().to_owned();
            let metadata = fs::symlink_metadata(&path).expect("there");
            assert!(metadata.is_dir());
            assert_eq!((metadata.mode() & 0o7777, metadata.uid()), (0o700, own_uid()));
            assert!(
                path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("pre-"))
            );
            drop(private);
            assert!(content(ground.path()).is_empty(), "base {base_mode:04o}");
        }
    }

    #[test]
    fn a_private_directory_is_locked_against_cleaners_as_long_as_it_lives() {
        let ground = ground();
        let private = PrivateDirectory::create(ground.path(), "x-").expect("made");
        let clean = |path: &Path| {
            let directory = File::open(path).expect("opened");
            rustix::fs::flock(&directory, FlockOperation::NonBlockingLockExclusive)
        };
        assert_eq!(clean(private.entry().path()), Err(rustix::io::Errno::WOULDBLOCK));
        assert_eq!(clean(ground.path()), Ok(()), "a cleaner is at work where no lock is");
    }

    #[test]
    fn one_that_is_cleared_up_before_it_is_locked_is_made_again() {
        const CLEARED: usize = 2;
        let ground = ground();
        let cleared = AtomicUsize::new(0);
        thread::scope(|scope| {
            let cleaner = scope.spawn(|| {
                while cleared.load(Ordering::Relaxed) < CLEARED {
                    if content(ground.path()).iter().any(|path| is_removed(path)) {
                        cleared.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
            let mut made = true;
            while made && !cleaner.is_finished() {
                made = PrivateDirectory::create(ground.path(), "x-")
                    .is_ok_and(|directory| directory.entry().is_still_there());
            }
            // Lets the cleaner go, too.
            cleared.store(CLEARED, Ordering::Relaxed);
            assert!(made);
        });
    }

    /// As a cleaner without patience does it.
    fn is_removed(path: &Path) -> bool {
        let held = hold(path, FlockOperation::NonBlockingLockExclusive);
        held.is_ok_and(|_held| fs::remove_dir(path).is_ok())
    }

    #[test]
    fn what_somebody_put_in_or_instead_of_a_private_directory_stays() {
        let ground = ground();
        let used = PrivateDirectory::create(ground.path(), "x-").expect("made");
        let file = used.entry().path().join("file");
        fs::write(&file, "mine").expect("a file");
        drop(used);
        assert_eq!(fs::read(&file).expect("still there"), b"mine");

        let moved = PrivateDirectory::create(ground.path(), "x-").expect("made");
        let path = moved.entry().path().to_owned();
        fs::rename(&path, ground.path().join("aside")).expect("moved");
        fs::create_dir(&path).expect("another one");
        drop(moved);
        assert!(path.is_dir());
    }

    #[test]
    fn a_prefix_cannot_lead_elsewhere() {
        let ground = ground();
        for prefix in ["../x-", "a/b", "/x", "a\0b"] {
            let error = PrivateDirectory::create(ground.path(), prefix).expect_err("refused");
            assert!(matches!(&error, BindError::Prefix(given) if given == prefix), "{error}");
        }
        assert!(content(ground.path()).is_empty());
        assert!(PrivateDirectory::create(ground.path(), "").is_ok());
    }
}
