//! Results that are too much, or too late.

use std::time::Duration;

use eyelet_codec::{DetectionTask, FaultCode};
use eyelet_tests::peer::FakeCollector;
use eyelet_tests::server::runtime;
use eyelet_tests::wire::{self, body, bytes, chunk, framed, number};
use eyelet_transport::Client;
use eyelet_transport::client::{Backoff, ClientError, Failure, Options, Stream};

use crate::agent::Kind;
use crate::{assert_protocol, assert_told, fault, open, record, records};

both! {
    what_comes_behind_a_cancel_stays_within_the_credit,
    a_result_over_a_limit_is_reported_and_cancelled_and_the_connection_goes_on,
    a_caller_that_wants_no_more_cancels,
    success_is_what_the_last_chunk_says,
}

#[test]
fn a_result_beyond_the_credit_ends_the_connection() {
    // Bodies of 300 bytes against a credit of 1,000: after four, 1,200 have come.
    let (credit, body, within) = (1000, 300, 4);
    let collector = FakeCollector::start(move |mut agent| {
        let hello = open(&mut agent);
        assert_eq!(hello.number(5), Some(credit));
        let piece = padded(1, body);
        agent.say(&piece.repeat(within + 1));
        agent.rest()
    });
    let mut options = Options { backoff: Backoff::none(), ..Options::default() };
    options.session.credit = credit;
    runtime().block_on(async {
        let client = Client::connect_with(collector.path(), options).await.expect("connected");
        let mut stream = client.stream(&DetectionTask::default()).await.expect("sent");
        // Nothing is taken, and so nothing granted, until the collector has heard of it.
        let heard = joined(collector).await;
        let fault = assert_told("credit", &heard, FaultCode::CREDIT, "beyond the stream's credit");
        assert_eq!((fault.limit, fault.seen), (Some(1000), Some(1500)));

        let error = read(&mut stream).await.expect_err("over the credit");
        assert_protocol("credit", &error, FaultCode::CREDIT, "beyond the stream's credit");
        assert_eq!(error.records(), within as u64);
    });
}

fn what_comes_behind_a_cancel_stays_within_the_credit(kind: Kind) {
    let collector = FakeCollector::start(|mut agent| {
        open(&mut agent);
        agent.say(&padded(1, 300));
        // In any order: a cancel, and the next task, whose caller is to hear of it.
        let next = [agent.packet(), agent.packet()].map(|packet| packet.expect("a packet").body);
        assert!(next.contains(&body::CANCEL) && next.contains(&body::TASK), "{next:?}");
        agent.say(&padded(1, 300).repeat(4));
        agent.rest()
    });
    let mut options = Options::default();
    options.session.credit = 1000;
    let mut agent = kind.connect(collector.path(), options).expect("connected");
    agent.leave().expect("a chunk");
    let error = agent.call().expect_err("over the credit");
    assert_protocol("credit", &error, FaultCode::CREDIT, "beyond the stream's credit");
    let fault =
        assert_told("credit", &collector.join(), FaultCode::CREDIT, "beyond the stream's credit");
    assert_eq!((fault.limit, fault.seen), (Some(1000), Some(1500)));
}

#[test]
fn a_small_last_result_needs_no_credit_and_one_byte_more_does() {
    for (len, fits) in [(256, true), (257, false)] {
        let collector = FakeCollector::start(move |mut agent| {
            open(&mut agent);
            let last = [number(2, 1), bytes(100, &[])].concat();
            let more = len - wire::packet(1, body::RESULT, &last).len();
            // Lengths from 128 on take two bytes, the packet's and the field's.
            let last = [number(2, 1), bytes(100, &vec![0; more - 2])].concat();
            assert_eq!(wire::packet(1, body::RESULT, &last).len(), len);
            agent.say(&[padded(1, 300), framed(1, body::RESULT, &last)].concat());
            agent.rest()
        });
        let mut options = Options::default();
        options.session.credit = 300;
        runtime().block_on(async {
            let client = Client::connect_with(collector.path(), options).await.expect("connected");
            let stream = client.stream(&DetectionTask::default()).await.expect("sent");
            if !fits {
                let heard = joined(collector).await;
                assert_told("257 bytes", &heard, FaultCode::CREDIT, "credit");
                return;
            }
            let mut stream = stream;
            assert_eq!(read(&mut stream).await.expect("256 bytes"), 1);
            drop(stream);
            client.close().await;
            let heard = joined(collector).await;
            assert!(heard.iter().all(|packet| packet.fault().is_none()), "{heard:?}");
        });
    }
}

