//! Who wants no more, or has gone, ends the work; a shutdown lets it end.

use std::future::pending;
use std::time::Duration;

use eyelet_codec::{DetectionTask, FaultCode};
use eyelet_tests::peer::Peer;
use eyelet_tests::server::{Server, runtime};
use eyelet_tests::synthetic::{Collector, Synthetic};
use eyelet_tests::wire::{body, framed, task};
use eyelet_transport::client::{Backoff, Options};
use eyelet_transport::peer::PeerPolicy;
use eyelet_transport::server::{self, Producer, SendError};
use eyelet_transport::{Client, Fault, Handler, Outcome, Sink};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::time::timeout;

#[test]
fn dropping_a_stream_drops_its_handler_and_nothing_else() {
    let Rig { server, mut events, .. } = Rig::start();
    runtime().block_on(async {
        let client = Client::connect(server.path()).await.expect("connected");
        for id in ["endless", "silent"] {
            let mut stream = client.stream(&named(id)).await.expect("sent");
            assert_eq!(next(&mut events).await, format!("{id} begins"));
            if id == "endless" {
                stream.next().await.expect("a chunk").expect("a chunk");
            }
            drop(stream);
            assert_eq!(next(&mut events).await, format!("{id} dropped"));
            let result = client.call(&named("")).await.expect("the connection goes on");
            assert_eq!(result.processes.len(), RECORDS);
        }
    });
    server.end();
}

#[test]
fn dropping_the_future_of_a_call_cancels_it() {
    let Rig { server, mut events, .. } = Rig::start();
    runtime().block_on(async {
        let client = Client::connect(server.path()).await.expect("connected");
        let task = named("silent");
        tokio::select! {
            result = client.call(&task) => panic!("it ended: {result:?}"),
            event = next(&mut events) => assert_eq!(event, "silent begins"),
        }
        assert_eq!(next(&mut events).await, "silent dropped");
        let result = client.call(&named("")).await.expect("the connection goes on");
        assert_eq!(result.processes.len(), RECORDS);
    });
    server.end();
}

#[test]
fn a_producer_on_a_thread_of_its_own_is_told_by_its_next_send() {
    let Rig { server, mut events, .. } = Rig::start();
    runtime().block_on(async {
        let client = Client::connect(server.path()).await.expect("connected");
        let mut stream = client.stream(&named("busy thread")).await.expect("sent");
        assert_eq!(next(&mut events).await, "busy thread begins");
        stream.next().await.expect("a chunk").expect("a chunk");
        drop(stream);
        assert_eq!(next(&mut events).await, "busy thread: the agent wants no more");
    });
    server.end();
}

#[test]
fn cancelled_work_on_a_thread_holds_its_place_until_it_has_stopped() {
    let mut options = server::Options::default();
    options.session.max_streams = 1;
    let Rig { server, mut events, gate } = Rig::start_with(options);
    let mut agent = Peer::agent(server.path());
    agent.say(&task(1, "slow thread"));
    assert_eq!(wait(&mut events), "slow thread begins");

    agent.say(&framed(1, body::CANCEL, &[]));
    for stream in [3, 5] {
        // The pong comes behind all that was said before.
        agent.say(&[task(stream, ""), framed(0, body::PING, &[])].concat());
        let busy = agent.fault();
        assert_eq!((busy.stream, busy.code), (stream.into(), FaultCode::BUSY), "{busy:?}");
        assert_eq!(agent.packet().expect("a pong").body, body::PONG);
    }

    gate.send_replace(true);
    let ended = agent.fault();
    assert_eq!((ended.stream, ended.code), (1, FaultCode::CANCELLED), "{ended:?}");
    let event = wait(&mut events);
    assert_eq!(event, "slow thread: the agent wants no more", "by its first send");
    agent.say(&task(7, ""));
    assert_eq!(agent.result(7).1, RECORDS);
    drop(agent);
    server.end();
}

