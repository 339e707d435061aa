//! However much a result is, and however slowly it is read, the collector's memory stays where it was.

use std::path::Path;

use eyelet_codec::{DetectionTask, FaultCode, Message, ProcessRecord};
use eyelet_tests::attacked::Attacked;
use eyelet_tests::peer::Peer;
use eyelet_tests::server::runtime;
use eyelet_tests::skip;
use eyelet_tests::synthetic::Synthetic;
use eyelet_tests::wire::{Greeting, body, bytes, framed, number};
use eyelet_transport::Client;

/// What 100,000 records may cost more than 1,000 do, in KiB.
const SLACK: u64 = 1024;
const MAX_FRAME: usize = 64 * 1024;
const FEW: u32 = 1000;
const MANY: u32 = 100_000;

#[test]
fn a_hundred_thousand_records_cost_no_more_memory_than_a_thousand() {
    if !can_tell_peaks("a_hundred_thousand_records_cost_no_more_memory_than_a_thousand") {
        return;
    }
    for how in ["send", "thread"] {
        // Ahead of a reader who grants a chunk at a time, and of one who only reads slowly.
        for credit in [1, 1 << 40] {
            let few = peak_of_one_stream(how, FEW, credit);
            let many = peak_of_one_stream(how, MANY, credit);
            eprintln!("{how}, credit {credit}: {few} KiB for {FEW} records, {many} for {MANY}");
            assert!(many <= few + SLACK, "{how}, credit {credit}: {many} KiB against {few}");
        }
    }
}

#[test]
fn a_queue_without_bounds_would_be_noticed() {
    if !can_tell_peaks("a_queue_without_bounds_would_be_noticed") {
        return;
    }
    let few = peak_of_one_stream("queue", FEW, 1);
    let many = peak_of_one_stream("queue", MANY, 1);
    eprintln!("queue: {few} KiB for {FEW} records, {many} for {MANY}");
    assert!(many > few + SLACK, "{many} KiB against {few}: the test could not fail");
}

#[test]
fn our_own_client_reads_a_hundred_thousand_records_in_order() {
    let collector = collector("send");
    runtime().block_on(async {
        let client = Client::connect(collector.endpoint()).await.expect("connected");
        let mut stream = client.stream(&asking(&MANY.to_string())).await.expect("sent");
        let mut index = 0;
        while let Some(mut chunk) = stream.next().await.expect("a chunk") {
            assert!(chunk.len() < MAX_FRAME);
            let each = |record: &ProcessRecord<'_>| {
                assert_eq!(*record, Synthetic::new(index).record());
                index += 1;
            };
            chunk.for_each(each).expect("a result");
        }
        assert_eq!(index, MANY);
    });
}

#[test]
fn an_agent_that_reads_nothing_costs_what_a_full_socket_does() {
    if !can_tell_peaks("an_agent_that_reads_nothing_costs_what_a_full_socket_does") {
        return;
    }
    let calm = collector("send");
    serves_others(&calm);
    let calm = calm.peak();

    let collector = collector("send");
    let mut deaf = Peer::agent_with(collector.endpoint(), patient());
    for stream in (1..).step_by(2).take(64) {
        deaf.say(&task(stream, MANY));
    }
    serves_others(&collector);
    let stalled = collector.peak();
    eprintln!("64 streams unread: {stalled} KiB, without: {calm}");
    assert!(stalled <= calm + SLACK, "{stalled} KiB against {calm}");
}

#[test]
fn answers_that_nobody_reads_do_not_pile_up() {
    if !can_tell_peaks("answers_that_nobody_reads_do_not_pile_up") {
        return;
    }
    let calm = collector("send");
    serves_others(&calm);
    let calm = calm.peak();
    for (case, ask) in FLOODS {
        let collector = collector("send");
        let mut deaf = Peer::agent_with(collector.endpoint(), patient());
        let mut other = Peer::agent(collector.endpoint());
        let mut asked = 0;
        // No more at once than the collector works on, and then time for it to answer.
        for first in (1..).step_by(2 * 60).take(MANY as usize / 60) {
            let tasks: Vec<u8> = (first..).step_by(2).take(60).flat_map(ask).collect();
            if !deaf.say(&tasks) {
                break;
            }
            asked += 60;
            for stream in [first, first + 2] {
                other.say(&task(stream, 0));
                assert_eq!(other.result(stream.into()).1, 0);
            }
        }
        let peak = collector.peak();
        eprintln!("{asked} {case} unread: {peak} KiB, without: {calm}");
        assert!(peak <= calm + SLACK, "{case}: {peak} KiB against {calm}");
    }
}

