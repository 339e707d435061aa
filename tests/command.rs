//! The built `eyelet` command and a collector that it runs.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// The command, built as the tests are.
pub fn eyelet() -> Command {
    Command::new(program())
}

/// Where the built command lies.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(build)
}

/// cargo tells where it has put the program, which is not always beside the tests.
fn build() -> PathBuf {
    let cargo = std::env::var_os("CARGO").expect("tests run under cargo");
    let output = Command::new(cargo)
        .args(["build", "--quiet", "--package", "eyelet", "--bin", "eyelet"])
        .args(["--message-format", "json"])
        .args((!cfg!(debug_assertions)).then_some("--release"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "the command does not build");
    let lines = String::from_utf8(output.stdout).expect("JSON");
    let artifact = lines
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| message["executable"].as_str().map(PathBuf::from));
    artifact.expect("cargo names the program")
}

/// A running `eyelet serve`, ended with the test if nobody ends it before.
pub struct Collector {
    child: Child,
    endpoint: PathBuf,
    log: Option<JoinHandle<String>>,
    counts: Receiver<Value>,
}

impl Collector {
    /// Starts one at `endpoint`, or where it likes, and waits until it listens.
    pub fn start(endpoint: Option<&Path>) -> Self {
        let mut command = eyelet();
        command.arg("serve");
        if let Some(endpoint) = endpoint {
            command.arg("--endpoint").arg(endpoint);
        }
        Self::run(&mut command)
    }

    /// Runs `command`, which prints the endpoint once it listens.
    pub fn run(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the collector starts");
        let stderr = BufReader::new(child.stderr.take().expect("piped"));
        let (say, counts) = mpsc::channel();
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            // What is not UTF-8 ends the log, and the assertion on it fails.
            for line in stderr.lines().map_while(Result::ok) {
                if let Ok(counts) = serde_json::from_str(&line) {
                    // Nobody may have asked.
                    let _ = say.send(counts);
                }
                text += &line;
                text += "\n";
            }
            text
        });
        let mut endpoint = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        stdout.read_line(&mut endpoint).expect("the endpoint");
        let endpoint = PathBuf::from(endpoint.trim_end_matches('\n'));
        assert!(endpoint.is_absolute(), "the collector announced {}", endpoint.display());
        Self { child, endpoint, log: Some(log), counts }
    }

    /// Where it listens.
    pub fn endpoint(&self) -> &Path {
        &self.endpoint
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it by SIGUSR1 what it has done.
    pub fn counts(&self) -> Value {
        kill_process(Pid::from_child(&self.child), Signal::USR1).expect("it is our child");
        self.counts.recv_timeout(Duration::from_secs(20)).expect("a line of JSON")
    }

    /// Waits until it has ended.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().expect("it is our child")
    }

    /// Ends it by SIGTERM; what it has written to standard error.
    pub fn end(mut self) -> String {
        kill_process(Pid::from_child(&self.child), Signal::TERM).expect("it is our child");
        let status = self.child.wait().expect("it is our child");
        assert!(status.success(), "the collector ended with {status}");
        self.log.take().expect("read once").join().expect("the log's reader")
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        // It has ended already, where `end` was called; killed, it would leave its directory behind.
        if let Ok(None) = self.child.try_wait() {
            let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
            let _ = self.child.wait();
        }
    }
}
