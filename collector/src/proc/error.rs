use std::fmt::{self, Display, Formatter};
use std::io;
use std::path::PathBuf;

use rustix::io::Errno;

/// Why processes could not be read at all. What concerns one process only is in its record's notes.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProcError {
    /// Nothing that could be opened is there.
    Open {
        /// What was to be opened.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Something else than a proc file system is mounted there, so nothing in it can be believed.
    NotProc {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The list of processes could not be read.
    List {
        /// What the system said.
        source: io::Error,
    },
    /// The collector has no descriptors or memory left to read a process.
    Exhausted {
        /// The process.
        pid: u32,
        /// The file in its directory.
        file: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not of the form that proc(5) describes.
    Malformed {
        /// The process.
        pid: u32,
        /// The file in its directory.
        file: &'static str,
    },
}

impl Display for ProcError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { path, source } => {
                write!(
                    f,
                    "cannot open {}: {source}; is a proc file system mounted there?",
                    path.display()
                )
            }
            Self::NotProc { path } => {
                write!(f, "{} is no proc file system; mount one there", path.display())
            }
            Self::List { source } => write!(f, "cannot list processes: {source}"),
            Self::Exhausted { pid, file, source } => {
                write!(
                    f,
                    "cannot read {file} of process {pid}: {source}; raise the limit or ask for less at once"
                )
            }
            Self::Malformed { pid, file } => {
                write!(f, "{file} of process {pid} is not of the form that proc(5) describes")
            }
        }
    }
}

impl std::error::Error for ProcError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Open { source, .. } | Self::List { source } | Self::Exhausted { source, .. } => {
                Some(source)
            }
            Self::NotProc { .. } | Self::Malformed { .. } => None,
        }
    }
}

/// Why something of one process could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// The process, or this of it, is not there.
    Missing,
    /// The system did not let us.
    Denied,
    /// We are out of descriptors or memory for this file.
    Exhausted(&'static str, Errno),
}

/// Why the reading of one process was not gone on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It is there no more.
    Ended,
    /// We are out of descriptors or memory for this file.
    Exhausted(&'static str, Errno),
    /// This file is not of the expected form.
    Malformed(&'static str),
}

impl Unread {
    /// An errno that says something about one process must not hide the others, so whatever is
    /// neither its end nor our own need counts as denied.
    pub(super) fn new(file: &'static str, errno: Errno) -> Self {
        match errno {
            Errno::NOENT | Errno::SRCH => Self::Missing,
            Errno::MFILE | Errno::NFILE | Errno::NOMEM => Self::Exhausted(file, errno),
            _ => Self::Denied,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_need_stops_a_snapshot() {
        for (errno, want) in [
            (Errno::NOENT, Unread::Missing),
            (Errno::SRCH, Unread::Missing),
            (Errno::ACCESS, Unread::Denied),
            (Errno::PERM, Unread::Denied),
            (Errno::IO, Unread::Denied),
            (Errno::MFILE, Unread::Exhausted("stat", Errno::MFILE)),
            (Errno::NFILE, Unread::Exhausted("stat", Errno::NFILE)),
            (Errno::NOMEM, Unread::Exhausted("stat", Errno::NOMEM)),
        ] {
            assert_eq!(Unread::new("stat", errno), want, "{errno}");
        }
    }
}
