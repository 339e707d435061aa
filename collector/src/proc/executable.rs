use std::os::fd::{AsFd, AsRawFd};

use eyelet_codec::{NoteKind, ProcessRecord};
use rustix::fs::{self, AtFlags, CWD, Mode, OFlags, ResolveFlags, Stat};
use rustix::io::{self, Errno};

use super::Reader;
use super::directory::{Directory, read_link};
use super::error::Unread;
use super::notes::Notes;
use super::text::Text;

/// The file that a process runs, and whether it still lies where its path says.
#[derive(Debug, Default)]
pub(super) struct Executable {
    path: Text,
    place: Option<Place>,
}

/// What lies at a path, to one who looks for a certain file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    ThatFile,
    Another,
    Nothing,
    /// We were not let through to see.
    Hidden,
}

impl Executable {
    pub(super) fn clear(&mut self) {
        self.path.clear();
        self.place = None;
    }

    /// Reads what the process of `dir` runs; [`Unread::Missing`] if it runs nothing any more.
    pub(super) fn read(
        &mut self,
        dir: &Directory,
        reader: &Reader,
        notes: &mut Notes,
    ) -> Result<(), Unread> {
        match self.observe(dir, reader, notes) {
            Ok(place) => self.settle(place, notes),
            // Longer than PATH_MAX, so that the kernel itself does not tell it.
            Err(Errno::NAMETOOLONG) => notes.add(&ProcessRecord::EXECUTABLE_PATH, NoteKind::CUT),
            Err(errno) => return Err(Unread::new("exe", errno)),
        }
        Ok(())
    }

    /// Without the kernel's mark of a deleted file. `None` if it could not be told.
    pub(super) fn path(&self) -> Option<&[u8]> {
        self.place.map(|_| &self.path.bytes[..])
    }

    pub(super) fn text(&self) -> Option<&str> {
        self.place.map(|_| self.path.as_str())
    }

    pub(super) fn raw(&self) -> Option<&[u8]> {
        self.place.and_then(|_| self.path.raw())
    }

    pub(super) fn is_in_place(&self) -> bool {
        self.place == Some(Place::ThatFile)
    }

    pub(super) fn is_replaced(&self) -> bool {
        self.place == Some(Place::Another)
    }

    fn settle(&mut self, place: Place, notes: &mut Notes) {
        self.place = Some(place);
        if place == Place::Hidden {
            notes.add(&ProcessRecord::FILE_EXISTS, NoteKind::DENIED);
        }
        let fits = |path: &[u8]| path.len().min(ProcessRecord::EXECUTABLE_PATH.max_bytes as usize);
        if let Some(note) = self.path.settle(fits) {
            notes.add(&ProcessRecord::EXECUTABLE_PATH, note);
        }
    }

    fn observe(
        &mut self,
        dir: &Directory,
        reader: &Reader,
        notes: &mut Notes,
    ) -> io::Result<Place> {
        let file = fs::statat(dir, "exe", AtFlags::empty())?;
        read_link(dir, "exe", &mut self.path.bytes)?;
        if look(&self.path.bytes, &file) == Place::ThatFile {
            return Ok(Place::ThatFile);
        }
        let file = self.hold(dir, reader)?;
        Ok(self.place(&file, dir, reader, notes))
    }

    /// Reads path and file again, both of one descriptor: the process may have executed something
    /// else between the two, which would look like a replaced file.
    fn hold(&mut self, dir: &Directory, reader: &Reader) -> io::Result<Stat> {
        let held = fs::openat(dir, "exe", OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
        let own = format!("self/fd/{}", held.as_raw_fd());
        match read_link(reader, &own, &mut self.path.bytes) {
            // In a /proc of processes that we are none of.
            Err(Errno::NOENT) => read_link(dir, "exe", &mut self.path.bytes)?,
            read => read?,
        }
        fs::fstat(held)
    }

    /// What lies at the path where the process itself would look.
    fn place(&mut self, file: &Stat, dir: &Directory, reader: &Reader, notes: &mut Notes) -> Place {
        let here = look(&self.path.bytes, file);
        if here == Place::ThatFile || !reader.home.is_foreign(dir) {
            return self.unmark(here, file, |path| look(path, file));
        }
        notes.add(&ProcessRecord::EXECUTABLE_PATH, NoteKind::FOREIGN_NAMESPACE);
        let root = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match fs::openat(dir, "root", root, Mode::empty()) {
            Ok(root) => {
                let there = look_below(&root, &self.path.bytes, file);
                self.unmark(there, file, |path| look_below(&root, path, file))
            }
            Err(_) => self.unmark(Place::Hidden, file, |_| Place::Hidden),
        }
    }

    /// Takes the kernel's mark of a deleted file off the path and looks again, unless it may be part
    /// of a living file's name: that file would lie there, if we could but see.
    fn unmark(&mut self, found: Place, file: &Stat, look: impl Fn(&[u8]) -> Place) -> Place {
        let is_certain = file.st_nlink == 0 || found != Place::Hidden;
        match self.path.bytes.strip_suffix(DELETED) {
            Some(path) if found != Place::ThatFile && is_certain => {
                let len = path.len();
                self.path.bytes.truncate(len);
                look(&self.path.bytes)
            }
            _ => found,
        }
    }
}

/// What lies at `path` where the collector looks. A symbolic link is not followed: it is not that file.
fn look(path: &[u8], file: &Stat) -> Place {
    if !path.starts_with(b"/") {
        return Place::Nothing;
    }
    compare(fs::statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW), file)
}

/// What lies at `path` below the root of a process, which may have set traps there.
fn look_below(root: impl AsFd, path: &[u8], file: &Stat) -> Place {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let found = fs::openat2(root, path, flags, Mode::empty(), ResolveFlags::IN_ROOT);
    compare(found.and_then(fs::fstat), file)
}

fn compare(found: io::Result<Stat>, file: &Stat) -> Place {
    match found {
        Ok(found) if is_same(&found, file) => Place::ThatFile,
        Ok(_) => Place::Another,
        Err(Errno::NOENT | Errno::NOTDIR) => Place::Nothing,
        Err(_) => Place::Hidden,
    }
}

fn is_same(one: &Stat, other: &Stat) -> bool {
    (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
}

/// What the kernel appends to the path of a file without a name (`d_path`).
const DELETED: &[u8] = b" (deleted)";
