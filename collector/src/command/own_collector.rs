use std::ffi::OsString;
use std::io::{self, Read};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use log::LevelFilter;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};

use super::exit::CommandError;

/// A collector that this command has started and ends again. It ends by itself, too, when this process is
/// gone, since it holds the other end of its standard input.
pub(super) struct OwnCollector {
    child: Child,
    /// Ends when the collector does.
    output: ChildStdout,
    endpoint: PathBuf,
}

/// For a process to start and listen.
const START: Duration = Duration::from_secs(10);
/// For it to end after SIGTERM, which takes it 13 s at most.
const END: Duration = Duration::from_secs(15);

impl OwnCollector {
    pub(super) fn start() -> Result<Self, CommandError> {
        let program = std::env::current_exe()
            .map_err(|error| CommandError::io("find this program", error))?;
        let mut child = Command::new(program)
            .args(["serve", "--end-with-stdin"])
            .args(verbosity())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| CommandError::io("start a collector", error))?;
        let output = child.stdout.take().expect("a pipe was asked for");
        let mut own = Self { child, output, endpoint: PathBuf::new() };
        own.endpoint = own.announced()?;
        Ok(own)
    }

    pub(super) fn endpoint(&self) -> &Path {
        &self.endpoint
    }

    /// Asks it to end and waits, so that it leaves nothing behind.
    pub(super) fn end(mut self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid
            && let Err(error) = kill_process(pid, Signal::TERM)
        {
            log::debug!("the command's own collector took no SIGTERM: {error}");
        }
        if !self.has_ended_by(Instant::now() + END) {
            log::warn!("the command's own collector did not end within {} s", END.as_secs());
        }
    }

    /// The endpoint, which the collector prints once it listens.
    fn announced(&mut self) -> Result<PathBuf, CommandError> {
        let failed = |reason: &str| Err(CommandError::Collector(reason.to_owned()));
        let until = Instant::now() + START;
        let mut line = Vec::new();
        let mut bytes = [0; 512];
        while line.last() != Some(&b'\n') {
            match self.read(&mut bytes, until) {
                Err(error) => return Err(CommandError::io("read the collector's endpoint", error)),
                Ok(None) => return failed("did not listen within 10 s"),
                Ok(Some(0)) => return failed("ended before it listened"),
                Ok(Some(len)) => line.extend_from_slice(&bytes[..len]),
            }
        }
        line.pop();
        Ok(PathBuf::from(OsString::from_vec(line)))
    }

    /// With its end its output ends.
    fn has_ended_by(&mut self, until: Instant) -> bool {
        loop {
            match self.read(&mut [0; 64], until) {
                Ok(Some(1..)) => {}
                Ok(None) => return false,
                Ok(Some(0)) | Err(_) => return true,
            }
        }
    }

    /// Some of what it prints, one line and no more; `None`: it has printed nothing by `until`.
    fn read(&mut self, bytes: &mut [u8], until: Instant) -> io::Result<Option<usize>> {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let mut output = [PollFd::new(&self.output, PollFlags::IN)];
            let left = Timespec::try_from(left).ok();
            match poll(&mut output, left.as_ref()) {
                Ok(0) => return Ok(None),
                Ok(_) => return self.output.read(bytes).map(Some),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Drop for OwnCollector {
    fn drop(&mut self) {
        // Where it has ended there is nothing left but to wait for it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// As much as this command says itself.
fn verbosity() -> Option<&'static str> {
    match log::max_level() {
        LevelFilter::Off | LevelFilter::Error => Some("-q"),
        LevelFilter::Warn => None,
        LevelFilter::Info => Some("-v"),
        LevelFilter::Debug | LevelFilter::Trace => Some("-vv"),
    }
}
