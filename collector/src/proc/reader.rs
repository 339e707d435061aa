use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::buffer::spare_capacity;
use rustix::fs::{self, CWD, Mode, OFlags, PROC_SUPER_MAGIC};
use rustix::io;

use super::directory::{DIRECTORY, numbers};
use super::namespace::MountNamespace;
use super::{ProcError, Snapshot};
use crate::filter::Filter;

/// An open `/proc`, of which threads may take any number of snapshots at once.
#[derive(Debug)]
pub struct Reader {
    proc: OwnedFd,
    pub(super) home: MountNamespace,
    /// Empty where the system does not tell it; records then have no `entity_id`.
    pub(super) boot_id: String,
}

impl Reader {
    /// Opens this system's `/proc`.
    ///
    /// # Errors
    /// [`ProcError::Open`], and [`ProcError::NotProc`] where something else is mounted there.
    pub fn open() -> Result<Self, ProcError> {
        Self::at(Path::new("/proc"))
    }

    /// Opens a `/proc` that is mounted elsewhere, as a host's may be in a container. Errors as of
    /// [`open`](Self::open).
    pub fn at(path: &Path) -> Result<Self, ProcError> {
        let failed = |errno: io::Errno| ProcError::Open { path: path.into(), source: errno.into() };
        let proc = fs::openat(CWD, path, DIRECTORY, Mode::empty()).map_err(failed)?;
        if fs::fstatfs(&proc).map_err(failed)?.f_type != PROC_SUPER_MAGIC {
            return Err(ProcError::NotProc { path: path.into() });
        }
        let boot_id = boot_id(&proc).unwrap_or_default();
        Ok(Self { home: MountNamespace::own(&proc), boot_id, proc })
    }

    /// Lists the processes that there are now and that `filter` asks for by pid; they are read when
    /// the snapshot is asked for them.
    ///
    /// # Errors
    /// [`ProcError::List`].
    pub fn snapshot<'r>(&'r self, filter: &'r Filter) -> Result<Snapshot<'r>, ProcError> {
        let pids = match filter.pids() {
            [] => self.pids().map_err(|errno| ProcError::List { source: errno.into() })?,
            pids => pids.to_vec(),
        };
        Ok(Snapshot::new(self, filter, pids))
    }

    /// A descriptor of its own for each listing, since two would share one's position.
    fn pids(&self) -> io::Result<Vec<u32>> {
        numbers(fs::openat(&self.proc, ".", DIRECTORY, Mode::empty())?.as_fd())
    }
}

impl AsFd for Reader {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.proc.as_fd()
    }
}

/// A UUID that the kernel draws at each boot (`proc_sys_kernel(5)`).
fn boot_id(proc: &OwnedFd) -> Option<String> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let file = fs::openat(proc, "sys/kernel/random/boot_id", flags, Mode::empty()).ok()?;
    let mut bytes = Vec::with_capacity(64);
    io::read(file, spare_capacity(&mut bytes)).ok()?;
    let id = str::from_utf8(&bytes).ok()?.trim_ascii();
    (id.len() == UUID_LEN).then(|| id.to_owned())
}

const UUID_LEN: usize = 36;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_proc_file_system_is_believed() {
        assert!(matches!(Reader::at(Path::new("/")), Err(ProcError::NotProc { .. })));
        assert!(matches!(Reader::at(Path::new("/absent")), Err(ProcError::Open { .. })));
        assert!(matches!(Reader::at(Path::new("/proc/stat")), Err(ProcError::Open { .. })));
        assert_eq!(Reader::open().unwrap().boot_id.len(), UUID_LEN);
    }

    #[test]
    fn threads_can_share_a_reader_and_hand_on_a_snapshot() {
        fn shared<T: Send + Sync>() {}
        fn sent<T: Send>() {}
        shared::<Reader>();
        sent::<Snapshot<'_>>();
    }
}