fn a_result_over_a_limit_is_reported_and_cancelled_and_the_connection_goes_on(kind: Kind) {
    let table: &[(&str, Vec<u8>, &str)] = &[
        ("no name", bytes(4, &number(1, 7)), "ProcessRecord.name"),
        ("a long name", bytes(4, &bytes(3, &[b'n'; 256])), "ProcessRecord.name"),
        ("a long id", bytes(1, &[b'i'; 129]), "DetectionResult.task_id"),
        ("many records", bytes(4, &bytes(3, b"n")).repeat(4097), "DetectionResult.processes"),
    ];
    for (case, content, field) in table {
        let content = content.clone();
        let collector = FakeCollector::start(move |mut agent| {
            open(&mut agent);
            agent.say(&[chunk(1, &records(2)), chunk(1, &content)].concat());
            let mut heard = [(); 2].map(|()| agent.packet().expect("a cancel and a task"));
            heard.sort_by_key(|packet| packet.stream);
            let heard = heard.map(|packet| (packet.stream, packet.body));
            assert_eq!(heard, [(1, body::CANCEL), (3, body::TASK)]);
            agent.say(&fault(1, FaultCode::CANCELLED, "as you like"));
            agent.say(&framed(3, body::RESULT, &[records(1), number(2, 1)].concat()));
            agent.rest()
        });
        let mut agent = kind.connect(collector.path(), Options::default()).expect("connected");
        let error = agent.call().expect_err(case);
        let Failure::InvalidResult(reason) = error.failure() else { panic!("{case}: {error}") };
        let place = format!("{}.{}", reason.message(), reason.field_name().unwrap_or(""));
        assert_eq!(place, *field, "{case}");
        assert!(error.to_string().contains(field), "{case}: {error}");
        assert_eq!(error.records(), 2, "{case}");
        let next = agent.call().expect("it goes on");
        assert_eq!(next.processes.len(), 1, "{case}");
        agent.close();
        let heard = collector.join();
        assert_eq!(heard.len(), 1, "{case}: {heard:?}");
        assert_eq!(heard[0].body, body::GO_AWAY, "{case}");
    }
}

fn a_caller_that_wants_no_more_cancels(kind: Kind) {
    let short = Options { deadline: Some(Duration::from_millis(20)), ..Options::default() };
    let small = Options { max_result: 10, ..Options::default() };
    for (case, options, want) in
        [("late", short, "took too long"), ("large", small, "than 10 bytes")]
    {
        let collector = FakeCollector::start(|mut agent| {
            open(&mut agent);
            agent.say(&chunk(1, &records(2)));
            agent.packet().expect("a cancel")
        });
        let mut agent = kind.connect(collector.path(), options).expect("connected");
        let error = agent.call().expect_err(case);
        let cancel = collector.join();
        assert_eq!((cancel.stream, cancel.body), (1, body::CANCEL), "{case}");
        assert!(error.to_string().contains(want), "{case}: {error}");
    }
}

fn success_is_what_the_last_chunk_says(kind: Kind) {
    for (case, first, last, want) in [
        ("taken back in silence", number(2, 1), vec![], false),
        ("taken back with a reason", number(2, 1), bytes(3, b"no"), false),
        ("said last", vec![], number(2, 1), true),
    ] {
        let collector = FakeCollector::start(move |mut agent| {
            open(&mut agent);
            agent.say(&chunk(1, &[records(1), first].concat()));
            agent.say(&framed(1, body::RESULT, &last));
            agent.rest()
        });
        let mut agent = kind.connect(collector.path(), Options::default()).expect("connected");
        let result = agent.call().expect(case);
        agent.close();
        assert_eq!((result.success, result.processes.len()), (want, 1), "{case}");
        collector.join();
    }
}

/// A chunk of one record and a body of `len` bytes.
fn padded(stream: u32, len: usize) -> Vec<u8> {
    let unpadded = wire::packet(stream, body::RESULT, &record(1)).len() + 2;
    // The result's length takes a byte more, the unknown field's key two and its length two.
    let content = [record(1), bytes(100, &vec![0; len - unpadded - 5])].concat();
    let body = [wire::packet(stream, body::RESULT, &content), number(2, 1)].concat();
    assert_eq!(body.len(), len);
    wire::frame(&body)
}

/// While the connection goes on.
async fn joined<T: Send + 'static>(collector: FakeCollector<T>) -> T {
    tokio::task::spawn_blocking(|| collector.join()).await.expect("the collector's part")
}

pub(crate) async fn read(stream: &mut Stream) -> Result<u64, ClientError> {
    while let Some(mut chunk) = stream.next().await? {
        chunk.for_each(|_| {})?;
    }
    Ok(stream.records())
}
