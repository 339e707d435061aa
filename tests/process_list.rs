//! `eyelet ps` sees this machine's processes, all of them, and each as it is.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Child, Command, Output};
use std::sync::mpsc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use eyelet_tests::command::{Collector, eyelet};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use serde_json::Value;

fn ps(endpoint: &Path, filter: &[&str]) -> Output {
    eyelet()
        .args(["ps", "--json", "--endpoint"])
        .arg(endpoint)
        .args(filter)
        .output()
        .expect("eyelet runs")
}

fn records(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout.clone()).expect("JSON is UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("one object a line")).collect()
}

fn pids(records: &[Value]) -> BTreeSet<u32> {
    records.iter().map(|record| number(record, "pid")).collect()
}

fn number(record: &Value, field: &str) -> u32 {
    let number = record[field].as_u64().unwrap_or_else(|| panic!("no {field} in {record}"));
    u32::try_from(number).expect("32 bits")
}

fn numeric_entries() -> BTreeSet<u32> {
    let names = fs::read_dir("/proc").expect("/proc").map(|entry| entry.expect("an entry"));
    names.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// A shell that has stopped itself, with arguments of our choosing; killed with the test.
struct Stopped(Child);

impl Stopped {
    fn with(arguments: &[&[u8]]) -> Self {
        let child = Command::new("sh")
            .args(["-c", "kill -STOP $$"])
            .args(arguments.iter().map(|argument| OsStr::from_bytes(argument)))
            .spawn()
            .expect("sh");
        let pid = WaitId::Pid(Pid::from_child(&child));
        waitid(pid, WaitIdOptions::STOPPED | WaitIdOptions::NOWAIT).expect("it stops itself");
        Self(child)
    }

    fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        // SIGKILL ends a stopped process too; there is nobody to tell if it does not.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_pids_are_those_of_proc() {
    let collector = Collector::start(None);
    let before = numeric_entries();
    let records = records(&ps(collector.endpoint(), &[]));
    let after = numeric_entries();
    let listed = pids(&records);
    assert_eq!(listed.len(), records.len(), "a pid is listed twice");
    let stayed: BTreeSet<u32> = before.intersection(&after).copied().collect();
    let missing: Vec<_> = stayed.difference(&listed).collect();
    assert!(missing.is_empty(), "not listed: {missing:?}");
    let known: BTreeSet<u32> = before.union(&after).copied().collect();
    for stray in listed.difference(&known) {
        assert!(!Path::new(&format!("/proc/{stray}")).exists(), "{stray} did not come and go");
    }
}

#[test]
fn a_thread_is_no_process() {
    let (report, tid) = mpsc::channel();
    let (held, until_the_end) = mpsc::channel::<()>();
    let thread = std::thread::spawn(move || {
        report.send(rustix::thread::gettid()).expect("the test listens");
        // Ends when the other end is dropped.
        let _ = until_the_end.recv();
    });
    let tid = tid.recv().expect("a thread").as_raw_nonzero().get().cast_unsigned();
    let collector = Collector::start(None);
    let listed = pids(&records(&ps(collector.endpoint(), &[])));
    assert!(listed.contains(&std::process::id()));
    assert!(Path::new(&format!("/proc/{tid}/comm")).exists(), "the thread lives");
    assert!(!listed.contains(&tid), "thread {tid} is listed as a process");
    drop(held);
    thread.join().expect("it ends");
}

#[test]
fn arguments_are_listed_as_they_are() {
    let with_bytes = Stopped::with(&[b"name", b"", b"\xff\xfe caf\xc3\xa9", b"", b"last"]);
    let with_text = Stopped::with(&[b"name", b"", b"caf\xc3\xa9", b""]);
    let collector = Collector::start(None);
    let filter = [&with_bytes, &with_text].map(|child| format!("--pid={}", child.pid()));
    let records = records(&ps(collector.endpoint(), &[&filter[0], &filter[1]]));
    let of = |child: &Stopped| {
        let found = records.iter().find(|record| number(record, "pid") == child.pid());
        found.unwrap_or_else(|| panic!("{} is not listed", child.pid()))
    };

    let raw = of(&with_bytes)["command_line_raw"].as_array().expect("a list");
    let raw: Vec<Vec<u8>> = raw
        .iter()
        .map(|argument| STANDARD.decode(argument.as_str().expect("base64")).expect("base64"))
        .collect();
    let want: [&[u8]; 8] =
        [b"sh", b"-c", b"kill -STOP $$", b"name", b"", b"\xff\xfe caf\xc3\xa9", b"", b"last"];
    assert_eq!(raw, want);
    let lossy = &of(&with_bytes)["command_line"];
    assert_eq!(lossy[5], "\u{fffd}\u{fffd} café");

    let text = &of(&with_text)["command_line"];
    assert_eq!(*text, serde_json::json!(["sh", "-c", "kill -STOP $$", "name", "", "café", ""]));
    assert_eq!(of(&with_text)["command_line_raw"], serde_json::json!([]));
}

#[test]
fn resident_memory_of_a_stopped_process_is_vm_rss() {
    let child = Stopped::with(&[b"name"]);
    let status = fs::read_to_string(format!("/proc/{}/status", child.pid())).expect("status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    let collector = Collector::start(None);
    let filter = format!("--pid={}", child.pid());
    let records = records(&ps(collector.endpoint(), &[&filter]));
    assert!(kib > 0);
    assert_eq!(records[0]["memory_usage"], kib * 1024);
}

#[test]
fn filters_join_kinds_by_and_and_values_by_or() {
    let (one, other) = (Stopped::with(&[b"one"]), Stopped::with(&[b"other"]));
    let shell = fs::read_link(format!("/proc/{}/exe", one.pid())).expect("exe");
    let shell = shell.to_str().expect("text");
    let comm = fs::read_to_string(format!("/proc/{}/comm", one.pid())).expect("comm");
    let [pid, other_pid] = [&one, &other].map(|child| child.pid().to_string());
    let collector = Collector::start(None);
    let list = |filter: &[&str]| ps(collector.endpoint(), filter);
    let both: BTreeSet<u32> = [one.pid(), other.pid()].into();

    let by_pid = records(&list(&["--pid", &pid, "--pid", &other_pid]));
    assert_eq!(pids(&by_pid), both);
    let by_all = ["--pid", &pid, "--pid", &other_pid, "--name", comm.trim(), "--exe", shell];
    assert_eq!(pids(&records(&list(&by_all))), both);
    assert!(pids(&records(&list(&["--exe", "/**"]))).is_superset(&both));
    for nothing in [
        &["--pid", &pid, "--name", "no such name"][..],
        &["--pid", &pid, "--exe", "/*"],
        &["--pid", &pid, "--name", &comm.trim().to_uppercase()],
    ] {
        let output = list(nothing);
        assert_eq!(output.status.code(), Some(1), "{nothing:?}: {output:?}");
        assert!(output.stdout.is_empty(), "{nothing:?}: {output:?}");
    }
}

#[test]
fn a_glob_that_is_none_is_the_callers_mistake() {
    let collector = Collector::start(None);
    let output = ps(collector.endpoint(), &["--exe", "/usr/[bin"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(error.contains("/usr/[bin"), "{error}");
    assert!(!records(&ps(collector.endpoint(), &[])).is_empty(), "the collector serves on");
}

#[test]
fn without_an_endpoint_it_runs_a_collector_of_its_own_and_ends_it() {
    let child = Stopped::with(&[b"name"]);
    let output = eyelet().args(["ps", "--pid", &child.pid().to_string()]).output().expect("runs");
    assert!(output.status.success(), "{output:?}");
    let table = String::from_utf8(output.stdout).expect("text");
    assert!(table.contains(&child.pid().to_string()), "{table}");
}
