//! No wait is without end: each is cut when its time is over, and not before. Time here is tokio's
//! paused clock, which jumps to the next timer whenever nothing else is left to do.

use std::future::{pending, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, mpsc};
use std::task::Poll;
use std::time::Duration;

use eyelet_codec::{DetectionTask, FaultCode};
use eyelet_tests::synthetic::Collector;
use eyelet_tests::wire::{Fault, Greeting, Packet, body, bytes, framed, number, task};
use eyelet_transport::client::{self, Failure};
use eyelet_transport::server::{self, serve_line};
use eyelet_transport::{Client, Handler, Outcome, Sink};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, advance, sleep};

#[tokio::test(start_paused = true)]
async fn an_agent_that_says_nothing_is_told_so_after_10_s() {
    let (mut agent, _server) = served();
    assert_eq!(agent.packet().await.expect("a Hello").body, body::HELLO);
    let fault = agent.fault().await;
    assert_eq!((fault.stream, fault.code), (0, FaultCode::TIMEOUT), "{fault:?}");
    assert_eq!(agent.seconds(), 10);
    assert_eq!(agent.packet().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_frame_has_5_s_from_its_first_byte_however_it_drips() {
    for pause in [Duration::from_secs(60), Duration::from_millis(900)] {
        let (mut agent, _server) = served();
        agent.greet().await;
        // Silence between frames is none of its business.
        sleep(Duration::from_secs(60)).await;
        let begin = Instant::now();
        let frame = framed(1, body::TASK, &bytes(1, b"drips"));
        let mut rest = frame.iter();
        let fault = loop {
            if let Some(byte) = rest.next() {
                // The server may have hung up, which is what comes out.
                let _ = agent.line.write_all(&[*byte]).await;
            }
            tokio::select! {
                fault = agent.fault() => break fault,
                () = sleep(pause) => {}
            }
        };
        assert_eq!((fault.stream, fault.code), (0, FaultCode::TIMEOUT), "{fault:?}");
        assert_eq!(begin.elapsed().as_secs(), 5, "{pause:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_is_ended_at_its_own_deadline_and_its_connection_goes_on() {
    let (mut agent, _server) = served();
    agent.greet().await;
    agent.say(&framed(1, body::TASK, &[bytes(1, b"wait"), number(10, 7_000)].concat())).await;
    let fault = agent.fault().await;
    assert_eq!((fault.stream, fault.code), (1, FaultCode::TIMEOUT), "{fault:?}");
    assert_eq!(agent.seconds(), 7);
    agent.say(&task(3, "")).await;
    assert_eq!(agent.packet().await.expect("a result").stream, 3);
}

#[tokio::test(start_paused = true)]
async fn an_agent_without_a_stream_is_sent_away_after_10_minutes_and_never_with_one() {
    let (mut agent, server) = served();
    agent.greet().await;
    assert_eq!(agent.packet().await.expect("a GoAway").body, body::GO_AWAY);
    assert_eq!(agent.seconds(), 600);
    assert_eq!(agent.packet().await, None);
    drop(agent);
    server.line.await.expect("no panic").expect("closed well");

    let (mut agent, _server) = served();
    agent.greet().await;
    agent.say(&task(1, "wait")).await;
    tokio::select! {
        packet = agent.packet() => panic!("not left alone: {packet:?}"),
        () = sleep(Duration::from_secs(24 * 60 * 60)) => {}
    }
}

#[tokio::test(start_paused = true)]
async fn what_does_not_end_5_s_after_a_shutdown_is_faulted() {
    let (mut agent, server) = served();
    agent.greet().await;
    agent.say(&task(1, "wait")).await;
    sleep(Duration::from_secs(1)).await;
    drop(server.stop);
    assert_eq!(agent.packet().await.expect("a GoAway").body, body::GO_AWAY);
    let fault = agent.fault().await;
    assert_eq!((fault.stream, fault.code), (1, FaultCode::GOING_AWAY), "{fault:?}");
    assert_eq!(fault.message, "the collector is going away");
    assert_eq!(agent.seconds(), 6);
    assert_eq!(agent.packet().await, None, "a clean end");
    drop(agent);
    server.line.await.expect("no panic").expect("closed well");
}

#[tokio::test(start_paused = true)]
async fn work_on_a_thread_that_ignores_a_cancel_is_waited_for_5_s() {
    let (mut agent, server) = served();
    agent.greet().await;
    agent.say(&task(1, "deaf thread")).await;
    server.at_work.notified().await;
    agent.say(&[framed(1, body::CANCEL, &[]), framed(0, body::PING, &[])].concat()).await;
    assert_eq!(agent.packet().await.expect("a pong").body, body::PONG);

    // The clock does not move by itself while a thread is at work.
    advance(Duration::from_millis(4_990)).await;
    agent.say(&framed(0, body::PING, &[])).await;
    assert_eq!(agent.packet().await.expect("nothing but a pong").body, body::PONG);
    advance(Duration::from_millis(20)).await;
    let fault = agent.fault().await;
    assert_eq!((fault.stream, fault.code), (1, FaultCode::CANCELLED), "{fault:?}");
    drop(server.gate);
}

#[tokio::test(start_paused = true)]
async fn a_collector_that_says_nothing_is_given_up_after_10_s() {
    let (line, _collector) = duplex(1 << 20);
    let begin = Instant::now();
    let client = Client::over(line, client::Options::default());
    let error = client.greet().await.expect_err("given up");
    let Failure::Protocol(refusal) = error.failure() else { panic!("{error}") };
    assert_eq!(refusal.code, FaultCode::TIMEOUT);
    assert!(error.to_string().contains("no Hello within 10 s"), "{error}");
    assert_eq!(begin.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_collector_that_goes_silent_is_asked_twice_and_given_up() {
    let options = client::Options { deadline: None, ..client::Options::default() };
    let (line, collector) = duplex(1 << 20);
    let mut collector = Peer::new(collector);
    collector.say(&Greeting::collector().framed()).await;
    let client = Client::over(line, options);
    let begin = Instant::now();
    let task = DetectionTask::default();
    let (called, heard) = tokio::join!(client.call(&task), async {
        let mut heard = Vec::new();
        while let Some(packet) = collector.packet().await {
            heard.push((packet.body, begin.elapsed().as_secs()));
        }
        heard
    });
    let error = called.expect_err("given up");
    let Failure::Protocol(refusal) = error.failure() else { panic!("{error}") };
    assert_eq!(refusal.code, FaultCode::TIMEOUT, "{error}");
    let want =
        [(body::HELLO, 0), (body::TASK, 0), (body::PING, 30), (body::PING, 40), (body::FAULT, 50)];
    assert_eq!(heard, want);
}

/// It goes on talking, so that no ping is due.
#[tokio::test(start_paused = true)]
async fn a_collector_of_which_nothing_is_read_for_5_minutes_is_given_up() {
    let options = client::Options { deadline: None, ..client::Options::default() };
    let (line, collector) = duplex(512);
    let mut collector = Peer::new(collector);
    let client = Client::over(line, options);
    collector.say(&Greeting::collector().framed()).await;
    client.greet().await.expect("greeted");
    let begin = Instant::now();
    let (long, task) = ("m".repeat(1000), DetectionTask::default());
    let task = DetectionTask { metadata: Some(&long), ..task };
    let error = tokio::select! {
        called = client.call(&task) => called.expect_err("given up"),
        () = async {
            for _ in 0..20 {
                sleep(Duration::from_secs(20)).await;
                collector.say(&framed(0, body::PONG, &[])).await;
            }
        } => panic!("not given up"),
    };
    let Failure::Protocol(refusal) = error.failure() else { panic!("{error}") };
    assert_eq!(refusal.code, FaultCode::TIMEOUT, "{error}");
    assert!(error.to_string().contains("nothing was read for 5 minutes"), "{error}");
    assert_eq!(begin.elapsed().as_secs(), 300);
}

#[tokio::test(start_paused = true)]
async fn a_collector_that_answers_is_waited_for_all_day() {
    let options = client::Options { deadline: None, ..client::Options::default() };
    let (line, server) = served_line();
    let client = Client::over(line, options);
    let task = DetectionTask { task_id: "wait", ..Default::default() };
    tokio::select! {
        result = client.call(&task) => panic!("not waited for: {result:?}"),
        () = sleep(Duration::from_secs(24 * 60 * 60)) => {}
    }
    drop(server);
}

/// As in the branch of a `select!`: one future waits while another is awaited on the same connection.
#[tokio::test(start_paused = true)]
async fn a_reader_that_is_polled_no_more_holds_up_no_other() {
    for places in [64, 2] {
        let (line, _server) = served_line();
        let mut options = client::Options::default();
        options.session.max_streams = places;
        let client = Client::over(line, options);
        client.greet().await.expect("greeted");
        let begin = Instant::now();
        let task = DetectionTask { task_id: "wait", ..Default::default() };
        let mut first = client.stream(&task).await.expect("sent");
        let mut waiting = pin!(first.next());
        let is_pending = poll_fn(|cx| Poll::Ready(waiting.as_mut().poll(cx).is_pending()));
        assert!(is_pending.await);
        // With two places the second of these waits for the first to end.
        let task = DetectionTask::default();
        let others = [client.stream(&task).await, client.stream(&task).await];
        for stream in others {
            let mut stream = stream.expect("sent");
            while let Some(mut chunk) = stream.next().await.expect("a chunk") {
                chunk.for_each(|_| {}).expect("a result");
            }
            assert_eq!(stream.records(), 3);
        }
        assert_eq!(begin.elapsed(), Duration::ZERO, "{places} places: a timer had to help");
    }
}

/// It was polled last, so that the bytes are its to move, and the other is in a task of its own.
#[tokio::test(start_paused = true)]
async fn a_reader_that_leads_and_is_polled_no_more_holds_up_no_other() {
    let (line, _server) = served_line();
    let client = Client::over(line, client::Options::default());
    client.greet().await.expect("greeted");
    let begin = Instant::now();
    let other = tokio::spawn({
        let client = client.clone();
        async move {
            let task = DetectionTask { task_id: "a second", ..Default::default() };
            client.call(&task).await.expect("a result").processes.len()
        }
    });
    let task = DetectionTask { task_id: "wait", ..Default::default() };
    let mut held = client.stream(&task).await.expect("sent");
    // The other waits by then.
    sleep(Duration::from_millis(500)).await;
    let mut waiting = pin!(held.next());
    let is_pending = poll_fn(|cx| Poll::Ready(waiting.as_mut().poll(cx).is_pending()));
    assert!(is_pending.await);
    assert_eq!(other.await.expect("no panic"), 3);
    assert_eq!(begin.elapsed(), Duration::from_secs(1), "it came and was left lying");
}

/// An agent or a collector made of bytes, at the other end of a line in memory.
struct Peer {
    line: DuplexStream,
    unread: Vec<u8>,
    begin: Instant,
}

impl Peer {
    fn new(line: DuplexStream) -> Self {
        Self { line, unread: Vec::new(), begin: Instant::now() }
    }

    async fn say(&mut self, bytes: &[u8]) {
        self.line.write_all(bytes).await.expect("written");
    }

    async fn greet(&mut self) {
        self.say(&Greeting::agent().framed()).await;
        assert_eq!(self.packet().await.expect("a Hello").body, body::HELLO);
    }

    /// The next packet; none at the end. Cancel safe.
    async fn packet(&mut self) -> Option<Packet> {
        loop {
            if let Some(packet) = Packet::take(&mut self.unread) {
                return Some(packet);
            }
            if self.line.read_buf(&mut self.unread).await.expect("read") == 0 {
                return None;
            }
        }
    }

    async fn fault(&mut self) -> Fault {
        let packet = self.packet().await.expect("a fault before the end");
        packet.fault().unwrap_or_else(|| panic!("not a fault: {packet:?}"))
    }

    fn seconds(&self) -> u64 {
        self.begin.elapsed().as_secs()
    }
}

/// A server of one line.
struct Server {
    line: JoinHandle<std::io::Result<()>>,
    /// Dropped: it shuts down.
    stop: oneshot::Sender<()>,
    /// A thread is.
    at_work: Arc<Notify>,
    /// Dropped: threads that wait for it end.
    gate: mpsc::Sender<()>,
}

fn served() -> (Peer, Server) {
    let (line, server) = served_line();
    (Peer::new(line), server)
}

fn served_line() -> (DuplexStream, Server) {
    let (agent, line) = duplex(1 << 20);
    let (stop, stopped) = oneshot::channel::<()>();
    let (gate, gated) = mpsc::channel();
    let at_work = Arc::new(Notify::new());
    let handler = Waiting { at_work: at_work.clone(), gate: Arc::new(Mutex::new(gated)) };
    let line = tokio::spawn(async move {
        let options = server::Options::default();
        serve_line(line, Arc::new(handler), &options, async { drop(stopped.await) }).await
    });
    (agent, Server { line, stop, at_work, gate })
}

struct Waiting {
    at_work: Arc<Notify>,
    gate: Arc<Mutex<mpsc::Receiver<()>>>,
}

impl Handler for Waiting {
    async fn handle(
        &self,
        task: DetectionTask<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<Outcome, eyelet_transport::Fault> {
        match task.task_id {
            "wait" => pending().await,
            "a second" => {
                sleep(Duration::from_secs(1)).await;
                Collector { records: 3 }.handle(task, sink).await
            }
            "deaf thread" => {
                let (at_work, gate) = (self.at_work.clone(), self.gate.clone());
                let wait = move |_: &mut server::Producer| {
                    at_work.notify_one();
                    // An error is the gate's end, which is what it waits for.
                    let _ = gate.lock().expect("one thread").recv();
                    Ok(Outcome::success())
                };
                sink.blocking(wait).await
            }
            _ => Collector { records: 3 }.handle(task, sink).await,
        }
    }
}
