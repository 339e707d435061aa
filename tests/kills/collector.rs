use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A server in a process of its own, at a given path.
pub(crate) struct Collector(Child);

impl Collector {
    /// Waits until it listens.
    pub(crate) fn start(how: &str, path: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_synthetic_collector"))
            .arg(how)
            .arg(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the collector starts");
        let mut endpoint = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut endpoint).expect("the endpoint");
        assert_eq!(Path::new(endpoint.trim_end()), path);
        Self(child)
    }

    /// By SIGKILL; it has gone when this returns.
    pub(crate) fn kill(mut self) {
        self.0.kill().expect("it is our child");
        let status = self.0.wait().expect("it is our child");
        assert!(!status.success(), "it ended before it was killed");
    }

    /// In order.
    pub(crate) fn end(mut self) {
        drop(self.0.stdin.take());
        assert!(self.0.wait().expect("it is our child").success());
    }
}
