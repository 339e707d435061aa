//! A collector in a process of its own, which is looked at from outside and ended with its test.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit, setrlimit};
use tempfile::TempDir;

/// Longer than any deadline after which a connection is let go.
const PATIENCE: Duration = Duration::from_secs(30);

/// Lets this process have as many descriptors as the system allows: some systems begin with 1,024, and
/// with 256.
pub fn raise_descriptors() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let most = Rlimit { current: maximum, maximum };
    setrlimit(Resource::Nofile, most).expect("what is allowed");
}

/// A program that prints its endpoint and serves there until its standard input ends.
#[derive(Debug)]
pub struct Attacked {
    child: Child,
    endpoint: PathBuf,
    _ground: TempDir,
}

impl Attacked {
    /// Starts `program` with `arguments` and, behind them, a directory for its endpoint.
    pub fn start(program: impl AsRef<Path>, arguments: &[&str]) -> Self {
        let ground = tempfile::tempdir().expect("a directory");
        let mut child = Command::new(program.as_ref())
            .args(arguments)
            .arg(ground.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let mut line = String::new();
        let output = child.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("its endpoint");
        Self { child, endpoint: PathBuf::from(line.trim_end()), _ground: ground }
    }

    /// Where it listens.
    pub fn endpoint(&self) -> &Path {
        &self.endpoint
    }

    /// The most memory that it has held, in KiB.
    pub fn peak(&self) -> u64 {
        self.kibibytes("VmHWM:")
    }

    /// The memory that it holds, in KiB.
    pub fn memory(&self) -> u64 {
        self.kibibytes("VmRSS:")
    }

    /// How many descriptors it has open.
    pub fn descriptors(&self) -> usize {
        let directory = format!("/proc/{}/fd", self.child.id());
        fs::read_dir(directory).expect("it runs").count()
    }

    /// Waits until it has `count` descriptors open.
    pub fn wait_for_descriptors(&self, count: usize) {
        let begin = Instant::now();
        while self.descriptors() != count {
            let open = self.descriptors();
            assert!(begin.elapsed() < PATIENCE, "{open} descriptors are open and not {count}");
            thread::yield_now();
        }
    }

    /// Lets it have no more than `count` descriptors open, until it is let have more.
    pub fn limit_descriptors(&self, count: usize) {
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        let fewer = Rlimit { current: Some(count as u64), maximum };
        let limited = prlimit(Some(Pid::from_child(&self.child)), Resource::Nofile, fewer);
        limited.expect("it is ours");
    }

    fn kibibytes(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect(name);
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

impl Drop for Attacked {
    fn drop(&mut self) {
        // It may have ended on its own, which the test has noticed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
