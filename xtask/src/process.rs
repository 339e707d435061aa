use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Output, Stdio};
use std::sync::Mutex;
use std::thread;

use crate::failure::Failure;

/// A command that is shown before it runs. It gets no stdin.
pub(crate) struct Process {
    command: Command,
    line: String,
}

impl Process {
    pub(crate) fn new(program: &str, directory: &Path) -> Self {
        let mut command = Command::new(program);
        command.current_dir(directory).stdin(Stdio::null());
        Self { command, line: program.to_owned() }
    }

    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        for arg in args {
            self.line.push(' ');
            self.line.push_str(&arg.as_ref().to_string_lossy());
            self.command.arg(arg);
        }
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.line = format!("{name}='{value}' {}", self.line);
        self.command.env(name, value);
        self
    }

    /// A variable that says nothing of what is done.
    pub(crate) fn env_unseen(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it with what it prints kept, and shown on stderr what it is and says there.
    pub(crate) fn stdout(mut self) -> Result<String, Failure> {
        eprintln!("  $ {}", self.line);
        let output = self.command.stderr(Stdio::inherit()).output();
        let output = output.map_err(|source| self.unstarted(source))?;
        self.judge(Ok(output.status))?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs it with its output going where ours goes.
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.show();
        self.finish()
    }

    /// Runs it like [`run`](Self::run), by another name than its command line.
    pub(crate) fn run_as(mut self, name: String) -> Result<(), Failure> {
        println!("  {name}");
        self.line = name;
        self.finish()
    }

    /// Runs it with its output kept, whatever it ends with.
    pub(crate) fn output(mut self) -> Result<Output, Failure> {
        self.command.output().map_err(|source| self.unstarted(source))
    }

    /// Runs it like [`run`](Self::run), and hands over each line of its output as well.
    pub(crate) fn run_watched(mut self, watch: impl FnMut(&str) + Send) -> Result<(), Failure> {
        self.show();
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().map_err(|source| self.unstarted(source))?;
        let watch = Mutex::new(watch);
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        thread::scope(|scope| {
            scope.spawn(|| pass_on(stdout, &mut io::stdout(), &watch));
            pass_on(stderr, &mut io::stderr(), &watch);
        });
        let status = child.wait();
        self.judge(status)
    }

    fn finish(mut self) -> Result<(), Failure> {
        let status = self.command.status();
        self.judge(status)
    }

    fn judge(self, status: io::Result<ExitStatus>) -> Result<(), Failure> {
        let status = status.map_err(|source| self.unstarted(source))?;
        if status.success() { Ok(()) } else { Err(Failure::Command { line: self.line, status }) }
    }

    fn show(&self) {
        println!("  $ {}", self.line);
    }

    fn unstarted(&self, source: io::Error) -> Failure {
        Failure::Io { what: self.line.clone(), source }
    }
}

/// Copies line by line until the end; a stream that breaks has ended.
fn pass_on(from: Option<impl Read>, to: &mut impl Write, watch: &Mutex<impl FnMut(&str)>) {
    let Some(from) = from else { return };
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).is_ok_and(|len| len > 0) {
        let _ = to.write_all(&line);
        if let Ok(mut watch) = watch.lock() {
            watch(String::from_utf8_lossy(&line).trim_end());
        }
        line.clear();
    }
}