#[test]
fn a_flood_of_tasks_ends_the_connection_in_words() {
    for (case, ask) in FLOODS {
        let collector = collector("send");
        let mut deaf = Peer::agent_with(collector.endpoint(), patient());
        let flood: Vec<u8> = (1..).step_by(2).take(MANY as usize).flat_map(ask).collect();
        deaf.say(&flood);
        let fault = deaf.last_words();
        assert_eq!(fault.code, FaultCode::FLOOD, "{case}: {fault:?}");
        serves_others(&collector);
    }
}

/// What is said on a stream.
type Ask = fn(u32) -> Vec<u8>;

/// Tasks that end at once, and whose answers need no credit.
const FLOODS: [(&str, Ask); 4] = [
    ("empty results", |stream| {
        framed(stream, body::TASK, &[bytes(1, &[b'i'; 128]), bytes(5, b"0")].concat())
    }),
    ("cancelled tasks", |stream| [task(stream, MANY), framed(stream, body::CANCEL, &[])].concat()),
    ("invalid tasks", |stream| framed(stream, body::TASK, &bytes(1, &[b'i'; 129]))),
    ("unknown tasks", |stream| framed(stream, body::TASK, &number(2, 7))),
];

/// The collector's peak after one stream of so many records, read by an agent made of bytes.
fn peak_of_one_stream(how: &str, count: u32, credit: u64) -> u64 {
    let collector = collector(how);
    let mut agent =
        Peer::agent_with(collector.endpoint(), Greeting { credit, ..Greeting::agent() });
    agent.say(&task(1, count));
    // Whoever can get ahead of the reader has done so when others have been served for a while.
    serves_others(&collector);
    let (mut index, mut used) = (0, 0);
    loop {
        let packet = agent.packet().expect("a result");
        assert!(packet.len <= MAX_FRAME, "a body of {} bytes", packet.len);
        for record in packet.all(4) {
            let record = ProcessRecord::decode(&record).expect("a record");
            assert_eq!(record, Synthetic::new(index).record());
            index += 1;
        }
        if !packet.more {
            break;
        }
        used += packet.len as u64;
        agent.say(&framed(1, body::CREDIT, &number(1, used + credit)));
    }
    assert_eq!(index, count);
    collector.peak()
}

/// Another agent has a few results, so that the first one's connection has had its turns between.
fn serves_others(collector: &Attacked) {
    runtime().block_on(async {
        let client = Client::connect(collector.endpoint()).await.expect("connected");
        for _ in 0..20 {
            let result = client.call(&asking("1000")).await.expect("served");
            assert_eq!(result.processes.len(), 1000);
        }
        client.close().await;
    });
}

fn asking(count: &str) -> DetectionTask<'_> {
    DetectionTask { metadata: Some(count), ..Default::default() }
}

fn task(stream: u32, count: u32) -> Vec<u8> {
    framed(stream, body::TASK, &bytes(5, count.to_string().as_bytes()))
}

/// Of an agent whose credit is never spent.
fn patient() -> Greeting {
    Greeting { credit: 1 << 40, ..Greeting::agent() }
}

fn collector(how: &str) -> Attacked {
    Attacked::start(env!("CARGO_BIN_EXE_synthetic_collector"), &[how])
}

fn can_tell_peaks(test: &str) -> bool {
    let can = Path::new("/proc/self/status").exists();
    if !can {
        skip(test, "this system does not tell the peak of a process's memory in /proc");
    }
    can
}
