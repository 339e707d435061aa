//! `eyelet ps` waits for who reads what it prints, and goes on when it was stopped itself.

mod pager;

use std::io::{BufRead, BufReader};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use eyelet_codec::{DetectionTask, ProcessRecord};
use eyelet_tests::command::eyelet;
use eyelet_tests::server::{Server, runtime};
use eyelet_tests::synthetic::{Collector, Synthetic};
use eyelet_transport::{Client, Fault, Handler, Outcome, Sink};
use rustix::io::ioctl_fionread;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use tokio::sync::watch;

use pager::Pager;

const RECORDS: usize = 20_000;
/// A pipe holds so much.
const PIPE: u64 = 64 * 1024;

#[test]
fn a_reader_that_stops_is_waited_for_and_gets_all() {
    let server = Server::start(Collector { records: 20_000 });
    let (mut ps, mut lines) = start(&server);
    assert_eq!(lines.by_ref().take(10).count(), 10);
    until_blocked(lines.get_mut());
    pause();
    assert_eq!(lines.count(), RECORDS - 10);
    assert!(ps.wait().expect("it is our child").success());
    server.end();
}

#[test]
fn a_pager_that_is_left_alone_is_waited_for_and_gets_all() {
    const NAME: &str = "a_pager_that_is_left_alone_is_waited_for_and_gets_all";
    let server = Server::start(Collector { records: 20_000 });
    let Some(mut pager) = Pager::start(NAME, &server) else { return };
    pager.until_shown(&pid(0));
    pause();
    assert!(!pager.has_all(), "eyelet ended before anyone read what it prints");
    pager.press("G");
    pager.until_shown(&pid(RECORDS - 1));
    pager.press("q");
    let read = pager.end();
    assert_eq!(read.lines().count(), RECORDS);
    assert!(read.lines().zip(0..).all(|(line, index)| line.contains(&pid(index))), "not in order");
    server.end();
}

#[test]
fn a_command_that_is_stopped_goes_on_where_it_was() {
    let server = Server::start(Collector { records: 20_000 });
    let (mut ps, mut lines) = start(&server);
    for stops in 1..=5 {
        assert_eq!(lines.by_ref().take(10).count(), 10);
        stop(&ps);
        // What it had printed is there, and nothing comes behind it.
        assert_eq!(server.serves(&DetectionTask::default()), RECORDS, "{stops}");
        if stops == 1 {
            pause();
        }
        go_on(&ps);
    }
    assert_eq!(lines.count(), RECORDS - 50);
    assert!(ps.wait().expect("it is our child").success());
    server.end();
}

/// Set for the process that asks the server at the path it names.
const ENDPOINT: &str = "EYELET_TEST_ENDPOINT";

#[test]
fn an_async_client_that_is_stopped_goes_on_where_it_was() {
    if let Ok(endpoint) = std::env::var(ENDPOINT) {
        return runtime().block_on(read_all(Path::new(&endpoint)));
    }
    let (open, gate) = watch::channel(false);
    let server = Server::start(Gated(gate));
    let mut client = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "an_async_client_that_is_stopped_goes_on_where_it_was", "--nocapture"])
        .env(ENDPOINT, server.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut lines = Lines(BufReader::new(client.stdout.take().expect("piped")));
    assert!(lines.any(|line| line == "1 record\n"));
    stop(&client);
    // More comes than the credit of its stream covers.
    open.send(true).expect("somebody waits");
    pause();
    go_on(&client);
    assert!(lines.any(|line| line == format!("{RECORDS} records\n")));
    assert!(client.wait().expect("it is our child").success());
    server.end();
}

/// Sends one record, and the others when it may.
struct Gated(watch::Receiver<bool>);

impl Handler for Gated {
    async fn handle(&self, _: DetectionTask<'_>, sink: &mut Sink<'_>) -> Result<Outcome, Fault> {
        sink.send(&Synthetic::new(0).record()).await?;
        let mut gate = self.0.clone();
        gate.wait_for(|is_open| *is_open).await.expect("the test has the other end");
        for index in (1..).take(RECORDS - 1) {
            sink.send(&Synthetic::new(index).record()).await?;
        }
        Ok(Outcome::success())
    }
}

async fn read_all(endpoint: &Path) {
    let client = Client::connect(endpoint).await.expect("connected");
    let mut stream = client.stream(&DetectionTask::default()).await.expect("sent");
    let mut records = 0;
    while let Some(mut chunk) = stream.next().await.expect("a chunk") {
        let see = |record: &ProcessRecord<'_>| {
            assert_eq!(*record, Synthetic::new(records).record());
            records += 1;
        };
        chunk.for_each(see).expect("an honest chunk");
        if records == 1 {
            println!("1 record");
        }
    }
    println!("{records} records");
    client.close().await;
}

fn stop(child: &Child) {
    let pid = Pid::from_child(child);
    kill_process(pid, Signal::STOP).expect("it is our child");
    waitid(WaitId::Pid(pid), WaitIdOptions::STOPPED).expect("it stops");
}

fn go_on(child: &Child) {
    kill_process(Pid::from_child(child), Signal::CONT).expect("it is our child");
}

/// As many seconds as `EYELET_PAUSE` says, by default none.
fn pause() {
    let seconds = std::env::var("EYELET_PAUSE").map_or(0, |text| text.parse().expect("a number"));
    std::thread::sleep(Duration::from_secs(seconds));
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

fn pid(index: usize) -> String {
    format!("\"pid\":{},", 1000 + index)
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
