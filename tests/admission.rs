//! Who is let in when places, descriptors or patience run out, and what a server says of itself.

use std::future::pending;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use eyelet_codec::{DetectionTask, FaultCode};
use eyelet_tests::command::{Collector, eyelet, program};
use eyelet_tests::peer::Peer;
use eyelet_tests::server::{Server, runtime};
use eyelet_tests::synthetic;
use eyelet_tests::wire::{Greeting, body, bytes, framed, task};
use eyelet_transport::peer::PeerPolicy;
use eyelet_transport::server::{Counters, Options};
use eyelet_transport::{Client, Fault, Handler, Outcome, Sink};

#[test]
fn an_agent_without_a_task_makes_room_for_another() {
    let server = start(Options { max_connections: 1, ..Options::default() });
    let mut idle = Peer::agent(server.path());
    assert_eq!(served_in_the_end(&server), 3);
    let packets = idle.rest();
    let [away] = &packets[..] else { panic!("{packets:?}") };
    assert_eq!(away.body, body::GO_AWAY);
    let reason = away.all(1).next().expect("a reason");
    assert!(String::from_utf8_lossy(&reason).contains("run out"), "{away:?}");
}

#[test]
fn an_agent_that_has_not_said_who_it_is_makes_room_for_one_that_does() {
    let server = start(Options { max_incomplete: 2, ..Options::default() });
    let mut silent = [Peer::connect(server.path()), Peer::connect(server.path())];
    // One has begun to.
    silent[0].say(&Greeting::agent().framed()[..5]);
    assert_eq!(server.serves(&DetectionTask::default()), 3);
    for peer in &mut silent {
        let fault = peer.last_words();
        assert_eq!(fault.code, FaultCode::TIMEOUT, "{fault:?}");
        assert!(fault.message.contains("no Hello"), "{fault:?}");
    }
}

/// As many as come, and none of them is refused: they wait in the system's queue.
#[test]
fn a_burst_of_agents_is_let_in_however_few_may_be_incomplete() {
    let options = Options { max_incomplete: 1, ..Options::default() };
    let server = start(options);
    let mut agents: Vec<_> = (0..32).map(|_| Peer::connect(server.path())).collect();
    for agent in &mut agents {
        agent.say(&[Greeting::agent().framed(), task(1, "")].concat());
    }
    for agent in &mut agents {
        assert_eq!(agent.packet().expect("a Hello").body, body::HELLO);
        assert_eq!(agent.result(1).1, 3);
    }
}

#[test]
fn a_user_has_no_more_than_its_share() {
    let options = Options { max_per_user: Some(1), ..Options::default() };
    let server = start(options);
    let mut first = Peer::agent(server.path());
    first.say(&framed(1, body::TASK, &bytes(1, b"wait")));
    first.say(&task(3, ""));
    assert_eq!(first.result(3).1, 3, "it is at work");
    let mut second = Peer::connect(server.path());
    let fault = second.last_words();
    assert_eq!(fault.code, FaultCode::BUSY, "{fault:?}");
    drop(first);
    assert_eq!(served_in_the_end(&server), 3);
}

#[test]
fn what_a_server_does_is_counted() {
    let counters = Arc::new(Counters::default());
    let server = start(Options { counters: counters.clone(), ..Options::default() });
    let mut agent = Peer::agent(server.path());
    agent.say(&[task(1, ""), framed(3, body::TASK, &bytes(1, b"fault"))].concat());
    let before = counters.read();
    assert_eq!(agent.result(1).1, 3);
    let fault = agent.packet().expect("a fault").fault().expect("a fault");
    assert_eq!((fault.stream, fault.code), (3, FaultCode::UNAUTHORIZED));
    agent.shut();
    assert_eq!(agent.rest(), []);
    while counters.read().open > 0 {
        thread::yield_now();
    }
    let counts = counters.read();
    assert_eq!((counts.accepted, counts.refused, counts.open), (1, 0, 0));
    assert_eq!((counts.tasks, counts.tasks_done, counts.records), (2, 1, 3));
    assert_eq!(counts.faults, [(FaultCode::UNAUTHORIZED, 1)]);
    assert!(counts.bytes_received > before.bytes_received.min(1), "{counts:?}");
    assert!(counts.bytes_sent > 100, "{counts:?}");
}

#[test]
fn a_task_too_many_is_counted_as_the_fault_that_it_is_told() {
    let counters = Arc::new(Counters::default());
    let mut options = Options { counters: counters.clone(), ..Options::default() };
    options.session.max_streams = 1;
    let server = start(options);
    let mut agent = Peer::agent(server.path());
    agent.say(&[framed(1, body::TASK, &bytes(1, b"wait")), task(3, "")].concat());
    assert_eq!(agent.fault().code, FaultCode::BUSY);
    agent.say(&framed(0, body::PING, &[]));
    assert_eq!(agent.packet().expect("a pong").body, body::PONG);
    let counts = counters.read();
    assert_eq!((counts.tasks, counts.faults), (1, vec![(FaultCode::BUSY, 1)]));
}

#[test]
fn a_collector_without_descriptors_waits_for_some_and_serves_on() {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 24 && exec \"$0\" serve"]).arg(program());
    let collector = Collector::run(&mut command);
    let begin = Instant::now();
    let peers: Vec<_> = (0..40).map(|_| Peer::connect(collector.endpoint())).collect();
    let errors = || collector.counts()["connections"]["accept_errors"].as_u64().expect("a count");
    while errors() < 10 {}
    let (without, seconds) = (errors(), begin.elapsed().as_secs_f64());
    drop(peers);
    let listed = eyelet()
        .args(["ps", "--json", "--pid", "1", "--endpoint"])
        .arg(collector.endpoint())
        .output()
        .expect("it runs");
    assert!(listed.status.success(), "{listed:?}");
    let all = errors();
    let log = collector.end();
    let lines = log.lines().filter(|line| line.contains("cannot accept")).count() as u64;
    assert!(lines > 0 && lines <= all, "{lines} lines, {all} errors: {log}");
    // A loop without a pause makes 700,000 a second.
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let rate = without as f64 / seconds;
    assert!(rate <= 20.0, "{without} errors in {seconds} s");
    // It tries ten times a second, so no later than a second after there were some again.
    assert!(all - without <= 10, "{without} errors, then {all}");
}

fn start(options: Options) -> Server {
    Server::start_with(Moody, options, PeerPolicy::same_user())
}

/// Once somebody has made room.
fn served_in_the_end(server: &Server) -> usize {
    runtime().block_on(async {
        let client = Client::connect(server.path()).await.expect("connected");
        let result = client.call(&DetectionTask::default()).await.expect("served in the end");
        client.close().await;
        result.processes.len()
    })
}

/// Does what a task's id says.
struct Moody;

impl Handler for Moody {
    async fn handle(&self, task: DetectionTask<'_>, sink: &mut Sink<'_>) -> Result<Outcome, Fault> {
        match task.task_id {
            "wait" => pending().await,
            "fault" => Err(Fault::new(FaultCode::UNAUTHORIZED, "not for you")),
            _ => synthetic::Collector { records: 3 }.handle(task, sink).await,
        }
    }
}
