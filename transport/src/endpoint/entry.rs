//! What lies at a path, itself and not what it points to.

use std::fs::{self, FileType, Metadata};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::{fmt, io};

use rustix::process::geteuid;

use crate::peer::User;

/// An entry of a directory as it was when looked at: displayed as
/// `directory /run/x (mode 0700, owned by root (uid 0))`.
#[derive(Clone, Debug)]
pub struct Entry {
    path: PathBuf,
    file_type: FileType,
    mode: u32,
    uid: u32,
    links: u64,
    /// Device and inode: the same two are the same file as long as it is held open.
    identity: (u64, u64),
}

impl Entry {
    /// Looks at `path` without following it. `None`: nothing is there.
    pub(super) fn at(path: &Path) -> io::Result<Option<Self>> {
        match fs::symlink_metadata(path) {
            Ok(metadata) => Ok(Some(Self::new(path, &metadata))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn new(path: &Path, metadata: &Metadata) -> Self {
        Self {
            path: path.to_owned(),
            file_type: metadata.file_type(),
            mode: metadata.mode() & 0o7777,
            uid: metadata.uid(),
            links: metadata.nlink(),
            identity: (metadata.dev(), metadata.ino()),
        }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Permission bits, `0o7777` at most.
    pub fn mode(&self) -> u32 {
        self.mode
    }

    /// Owner.
    pub fn uid(&self) -> u32 {
        self.uid
    }

    pub(super) fn is_socket(&self) -> bool {
        self.file_type.is_socket()
    }

    pub(super) fn is_own_socket(&self) -> bool {
        self.is_socket() && self.uid == geteuid().as_raw()
    }

    pub(super) fn is_symlink(&self) -> bool {
        self.file_type.is_symlink()
    }

    pub(super) fn is_dir(&self) -> bool {
        self.file_type.is_dir()
    }

    pub(super) fn is_file(&self) -> bool {
        self.file_type.is_file()
    }

    pub(super) fn has_other_names(&self) -> bool {
        self.links > 1
    }

    /// Whether this very file, and not another one, is still at its path.
    pub(super) fn is_still_there(&self) -> bool {
        Self::at(&self.path).is_ok_and(|now| now.is_some_and(|now| now.is_same_as(self)))
    }

    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        self.identity == other.identity
    }

    fn noun(&self) -> &'static str {
        match self.file_type {
            t if t.is_dir() => "directory",
            t if t.is_file() => "regular file",
            t if t.is_symlink() => "symbolic link",
            t if t.is_socket() => "socket",
            t if t.is_fifo() => "FIFO",
            _ => "device",
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (noun, path, owner) = (self.noun(), self.path.display(), User(self.uid));
        write!(f, "{noun} {path} (mode {:04o}, owned by {owner})", self.mode)
    }
}
