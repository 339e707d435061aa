//! Why an endpoint could not be made, or not be reached.

use std::path::{Path, PathBuf};
use std::{error, fmt, io};

use super::entry::Entry;
use super::path::PathError;
use crate::peer::{Refusal, User, Users};

/// What sort of failure an error is: what a command makes its exit code of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller asked for what cannot be.
    Usage,
    /// Nobody serves there, or not now; or somebody else does already.
    Unavailable,
    /// The file system, or our own check of what is there, says no.
    Refused,
    /// The system failed.
    Io,
}

/// Why no server could be set up.
#[derive(Debug)]
#[non_exhaustive]
pub enum BindError {
    /// No endpoint can be at this path.
    Path(PathError),
    /// The prefix of a private directory has a slash or a NUL byte in it.
    Prefix(String),
    /// The directory of the path is missing.
    NoDirectory(PathBuf),
    /// Somebody else could change what is at the path.
    Unsafe {
        /// The entry on the way to the path that allows it.
        entry: Entry,
        /// How.
        flaw: DirectoryFlaw,
    },
    /// Another server has this path, or it could not be ruled out.
    InUse {
        /// The endpoint's path.
        path: PathBuf,
        /// The server's process as its lock file says, where it has one.
        pid: Option<u32>,
    },
    /// Something that is not our stale socket is at the path. It is left alone.
    Occupied(Entry),
    /// What is at the lock file's path cannot be our lock file. It is left alone.
    Lock {
        /// What is there.
        entry: Entry,
        /// Why it cannot.
        flaw: LockFlaw,
    },
    /// The socket, its lock file or its private directory, just made, is gone or another one: somebody
    /// else is at work there.
    Replaced(PathBuf),
    /// The system failed.
    Io(Failure),
}

/// How a directory lets somebody else change what is in it, or what it leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DirectoryFlaw {
    /// It is a symbolic link where the directory itself must be.
    Symlink,
    /// It is not a directory.
    NotADirectory,
    /// It belongs to a user who is neither us nor root.
    Owner,
    /// Group or others may write to it, and it is not a sticky directory of root's.
    Writable,
}

/// Why a file cannot be our lock file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LockFlaw {
    /// It is not a regular file.
    NotAFile,
    /// It belongs to another user.
    Owner,
    /// It has another name as well, so it may be anything.
    OtherNames,
    /// It holds something other than a pid.
    Content,
}

/// Why no server could be reached.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectError {
    /// No endpoint can be at this path; a path that is too long is among these.
    Path(PathError),
    /// Nothing is there.
    NotFound(PathBuf),
    /// The file system keeps us out.
    Denied {
        /// The component of the path that does: a directory on the way, or the socket.
        entry: Entry,
        /// Who we are.
        uid: u32,
    },
    /// A symbolic link is at the path. It is not followed.
    Symlink(Entry),
    /// Something else than a socket is at the path.
    NotASocket(Entry),
    /// The socket belongs to a user that is not trusted as a server. It is not connected to.
    WrongOwner {
        /// The socket.
        entry: Entry,
        /// The uids that are.
        trusted: Vec<u32>,
    },
    /// The socket is there, but its server is gone.
    NobodyListens(PathBuf),
    /// The server does not keep up with those who want to connect; it may a moment later.
    Busy(PathBuf),
    /// The server runs as a user that is not trusted as one. Nothing was sent to it.
    WrongServer {
        /// The endpoint's path.
        path: PathBuf,
        /// Who it is, and who it should be.
        refusal: Refusal,
    },
    /// The system failed.
    Io(Failure),
}

/// A system call that failed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failure {
    /// What was tried: a verb that is followed by the path.
    pub doing: &'static str,
    /// At which path.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl Failure {
    /// For `map_err`: names what was tried, and where.
    pub(super) fn when<E>(doing: &'static str, path: &Path) -> impl FnOnce(E) -> Self
    where
        E: Into<io::Error>,
    {
        move |source| Self { doing, path: path.to_owned(), source: source.into() }
    }

    fn kind(&self) -> ErrorKind {
        match self.source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                ErrorKind::Refused
            }
            _ => ErrorKind::Io,
        }
    }
}

