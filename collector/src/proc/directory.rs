use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::buffer::spare_capacity;
use rustix::fs::{self, Mode, OFlags, RawDir};
use rustix::io;
use rustix::path::DecInt;

use super::error::Unread;

/// The directory of one process or thread, which stays that one's even if the pid is reused.
#[derive(Debug)]
pub(super) struct Directory(OwnedFd);

impl Directory {
    /// Opens the directory of `id` in `parent`: `/proc`, or a process's `task`.
    pub(super) fn open(parent: impl AsFd, id: u32) -> Result<Self, Unread> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        fs::openat(parent, DecInt::new(id).as_c_str(), flags, Mode::empty())
            .map(Self)
            .map_err(|errno| Unread::new("the directory", errno))
    }

    /// Replaces `buf` by all bytes of `file`, which the kernel bounds.
    ///
    /// Such a file is handed out in one piece, so a read that leaves room was the last.
    pub(super) fn read(&self, file: &'static str, buf: &mut Vec<u8>) -> Result<(), Unread> {
        let mut read = || {
            let open = self.open_file(file)?;
            buf.clear();
            buf.reserve(PAGE);
            while io::read(&open, spare_capacity(buf))? > 0 && buf.len() == buf.capacity() {
                buf.reserve(buf.len());
            }
            Ok(())
        };
        read().map_err(|errno| Unread::new(file, errno))
    }

    /// Replaces `buf` by the bytes of `file`, or by as many as `buf` has room for.
    pub(super) fn read_start(&self, file: &'static str, buf: &mut Vec<u8>) -> Result<(), Unread> {
        buf.clear();
        self.open_file(file)
            .and_then(|open| io::read(open, spare_capacity(buf)))
            .map(drop)
            .map_err(|errno| Unread::new(file, errno))
    }

    /// Whether the process has not been reaped yet.
    pub(super) fn is_there(&self) -> bool {
        fs::statat(&self.0, "stat", fs::AtFlags::empty()).is_ok()
    }

    /// The threads of this process.
    pub(super) fn threads(&self) -> io::Result<(OwnedFd, Vec<u32>)> {
        let task = fs::openat(&self.0, "task", DIRECTORY, Mode::empty())?;
        let ids = numbers(task.as_fd())?;
        Ok((task, ids))
    }

    fn open_file(&self, file: &str) -> io::Result<OwnedFd> {
        fs::openat(&self.0, file, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
    }
}

impl AsFd for Directory {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Replaces `buf` by what a symbolic link says.
///
/// The call cuts it silently, so a full buffer means: again, with a larger one.
pub(super) fn read_link(dir: impl AsFd, link: &str, buf: &mut Vec<u8>) -> io::Result<()> {
    buf.clear();
    buf.reserve(PAGE);
    while fs::readlinkat_raw(&dir, link, spare_capacity(buf))? == buf.capacity() {
        buf.clear();
        buf.reserve(2 * buf.capacity());
    }
    Ok(())
}

/// The entries of an open directory that are numbers: of `/proc` the processes, without their
/// other threads, of `task` the threads.
pub(super) fn numbers(dir: BorrowedFd<'_>) -> io::Result<Vec<u32>> {
    let mut buf = Vec::with_capacity(8 * PAGE);
    let mut entries = RawDir::new(dir, buf.spare_capacity_mut());
    let mut numbers = Vec::new();
    while let Some(entry) = entries.next() {
        numbers.extend(entry?.file_name().to_str().ok().and_then(|name| name.parse::<u32>().ok()));
    }
    Ok(numbers)
}

/// To read entries from.
pub(super) const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// What the kernel formats such files in, and the most that a link can say (`PATH_MAX`).
const PAGE: usize = 4096;
