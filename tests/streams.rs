//! Streams of one connection do not wait for each other, and every record arrives once and in order,
//! whatever the agent's pace, credit and frames.

use std::future::{pending, poll_fn};
use std::ops::RangeInclusive;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use eyelet_codec::{DetectionTask, FaultCode, ProcessRecord};
use eyelet_tests::peer::Peer;
use eyelet_tests::server::{Server, runtime};
use eyelet_tests::synthetic::{Collector, Synthetic, wanted};
use eyelet_tests::wire::{Greeting, Packet, body, bytes, framed, number};
use eyelet_transport::client::{Options, Stream};
use eyelet_transport::peer::PeerPolicy;
use eyelet_transport::server::{self, Counters, Producer};
use eyelet_transport::{Client, Fault, Handler, Outcome, Sink};
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::task::yield_now;
use tokio::time::timeout;

#[test]
fn a_stream_that_nobody_reads_holds_up_no_other() {
    let server = Server::start(Collector { records: 0 });
    runtime().block_on(async {
        let client = Client::connect(server.path()).await.expect("connected");
        let mut stalled = client.stream(&asking("20000")).await.expect("sent");
        for _ in 0..3 {
            let mut fast = client.stream(&asking("20000")).await.expect("sent");
            assert_eq!(read_in_order(&mut fast, 0).await, 20_000);
        }
        assert_eq!(read_in_order(&mut stalled, 0).await, 20_000);
    });
}

#[test]
fn streams_are_read_at_any_pace_side_by_side() {
    let server = Server::start(Collector { records: 0 });
    let mut options = Options::default();
    options.session.credit = 4096;
    runtime().block_on(async {
        let client = Client::connect_with(server.path(), options).await.expect("connected");
        let mut readers = FuturesUnordered::new();
        for pace in 0..16 {
            let client = &client;
            readers.push(async move {
                let count = (1000 * (pace + 1)).to_string();
                let mut stream = client.stream(&asking(&count)).await.expect("sent");
                assert_eq!(read_in_order(&mut stream, pace).await.to_string(), count);
            });
        }
        while readers.next().await.is_some() {}
    });
}

#[test]
fn tasks_that_nobody_waits_for_are_begun_and_ended_however_many() {
    let counters = Arc::new(Counters::default());
    let options = server::Options { counters: counters.clone(), ..Default::default() };
    let server = Server::start_with(Endless, options, PeerPolicy::same_user());
    runtime().block_on(async {
        let mut begun = 0;
        for count in 1..=64 {
            // Of its own, so that what is cancelled is no flood.
            let client = Client::connect(server.path()).await.expect("connected");
            let mut streams = Vec::new();
            for _ in 0..count {
                streams.push(client.stream(&DetectionTask::default()).await.expect("sent"));
            }
            begun += count;
            until(|| counters.read().tasks == begun, &format!("{count} are begun")).await;
            drop(streams);
            let ended = [(FaultCode::CANCELLED, begun)];
            until(|| counters.read().faults == ended, &format!("{count} are cancelled")).await;
            client.close().await;
        }
    });
}

/// Whether `holds`, within 10 s.
async fn until(holds: impl Fn() -> bool, what: &str) {
    let seen = async {
        while !holds() {
            yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), seen).await.unwrap_or_else(|_| panic!("not so: {what}"));
}

#[test]
fn a_client_outlives_the_runtime_that_it_was_made_in() {
    let server = Server::start(Collector { records: 3 });
    let first = runtime();
    let client = first.block_on(async {
        let client = Client::connect(server.path()).await.expect("connected");
        client.call(&DetectionTask::default()).await.expect("a result");
        client
    });
    drop(first);
    runtime().block_on(async {
        let result = client.call(&DetectionTask::default()).await.expect("a result");
        assert_eq!(result.processes.len(), 3);
        client.close().await;
    });
}

/// Never answers.
struct Endless;

impl Handler for Endless {
    async fn handle(&self, _: DetectionTask<'_>, _: &mut Sink<'_>) -> Result<Outcome, Fault> {
        pending().await
    }
}