#[test]
fn an_agent_that_has_gone_ends_its_handlers_even_those_with_nothing_to_send() {
    for id in ["endless", "silent", "busy thread"] {
        let Rig { server, mut events, .. } = Rig::start();
        let mut agent = Peer::agent(server.path());
        agent.say(&task(1, id));
        assert_eq!(wait(&mut events), format!("{id} begins"));
        drop(agent);
        let event = wait(&mut events);
        let told = ["dropped", "the agent wants no more"].iter().any(|end| event.ends_with(end));
        assert!(told && event.starts_with(id), "{event}");
        assert_eq!(server.serves(&named("")), RECORDS);
        server.end();
    }
}

#[test]
fn an_agent_that_shuts_one_half_and_goes_later_is_found_gone() {
    let Rig { server, mut events, .. } = Rig::start();
    let mut agent = Peer::agent(server.path());
    agent.say(&task(1, "silent"));
    assert_eq!(wait(&mut events), "silent begins");
    agent.shut();
    // By then the server has seen that half, and found the other open.
    assert_eq!(server.serves(&named("")), RECORDS);
    drop(agent);
    assert_eq!(wait(&mut events), "silent dropped");
    server.end();
}

#[test]
fn a_cancel_that_comes_too_late_or_twice_changes_nothing() {
    let Rig { server, mut events, .. } = Rig::start();
    let mut agent = Peer::agent(server.path());
    agent.say(&task(1, ""));
    assert_eq!(agent.result(1).1, RECORDS);
    agent.say(&framed(1, body::CANCEL, &[]));

    let cancel = framed(3, body::CANCEL, &[]);
    agent.say(&[task(3, "silent"), cancel.clone(), cancel.clone()].concat());
    let ended = agent.fault();
    assert_eq!((ended.stream, ended.code), (3, FaultCode::CANCELLED), "{ended:?}");
    agent.say(&[cancel, task(5, "")].concat());
    assert_eq!(agent.result(5).1, RECORDS);
    drop(agent);
    // The third task's handler may have been cancelled before it began.
    server.end();
    let seen: Vec<_> = std::iter::from_fn(|| events.blocking_recv()).collect();
    assert!(seen.is_empty() || seen == ["silent begins", "silent dropped"], "{seen:?}");
}

#[test]
fn a_shutdown_lets_what_is_under_way_end_and_leaves_nothing_behind() {
    let Rig { mut server, mut events, gate } = Rig::start();
    let mut agent = Peer::agent(server.path());
    agent.say(&task(1, "gated"));
    assert_eq!(wait(&mut events), "gated begins");
    let first = agent.packet().expect("a chunk");
    assert!(first.more && first.all(4).count() == 1, "{first:?}");

    server.stop();
    let away = agent.packet().expect("a GoAway");
    assert_eq!((away.body, away.number(2)), (body::GO_AWAY, Some(1)), "{away:?}");
    agent.say(&task(3, ""));
    let late = agent.fault();
    assert_eq!((late.stream, late.code), (3, FaultCode::GOING_AWAY), "{late:?}");
    assert!(!server.path().exists(), "it still listens");

    gate.send_replace(true);
    let (last, records) = agent.result(1);
    assert_eq!((last.number(2), records), (Some(1), 2));
    assert_eq!(agent.rest(), [], "a clean end");
    drop(agent);
    server.end();
}

#[test]
fn our_client_gets_its_result_from_a_server_that_shuts_down() {
    let Rig { mut server, mut events, gate } = Rig::start();
    runtime().block_on(async {
        let options = Options { backoff: Backoff::none(), ..Options::default() };
        let client = Client::connect_with(server.path(), options).await.expect("connected");
        let mut stream = client.stream(&named("gated")).await.expect("sent");
        assert_eq!(next(&mut events).await, "gated begins");
        server.stop();
        while server.path().exists() {
            tokio::task::yield_now().await;
        }
        let mut records = 0;
        while let Some(mut chunk) = stream.next().await.expect("a chunk") {
            chunk.for_each(|_| records += 1).expect("a result");
            gate.send_replace(true);
        }
        assert_eq!(records, 3);
        let error = client.call(&named("")).await.expect_err("no more tasks");
        // The collector takes none any more, and there is no other to connect to.
        let told = ["GOING_AWAY", "connect anew", "is the server running"].iter();
        assert!(told.clone().any(|end| error.to_string().contains(end)), "{error}");
    });
    server.end();
}

const RECORDS: usize = 3;

