//! Programs in another language, written from `proto/WIRE.md` alone, and our server and client.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use eyelet_codec::proto::DetectionResult;
use eyelet_codec::{DetectionTask, FaultCode, ProcessFilter, ProcessRecord, Repeated};
use eyelet_tests::python::{is_here, program};
use eyelet_tests::server::{Server, runtime};
use eyelet_tests::synthetic::{Collector, Synthetic};
use eyelet_transport::client::{Failure, Options};
use eyelet_transport::{Client, blocking};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

const RECORDS: u32 = 2000;

#[test]
fn a_python_agent_gets_every_record_from_our_server_whatever_its_credit() {
    if !is_here("a_python_agent_gets_every_record_from_our_server_whatever_its_credit") {
        return;
    }
    let server = Server::start(Collector { records: RECORDS });
    let want: Vec<Value> = (0..RECORDS).map(row).collect();
    for credit in ["1", "1999", "5000", "262144"] {
        let (rows, log) = agent(server.path(), &["--credit", credit]);
        assert_eq!(rows, want, "credit {credit}");
        let coverage = format!("seen: {RECORDS} matched: {RECORDS} source: EVENT_SOURCE_POLLED");
        assert!(log.contains(&coverage), "credit {credit}: {log}");
    }
    assert_eq!(server.serves(&DetectionTask::default()), RECORDS as usize);
    server.end();
}

#[test]
fn what_the_python_programs_are_made_of_passes_its_own_tests() {
    if !is_here("what_the_python_programs_are_made_of_passes_its_own_tests") {
        return;
    }
    let output = program("selftest.py").output().expect("python runs");
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && log.contains("\nRan "), "{log}");
}

#[test]
fn the_smallest_python_agent_lists_what_there_is() {
    if !is_here("the_smallest_python_agent_lists_what_there_is") {
        return;
    }
    let server = Server::start(Collector { records: RECORDS });
    let output = program("hello.py").arg(server.path()).output().expect("python runs");
    assert!(output.status.success(), "{output:?}");
    let want = (0..RECORDS).map(row).map(|row| format!("{} {}\n", row["pid"], text(&row["name"])));
    assert_eq!(String::from_utf8_lossy(&output.stdout), want.collect::<String>());
    server.end();
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

#[test]
fn a_python_agents_filter_is_understood() {
    if !is_here("a_python_agents_filter_is_understood") {
        return;
    }
    let server = Server::start(Collector { records: RECORDS });
    let table: &[(&[&str], &[u32])] = &[
        (&["--pid=1001", "--pid=1003"], &[1, 3]),
        (&["--pid=1001", "--pid=1002", "--name=made-up-1", "--name=made-up-3"], &[1]),
        (&["--name=nobody"], &[]),
    ];
    for (options, want) in table {
        let want: Vec<Value> = want.iter().map(|index| row(*index)).collect();
        assert_eq!(agent(server.path(), options).0, want, "{options:?}");
    }
    server.end();
}

#[test]
fn our_client_gets_every_record_from_a_python_collector() {
    if !is_here("our_client_gets_every_record_from_a_python_collector") {
        return;
    }
    let collector = PythonCollector::start(&["--records=2000", "--chunk=2000"]);
    runtime().block_on(async {
        for credit in [1, 5000, 256 * 1024] {
            let mut options = Options::default();
            options.session.credit = credit;
            let client = Client::connect_with(&collector.path, options).await.expect("connected");
            let result = client.call(&DetectionTask::default()).await.expect("a result");
            assert_matches_synthetic(&result, credit);

            let pids = [1001, 1003];
            let filter = ProcessFilter { pids: Repeated::new(&pids), ..Default::default() };
            let task = DetectionTask { process_filter: Some(filter), ..Default::default() };
            let result = client.call(&task).await.expect("a result");
            let found: Vec<_> = result.processes.iter().map(|process| process.pid).collect();
            assert_eq!(found, pids, "credit {credit}");
            client.close().await;
        }
    });
    assert_eq!(collector.end(3), "agent: done\n".repeat(3));
}

#[test]
fn our_client_without_a_runtime_gets_as_much_from_it_though_its_task_comes_early() {
    if !is_here("our_client_without_a_runtime_gets_as_much_from_it_though_its_task_comes_early") {
        return;
    }
    let collector = PythonCollector::start(&["--records=2000", "--chunk=2000"]);
    for credit in [1, 5000, 256 * 1024] {
        let mut options = Options::default();
        options.session.credit = credit;
        let mut client =
            blocking::Client::connect_with(&collector.path, options).expect("connected");
        for _ in 0..2 {
            let result = client.call(&DetectionTask::default()).expect("a result");
            assert_matches_synthetic(&result, credit);
        }
        client.close();
    }
    assert_eq!(collector.end(3), "agent: done\n".repeat(3));
}

#[test]
fn a_python_collector_that_ignores_the_credit_is_caught() {
    if !is_here("a_python_collector_that_ignores_the_credit_is_caught") {
        return;
    }
    let collector = PythonCollector::start(&["--records=20000", "--chunk=2000", "--ignore-credit"]);
    runtime().block_on(async {
        let client = Client::connect(&collector.path).await.expect("connected");
        let mut stream = client.stream(&DetectionTask::default()).await.expect("sent");
        // Nothing is taken, and so nothing granted, before the violation has ended the connection.
        client.clone().close().await;
        let mut index = 0;
        let error = loop {
            let mut chunk = match stream.next().await {
                Ok(chunk) => chunk.expect("an error before the end"),
                Err(error) => break error,
            };
            let each = |record: &ProcessRecord<'_>| {
                assert_eq!(*record, Synthetic::new(index).record());
                index += 1;
            };
            chunk.for_each(each).expect("a result");
        };
        let Failure::Protocol(refusal) = error.failure() else { panic!("{error}") };
        assert_eq!(refusal.code, FaultCode::CREDIT, "{error}");
        assert_eq!(error.records(), u64::from(index));
        assert!(index > 1000, "{index} records within the credit");
    });
    let log = collector.end(1);
    assert!(log.contains("a result beyond the stream's credit"), "{log}");
}