/// Who reads first moves the connection's bytes for all of them.
#[test]
fn a_reader_that_waits_no_longer_leaves_the_line_to_the_others() {
    let server = Server::start(Collector { records: 0 });
    runtime().block_on(async {
        let client = Client::connect(server.path()).await.expect("connected");
        let mut waited = 0;
        for _ in 0..100 {
            let mut first = client.stream(&asking("20000")).await.expect("sent");
            let mut other = client.stream(&asking("300")).await.expect("sent");
            waited += u32::from(poll_once(first.next()).await.is_none());
            assert_eq!(read_in_order(&mut other, 0).await, 300);
        }
        assert!(waited > 0, "an answer was always there before it could be waited for");
    });
}

#[test]
fn an_agent_that_has_shut_its_sending_half_still_gets_its_results() {
    let server = Server::start(Collector { records: 20_000 });
    let mut agent =
        Peer::agent_with(server.path(), Greeting { credit: 1 << 40, ..Greeting::agent() });
    agent.say(&[task(1, ""), task(3, "")].concat());
    agent.shut();
    let packets = agent.rest();
    for stream in [1, 3] {
        let of_it = || packets.iter().filter(|packet| packet.stream == stream);
        assert_eq!(of_it().map(records).sum::<usize>(), 20_000);
        assert_eq!(of_it().filter(|packet| !packet.more).count(), 1);
    }
    assert!(packets.iter().all(|packet| packet.body == body::RESULT));
}

#[test]
fn what_its_credit_does_not_cover_ends_in_a_fault_and_not_in_silence() {
    let server = Server::start(Collector { records: 20_000 });
    for waits_before_it_shuts in [false, true] {
        let mut agent =
            Peer::agent_with(server.path(), Greeting { credit: 1, ..Greeting::agent() });
        agent.say(&task(1, ""));
        let first = waits_before_it_shuts.then(|| agent.packet().expect("a chunk"));
        agent.shut();
        let packets: Vec<_> = first.into_iter().chain(agent.rest()).collect();
        let [chunk, fault] = &packets[..] else { panic!("{} packets", packets.len()) };
        assert!(chunk.more && records(chunk) > 0);
        let fault = fault.fault().expect("a fault");
        assert_eq!((fault.stream, fault.code), (1, FaultCode::CANCELLED), "{fault:?}");
    }
}

#[test]
fn credit_is_kept_to_the_byte() {
    let server = Server::start(Collector { records: 20_000 });
    let mut agent = Peer::agent_with(server.path(), Greeting { credit: 1, ..Greeting::agent() });
    agent.say(&task(1, ""));
    let mut used = 0;
    let mut seen = 0;
    let mut nonce = 0u64;
    loop {
        let packet = agent.packet().expect("a result");
        (used, seen) = (used + packet.len as u64, seen + records(&packet));
        if !packet.more {
            break;
        }
        // Exactly what was used allows nothing; the pong proves that it was understood.
        nonce += 1;
        let question = [&[9][..], &nonce.to_le_bytes()].concat();
        let credit = |total: u64| framed(1, body::CREDIT, &number(1, total));
        agent.say(&[credit(used), framed(0, body::PING, &question)].concat());
        let answer = agent.packet().expect("a pong");
        assert_eq!((answer.body, answer.number(1)), (body::PONG, Some(nonce)), "{answer:?}");
        agent.say(&credit(used + 1));
    }
    assert_eq!(seen, 20_000);
}

#[test]
fn the_smallest_frames_carry_every_record_that_fits_and_count_the_others() {
    let server = Server::start(Sizes);
    let greeting = Greeting { max_frame: 256, credit: 1 << 40, ..Greeting::agent() };
    let mut agent = Peer::agent_with(server.path(), greeting);
    let long = "i".repeat(128);
    for (stream, (how, id)) in
        (1..).step_by(2).zip([("send", ""), ("send", &*long), ("thread", ""), ("thread", &*long)])
    {
        let content = [bytes(1, id.as_bytes()), bytes(5, how.as_bytes())].concat();
        agent.say(&framed(stream, body::TASK, &content));
        let mut names = Vec::new();
        let last = loop {
            let packet = agent.packet().expect("a result");
            assert!(packet.len <= 256, "a body of {} bytes", packet.len);
            names.extend(packet.all(4).map(|record| record.len()));
            if !packet.more {
                break packet;
            }
        };
        // A record of a name's length and 4 bytes; around it 3 bytes of its own, 5 of the result and
        // the stream, and 2 of `more`, of which `thread` counts the stream's as 5.
        let largest = if how == "send" { 256 - 2 - 6 - 3 } else { 256 - 12 - 3 };
        let fitting: Vec<_> = Sizes::NAMES.map(record_len).filter(|len| *len <= largest).collect();
        assert_eq!(names, fitting, "{how}, an id of {} bytes", id.len());
        let left_out = Sizes::NAMES.count() - fitting.len();
        assert!(left_out > 0, "a control");
        let coverage = last.all(10).next().expect("coverage");
        assert_eq!(coverage, number(6, left_out as u64), "{how}");
    }
}

