use std::os::fd::AsFd;

use rustix::fs::readlinkat;

use super::directory::Directory;

/// Where the collector's paths are valid; `None` on a kernel without such namespaces.
#[derive(Debug)]
pub(super) struct MountNamespace(Option<Vec<u8>>);

impl MountNamespace {
    /// The collector's own.
    pub(super) fn own(proc: impl AsFd) -> Self {
        Self(name(proc, "self/ns/mnt"))
    }

    /// Whether the process of `dir` is known to be in another.
    pub(super) fn is_foreign(&self, dir: &Directory) -> bool {
        match (&self.0, name(dir, "ns/mnt")) {
            (Some(own), Some(other)) => *own != other,
            _ => false,
        }
    }
}

fn name(dir: impl AsFd, link: &str) -> Option<Vec<u8>> {
    readlinkat(dir, link, Vec::new()).ok().map(std::ffi::CString::into_bytes)
}