/// What the agent prints of process number `index`.
fn row(index: u32) -> Value {
    let process = Synthetic::new(index);
    let record = process.record();
    let argv: Vec<_> = record.command_line.iter().collect();
    json!({"pid": record.pid, "name": record.name, "argv": argv})
}

fn assert_matches_synthetic(result: &DetectionResult, credit: u64) {
    assert!(result.success, "credit {credit}");
    let want: Vec<_> = (0..RECORDS).map(Synthetic::new).collect();
    let want: Vec<_> = want.iter().map(|process| process.record().into()).collect();
    assert_eq!(result.processes, want, "credit {credit}");
    let coverage = result.coverage.as_ref().expect("coverage");
    assert_eq!((coverage.seen, coverage.matched), (RECORDS.into(), RECORDS.into()));
}

/// Runs the agent to its end: the rows that it printed, and its log.
fn agent(endpoint: &Path, options: &[&str]) -> (Vec<Value>, String) {
    let output = program("agent.py").arg(endpoint).args(options).output().expect("python runs");
    let log = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.success(), "{options:?}: {log}");
    let text = String::from_utf8(output.stdout).expect("text");
    let rows = text.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    (rows.collect(), log)
}

/// A collector in Python, which is ended with the test that started it.
struct PythonCollector {
    child: Child,
    path: PathBuf,
    _ground: TempDir,
}

impl PythonCollector {
    fn start(options: &[&str]) -> Self {
        let ground = tempfile::tempdir().expect("a directory");
        let path = ground.path().join("collector.sock");
        let mut command = program("collector.py");
        command.arg(&path).args(options).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("python runs");
        let mut line = String::new();
        let output = child.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("its endpoint");
        assert_eq!(Path::new(line.trim_end()), path);
        Self { child, path, _ground: ground }
    }

    /// Ends it as an operator would when it is done with so many agents; what it has logged.
    fn end(mut self, agents: usize) -> String {
        let mut output = BufReader::new(self.child.stderr.take().expect("its log"));
        let mut log = String::new();
        for _ in 0..agents {
            output.read_line(&mut log).expect("text");
        }
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a pid");
        kill_process(pid, Signal::TERM).expect("it runs");
        output.read_to_string(&mut log).expect("text");
        assert!(!self.path.exists(), "it has left its socket");
        log
    }
}

impl Drop for PythonCollector {
    fn drop(&mut self) {
        // It may have ended, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
