use std::ffi::OsStr;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::{Pid, WaitOptions, waitpid};
use tempfile::TempDir;

/// A child that has stopped itself, so that nothing about it changes.
pub(crate) struct Child(std::process::Child);

/// What makes a shell stop itself.
pub(crate) const STOP: &str = "kill -STOP $$";

impl Child {
    /// A shell with these arguments after `-c` and [`STOP`].
    pub(crate) fn shell<S: AsRef<OsStr>>(program: &Path, arguments: &[S]) -> Self {
        Self::stopped(Command::new(program).args(["-c", STOP]).args(arguments))
    }

    /// Starts `command` and waits until it has stopped.
    pub(crate) fn stopped(command: &mut Command) -> Self {
        let child = Self::from(command.spawn().unwrap());
        let pid = Pid::from_raw(child.pid().cast_signed());
        let (_, status) = waitpid(pid, WaitOptions::UNTRACED).unwrap().unwrap();
        assert!(status.stopped(), "{command:?} has ended: {status:?}");
        child
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn end(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl From<std::process::Child> for Child {
    fn from(child: std::process::Child) -> Self {
        Self(child)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended, and been waited for, by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A directory to start copies of a shell from.
pub(crate) struct Programs(TempDir);

impl Programs {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// A shell of this name. Another process writes it: while this one has a file open for writing,
    /// a child that another thread starts may hold it too, and the file cannot be run.
    pub(crate) fn shell(&self, name: impl AsRef<OsStr>) -> PathBuf {
        let path = self.0.path().canonicalize().unwrap().join(name.as_ref());
        let copied = Command::new("cp").arg("/bin/sh").arg(&path).status().unwrap();
        assert!(copied.success());
        path
    }
}

impl Deref for Programs {
    type Target = Path;

    fn deref(&self) -> &Path {
        self.0.path()
    }
}
