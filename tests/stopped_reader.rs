//! `eyelet ps` waits for who reads what it prints, and goes on when it was stopped itself.

use std::io::{BufRead, BufReader};
use std::os::fd::AsFd;
use std::process::{Child, ChildStdout, Stdio};

use eyelet_tests::command::eyelet;
use eyelet_tests::server::Server;
use eyelet_tests::synthetic::Collector;
use rustix::io::ioctl_fionread;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

const RECORDS: usize = 20_000;
/// A pipe holds so much.
const PIPE: u64 = 64 * 1024;

#[test]
fn a_reader_that_stops_is_waited_for_and_gets_all() {
    let server = Server::start(Collector { records: 20_000 });
    let (mut ps, mut lines) = start(&server);
    assert_eq!(lines.by_ref().take(10).count(), 10);
    until_blocked(lines.get_mut());
    assert_eq!(lines.count(), RECORDS - 10);
    assert!(ps.wait().expect("it is our child").success());
    server.end();
}

#[test]
fn a_command_that_is_stopped_goes_on_where_it_was() {
    let server = Server::start(Collector { records: 20_000 });
    let (mut ps, mut lines) = start(&server);
    let pid = Pid::from_child(&ps);
    for stops in 1..=5 {
        assert_eq!(lines.by_ref().take(10).count(), 10);
        kill_process(pid, Signal::STOP).expect("it is our child");
        waitid(WaitId::Pid(pid), WaitIdOptions::STOPPED).expect("it stops");
        // What it had printed is there, and nothing comes behind it.
        assert_eq!(server.serves(&eyelet_codec::DetectionTask::default()), RECORDS, "{stops}");
        kill_process(pid, Signal::CONT).expect("it is our child");
    }
    assert_eq!(lines.count(), RECORDS - 50);
    assert!(ps.wait().expect("it is our child").success());
    server.end();
}

fn start(server: &Server) -> (Child, Lines) {
    let mut ps = eyelet()
        .args(["ps", "--json", "--endpoint"])
        .arg(server.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("eyelet runs");
    let output = ps.stdout.take().expect("piped");
    (ps, Lines(BufReader::new(output)))
}

/// Lines of what a command prints.
struct Lines(BufReader<ChildStdout>);

impl Lines {
    fn get_mut(&mut self) -> &mut ChildStdout {
        self.0.get_mut()
    }
}

impl Iterator for Lines {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let mut line = String::new();
        let len = self.0.read_line(&mut line).expect("text");
        (len > 0).then_some(line)
    }
}

/// Until the pipe is nearly full, so that whoever writes waits.
fn until_blocked(output: &impl AsFd) {
    while ioctl_fionread(output).expect("told") < PIPE - 8 * 1024 {
        std::thread::yield_now();
    }
}
