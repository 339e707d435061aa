use std::env::current_exe;
use std::fs::Permissions;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use eyelet_benches::Random;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::peer::Result;
use crate::place::Place;
use crate::registry::Entry;
use crate::workload::Workload;

/// A value, and what of and in what unit.
pub(super) struct Line {
    pub(super) measure: String,
    pub(super) value: f64,
    pub(super) unit: String,
}

/// Whose system calls strace writes down, in which file.
#[derive(Clone, Copy)]
pub(super) enum Traced<'a> {
    Nobody,
    Server(&'a Path),
    Client(&'a Path),
}

/// Runs a server, and then a client that measures.
pub(super) fn measure(
    entry: &Entry,
    workload: Workload,
    effort: Duration,
    traced: Traced<'_>,
    random: &mut Random,
) -> Result<Vec<Line>> {
    let (server_trace, client_trace) = match traced {
        Traced::Nobody => (None, None),
        Traced::Server(file) => (Some(file), None),
        Traced::Client(file) => (None, Some(file)),
    };
    let (server_place, client_place) = workload.places();
    let server = Server::start(entry, server_place, server_trace, random)?;
    let mut client = command(client_trace, random)?;
    client.args(["drive", entry.name, &workload.to_string()]).arg(&server.socket);
    client.args([client_place.to_string(), server.pid.as_raw_nonzero().to_string()]);
    client.arg(effort.as_millis().to_string());
    let output = client.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("the client ended with {}", output.status).into());
    }
    let text = String::from_utf8(output.stdout)?;
    text.lines()
        .map(|line| parse(line).ok_or_else(|| format!("no figure: {line}").into()))
        .collect()
}

/// This program again, with an environment of a random size: where a stack begins is worth some percent.
fn command(trace: Option<&Path>, random: &mut Random) -> Result<Command> {
    let mut command = match trace {
        None => Command::new(current_exe()?),
        Some(file) => {
            let mut strace = Command::new("strace");
            strace.args(["-f", "-c", "-o"]).arg(file).arg(current_exe()?);
            strace
        }
    };
    let padding = usize::try_from(random.below(4096))?;
    command.env("EYELET_BENCH_PADDING", "-".repeat(padding)).stdin(Stdio::null());
    Ok(command)
}

fn parse(line: &str) -> Option<Line> {
    let mut parts = line.split('\t');
    let (measure, value, unit) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Line { measure: measure.to_owned(), value: value.parse().ok()?, unit: unit.to_owned() })
}

struct Server {
    child: Child,
    pid: Pid,
    socket: PathBuf,
    /// Held until the server has ended, which may say something more.
    _stdout: BufReader<ChildStdout>,
    /// Holds the socket.
    _directory: TempDir,
}

impl Server {
    /// Returns when it listens.
    fn start(
        entry: &Entry,
        place: Place,
        trace: Option<&Path>,
        random: &mut Random,
    ) -> Result<Self> {
        let mut private = tempfile::Builder::new();
        let private = private.prefix("eyelet-bench-").permissions(Permissions::from_mode(0o700));
        let directory = private.tempdir()?;
        let socket = directory.path().join("socket");
        let mut command = command(trace, random)?;
        command.args(["serve", entry.name]).arg(&socket).arg(place.to_string());
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut stdout = BufReader::new(child.stdout.take().ok_or("no stdout")?);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let pid = line.trim().parse().ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| format!("the server of {} did not start", entry.name))?;
        Ok(Self { child, pid, socket, _stdout: stdout, _directory: directory })
    }
}

impl Drop for Server {
    /// The child may be strace, which ends when what it watches has ended.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = kill_process(self.pid, Signal::TERM);
            let _ = self.child.wait();
        }
    }
}
