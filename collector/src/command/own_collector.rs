use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use log::LevelFilter;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::exit::CommandError;

/// A collector that this command has started and ends again. It ends by itself, too, when this process is
/// gone, since it holds the other end of its standard input.
pub(super) struct OwnCollector {
    child: Child,
    endpoint: PathBuf,
}

/// For a process to start and listen.
const START: Duration = Duration::from_secs(10);
/// For it to end after SIGTERM, which takes it 13 s at most.
const END: Duration = Duration::from_secs(15);

impl OwnCollector {
    pub(super) async fn start() -> Result<Self, CommandError> {
        let program = std::env::current_exe()
            .map_err(|error| CommandError::io("find this program", error))?;
        let mut child = Command::new(program)
            .args(["serve", "--end-with-stdin"])
            .args(verbosity())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| CommandError::io("start a collector", error))?;
        let endpoint = announced(&mut child).await?;
        Ok(Self { child, endpoint })
    }

    pub(super) fn endpoint(&self) -> &Path {
        &self.endpoint
    }

    /// Asks it to end and waits, so that it leaves nothing behind.
    pub(super) async fn end(mut self) {
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(pid) = pid
            && let Err(error) = kill_process(pid, Signal::TERM)
        {
            log::debug!("the command's own collector took no SIGTERM: {error}");
        }
        if timeout(END, self.child.wait()).await.is_err() {
            log::warn!("the command's own collector did not end within {} s", END.as_secs());
        }
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

/// The endpoint, which the collector prints once it listens.
async fn announced(child: &mut Child) -> Result<PathBuf, CommandError> {
    let failed = |reason: &str| CommandError::Collector(reason.to_owned());
    let Some(stdout) = child.stdout.take() else { return Err(failed("has no output")) };
    let mut line = Vec::new();
    match timeout(START, BufReader::new(stdout).read_until(b'\n', &mut line)).await {
        Err(_) => Err(failed("did not listen within 10 s")),
        Ok(Err(error)) => Err(CommandError::io("read the collector's endpoint", error)),
        Ok(Ok(0)) => Err(failed("ended before it listened")),
        Ok(Ok(_)) => {
            line.pop_if(|end| *end == b'\n');
            Ok(PathBuf::from(OsString::from_vec(line)))
        }
    }
}