#[test]
fn a_handler_may_wait_with_wakers_of_its_own() {
    let server = Server::start(Nested);
    let mut agent = Peer::agent_with(server.path(), Greeting { credit: 1, ..Greeting::agent() });
    agent.say(&task(1, "20000"));
    let (mut used, mut seen) = (0, 0);
    loop {
        let packet = agent.packet().expect("a result");
        (used, seen) = (used + packet.len as u64, seen + records(&packet));
        if !packet.more {
            break;
        }
        agent.say(&framed(1, body::CREDIT, &number(1, used + 1)));
    }
    assert_eq!(seen, 20_000);
}

#[test]
fn last_words_are_read_behind_results_by_a_peer_that_writes_first() {
    let server = Server::start(Collector { records: 100_000 });
    let mut agent =
        Peer::agent_with(server.path(), Greeting { credit: 1 << 40, ..Greeting::agent() });
    agent.say(&task(1, ""));
    // More than any socket holds, while results fill the other way.
    agent.say(&vec![0xff; 8 * 1024 * 1024]);
    let fault = agent.last_words();
    assert_eq!(fault.code, FaultCode::MALFORMED, "{fault:?}");
    assert_eq!(server.serves(&asking("3")), 3);
}

/// What a future has to say when it is polled once; then it is dropped.
async fn poll_once<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// A task for so many records.
fn asking(count: &str) -> DetectionTask<'_> {
    DetectionTask { metadata: Some(count), ..Default::default() }
}

/// The same, as a peer says it.
fn task(stream: u32, count: &str) -> Vec<u8> {
    let content = if count.is_empty() { vec![] } else { bytes(5, count.as_bytes()) };
    framed(stream, body::TASK, &content)
}

fn records(packet: &Packet) -> usize {
    packet.all(4).count()
}

/// Reads a whole result, giving others `pace` turns after each chunk; the number of its records.
async fn read_in_order(stream: &mut Stream, pace: u32) -> u32 {
    let mut index = 0;
    while let Some(mut chunk) = stream.next().await.expect("a chunk") {
        let each = |record: &ProcessRecord<'_>| {
            assert_eq!(*record, Synthetic::new(index).record());
            index += 1;
        };
        chunk.for_each(each).expect("a result");
        for _ in 0..pace {
            tokio::task::yield_now().await;
        }
    }
    index
}

/// Records of every size around what the smallest frame can carry.
struct Sizes;

impl Sizes {
    const NAMES: RangeInclusive<usize> = 200..=255;
}

/// Of an encoded record that has nothing but a name; its length takes two bytes.
fn record_len(name: usize) -> usize {
    if name < 128 { 2 + name } else { 3 + name }
}

impl Handler for Sizes {
    async fn handle(&self, task: DetectionTask<'_>, sink: &mut Sink<'_>) -> Result<Outcome, Fault> {
        let name = "n".repeat(255);
        if task.metadata == Some("send") {
            for len in Self::NAMES {
                sink.send(&ProcessRecord { name: &name[..len], ..Default::default() }).await?;
            }
            return Ok(Outcome::success());
        }
        let produce = move |producer: &mut Producer| {
            for len in Self::NAMES {
                producer.send(&ProcessRecord { name: &name[..len], ..Default::default() })?;
            }
            Ok(Outcome::success())
        };
        sink.blocking(produce).await
    }
}

/// Sends within futures that another executor polls.
struct Nested;

type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), Fault>> + Send + 'a>>;

impl Handler for Nested {
    async fn handle(&self, task: DetectionTask<'_>, sink: &mut Sink<'_>) -> Result<Outcome, Fault> {
        let count = wanted(&task)?;
        let sending = async {
            for index in 0..count {
                sink.send(&Synthetic::new(index).record()).await?;
            }
            Ok(())
        };
        let mut executor: FuturesUnordered<Sending<'_>> = FuturesUnordered::new();
        executor.push(Box::pin(sending));
        executor.next().await.unwrap_or(Ok(()))?;
        Ok(Outcome::success())
    }
}