impl BindError {
    /// What sort of failure this is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Path(_) | Self::Prefix(_) => ErrorKind::Usage,
            Self::NoDirectory(_) | Self::InUse { .. } | Self::Occupied(_) | Self::Replaced(_) => {
                ErrorKind::Unavailable
            }
            Self::Unsafe { .. } | Self::Lock { .. } => ErrorKind::Refused,
            Self::Io(failure) => failure.kind(),
        }
    }
}

impl ConnectError {
    /// What sort of failure this is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Path(_) => ErrorKind::Usage,
            Self::NotFound(_) | Self::NotASocket(_) | Self::NobodyListens(_) | Self::Busy(_) => {
                ErrorKind::Unavailable
            }
            Self::Denied { .. }
            | Self::Symlink(_)
            | Self::WrongOwner { .. }
            | Self::WrongServer { .. } => ErrorKind::Refused,
            Self::Io(failure) => failure.kind(),
        }
    }
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(error) => error.fmt(f),
            Self::Prefix(prefix) => {
                write!(f, "prefix {prefix:?} of a private directory has a slash or NUL byte in it")
            }
            Self::NoDirectory(path) => {
                write!(f, "directory {} does not exist: create it with mode 0700", path.display())
            }
            Self::Unsafe { entry, flaw } => write!(f, "{entry} {flaw}"),
            Self::InUse { path, pid: Some(pid) } => {
                write!(f, "endpoint {} is in use by pid {pid}", path.display())
            }
            Self::InUse { path, pid: None } => {
                write!(f, "endpoint {} is in use by another process", path.display())
            }
            Self::Occupied(entry) => {
                write!(
                    f,
                    "{entry} is where the endpoint should be: choose another path, or remove it yourself"
                )
            }
            Self::Lock { entry, flaw } => {
                write!(f, "{entry} cannot be the endpoint's lock file, since {flaw}")
            }
            Self::Replaced(path) => {
                let path = path.display();
                write!(
                    f,
                    "{path} was replaced while the endpoint was made: find out who uses that path too"
                )
            }
            Self::Io(failure) => failure.fmt(f),
        }
    }
}

impl fmt::Display for DirectoryFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Symlink => "may not stand for the endpoint's directory: name the directory itself",
            Self::NotADirectory => "is not a directory: an endpoint cannot be in it",
            Self::Owner => {
                "could be changed under the endpoint by its owner: choose a directory of yours or root's"
            }
            Self::Writable => {
                "lets other users replace the endpoint: take their right to write (chmod go-w) or choose another"
            }
        })
    }
}

impl fmt::Display for LockFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAFile => "it is not a regular file",
            Self::Owner => "it belongs to another user",
            Self::OtherNames => "it is a hard link to a file with other names",
            Self::Content => "it holds something else than a pid",
        })
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(error) => error.fmt(f),
            Self::NotFound(path) => {
                write!(f, "no endpoint at {}: is the server running?", path.display())
            }
            Self::Denied { entry, uid } => write!(f, "{entry} does not let {} in", User(*uid)),
            Self::Symlink(entry) => {
                write!(f, "{entry} is not followed: name the socket itself")
            }
            Self::NotASocket(entry) => {
                write!(f, "{entry} is not an endpoint: it is no stream socket")
            }
            Self::WrongOwner { entry, trusted } => {
                write!(f, "{entry} is not trusted: a server's socket belongs to {}", Users(trusted))
            }
            Self::NobodyListens(path) => {
                write!(f, "nobody listens at {}: its server has ended", path.display())
            }
            Self::Busy(path) => {
                write!(
                    f,
                    "the server at {} has too many waiting to connect: try again",
                    path.display()
                )
            }
            Self::WrongServer { path, refusal } => {
                write!(f, "the server at {} is not trusted: {refusal}", path.display())
            }
            Self::Io(failure) => failure.fmt(f),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} {}: {}", self.doing, self.path.display(), self.source)
    }
}

impl error::Error for BindError {}
impl error::Error for ConnectError {}
impl error::Error for Failure {}

impl From<PathError> for BindError {
    fn from(error: PathError) -> Self {
        Self::Path(error)
    }
}

impl From<PathError> for ConnectError {
    fn from(error: PathError) -> Self {
        Self::Path(error)
    }
}

impl From<Failure> for BindError {
    fn from(failure: Failure) -> Self {
        Self::Io(failure)
    }
}

impl From<Failure> for ConnectError {
    fn from(failure: Failure) -> Self {
        Self::Io(failure)
    }
}