fn named(id: &str) -> DetectionTask<'_> {
    DetectionTask { task_id: id, ..Default::default() }
}

async fn next(events: &mut UnboundedReceiver<String>) -> String {
    let event = timeout(Duration::from_secs(20), events.recv()).await;
    event.expect("an event in time").expect("the server lives")
}

fn wait(events: &mut UnboundedReceiver<String>) -> String {
    runtime().block_on(next(events))
}

/// A server, what its handlers tell, and a gate that some of them wait for.
struct Rig {
    server: Server,
    events: UnboundedReceiver<String>,
    gate: watch::Sender<bool>,
}

impl Rig {
    fn start() -> Self {
        Self::start_with(server::Options::default())
    }

    fn start_with(options: server::Options) -> Self {
        let (tell, events) = unbounded_channel();
        let (gate, gated) = watch::channel(false);
        let server =
            Server::start_with(Telling { tell, gate: gated }, options, PeerPolicy::same_user());
        Self { server, events, gate }
    }
}

/// Does what a task's id says, and tells when it begins and ends.
struct Telling {
    tell: UnboundedSender<String>,
    gate: watch::Receiver<bool>,
}

/// Tells when it is dropped.
struct Guard(UnboundedSender<String>, String);

impl Drop for Guard {
    fn drop(&mut self) {
        // The test may have ended.
        let _ = self.0.send(format!("{} dropped", self.1));
    }
}

impl Telling {
    fn tell(&self, event: String) {
        // The test may have ended.
        let _ = self.tell.send(event);
    }

    fn guard(&self, id: &str) -> Guard {
        self.tell(format!("{id} begins"));
        Guard(self.tell.clone(), id.to_owned())
    }

    /// Opened by the test, or by its end.
    async fn opened(&self) {
        let _ = self.gate.clone().wait_for(|open| *open).await;
    }

    async fn endless(&self, sink: &mut Sink<'_>) -> Result<Outcome, Fault> {
        let _guard = self.guard("endless");
        for index in 0.. {
            sink.send(&Synthetic::new(index).record()).await?;
        }
        unreachable!("the loop has no end")
    }

    async fn gated(&self, sink: &mut Sink<'_>) -> Result<Outcome, Fault> {
        self.tell("gated begins".to_owned());
        sink.send(&Synthetic::new(0).record()).await?;
        self.opened().await;
        sink.send(&Synthetic::new(1).record()).await?;
        sink.send(&Synthetic::new(2).record()).await?;
        Ok(Outcome::success())
    }

    async fn thread(
        &self,
        id: &'static str,
        sink: &mut Sink<'_>,
        produce: impl FnOnce(&mut Producer) -> Result<(), SendError> + Send + 'static,
    ) -> Result<Outcome, Fault> {
        let tell = self.tell.clone();
        let work = move |producer: &mut Producer| {
            // The test may have ended.
            let _ = tell.send(format!("{id} begins"));
            let sent = produce(producer);
            let how = sent.map_or_else(|error| error.to_string(), |()| "sent".to_owned());
            let _ = tell.send(format!("{id}: {how}"));
            Ok(sent.map(|()| Outcome::success())?)
        };
        sink.blocking(work).await
    }
}

impl Handler for Telling {
    async fn handle(&self, task: DetectionTask<'_>, sink: &mut Sink<'_>) -> Result<Outcome, Fault> {
        match task.task_id {
            "endless" => self.endless(sink).await,
            "silent" => {
                let _guard = self.guard("silent");
                pending().await
            }
            "gated" => self.gated(sink).await,
            "busy thread" => self.thread("busy thread", sink, send_until_refused).await,
            "slow thread" => {
                let mut gate = self.gate.clone();
                let produce = move |producer: &mut Producer| {
                    let opened = gate.wait_for(|open| *open);
                    // Opened by the test, or by its end.
                    let _ = Handle::current().block_on(opened);
                    producer.send(&Synthetic::new(0).record())
                };
                self.thread("slow thread", sink, produce).await
            }
            _ => Collector { records: 3 }.handle(task, sink).await,
        }
    }
}

fn send_until_refused(producer: &mut Producer) -> Result<(), SendError> {
    for index in 0.. {
        producer.send(&Synthetic::new(index).record())?;
    }
    Ok(())
}
