//! However the command ends, it leaves no process, socket or directory behind.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use eyelet_tests::command::{Collector, eyelet};
use eyelet_tests::peer::Peer;
use eyelet_tests::wire::task;
use rustix::process::{Pid, Signal, kill_process};

fn send(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(pid.cast_signed()).expect("a pid");
    kill_process(pid, signal).expect("it is our child");
}

#[test]
fn a_collector_that_is_asked_to_end_cleans_up() {
    for signal in [Signal::HUP, Signal::INT, Signal::QUIT, Signal::TERM] {
        let mut collector = Collector::start(None);
        let directory = collector.endpoint().parent().expect("a directory").to_owned();
        assert!(directory.exists(), "{signal:?}");
        send(collector.pid(), signal);
        let status = collector.wait();
        assert!(status.success(), "{signal:?}: {status}");
        assert!(!directory.exists(), "{signal:?}: {} stays", directory.display());
    }
}

#[test]
fn a_second_signal_does_not_wait_for_agents() {
    let mut collector = Collector::start(None);
    let directory = collector.endpoint().parent().expect("a directory").to_owned();
    // Never reads what it asks for.
    let mut agent = Peer::agent(collector.endpoint());
    agent.say(&task(1, ""));
    send(collector.pid(), Signal::TERM);
    send(collector.pid(), Signal::INT);
    assert!(collector.wait().success());
    assert!(!directory.exists(), "{} stays", directory.display());
}

#[test]
fn a_collector_ends_with_the_command_that_runs_it() {
    let mut ps =
        eyelet().args(["ps", "--json"]).stdout(Stdio::piped()).spawn().expect("eyelet runs");
    let mut lines = BufReader::new(ps.stdout.take().expect("piped")).lines();
    let own = lines
        .by_ref()
        .map(|line| line.expect("JSON"))
        .find(|line| line.contains("--end-with-stdin") && line.contains(&ps.id().to_string()));
    let own: serde_json::Value = serde_json::from_str(&own.expect("listed")).expect("JSON");
    // Whether or not it has ended by itself already.
    let _ = ps.kill();
    ps.wait().expect("it is our child");
    let status = format!("/proc/{}/stat", own["pid"]);
    // The kernel ends a read of its standard input when the last writer goes: nothing to wait for but it.
    while Path::new(&status).exists() && !is_zombie(&status) {
        std::thread::yield_now();
    }
}

fn is_zombie(stat: &str) -> bool {
    std::fs::read_to_string(stat).is_ok_and(|stat| stat.contains(") Z "))
}

#[test]
fn a_reader_that_goes_first_is_no_error() {
    let mut ps = eyelet()
        .args(["ps", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("eyelet runs");
    drop(ps.stdout.take());
    let mut complaints = String::new();
    ps.stderr.take().expect("piped").read_to_string(&mut complaints).expect("text");
    assert!(ps.wait().expect("it is our child").success(), "{complaints}");
    assert!(!complaints.contains("eyelet:"), "{complaints}");
}

#[test]
fn an_error_that_nobody_reads_keeps_its_code() {
    let script = "\"$0\" ps --endpoint /nowhere/at/all 2>&- ; echo $?";
    let shell = Command::new("sh").args(["-c", script]).arg(eyelet().get_program()).output();
    assert_eq!(String::from_utf8_lossy(&shell.expect("sh").stdout).trim(), "69");
}
