//! Frames and packets in the middle of a result.

use eyelet_codec::{DetectionTask, FaultCode};
use eyelet_tests::peer::{Conversation, FakeCollector, Peer};
use eyelet_tests::server::runtime;
use eyelet_tests::wire::{self, Greeting, Packet, body, bytes, chunk, framed, number};
use eyelet_transport::Client;
use eyelet_transport::client::{Failure, Options, Repeat};

use crate::agent::Kind;
use crate::results::read;
use crate::{assert_protocol, assert_told, damaged, fault, open, read_all, record, records};

both! {
    a_packet_where_it_does_not_belong_is_refused_after_what_came_before,
    every_flipped_bit_of_a_result_is_noticed,
    a_line_cut_at_any_offset_is_an_error_with_the_exact_count,
    a_connection_fault_in_the_middle_is_told_with_the_count,
    what_is_legal_but_unusual_is_taken,
}

fn a_packet_where_it_does_not_belong_is_refused_after_what_came_before(kind: Kind) {
    let table: &[(&str, Vec<u8>, FaultCode, &str)] = &[
        ("too large", wire::varint(65537), FaultCode::TOO_LARGE, "65537 bytes, at most 65536"),
        ("padded", vec![0x81, 0], FaultCode::MALFORMED, "shortest form"),
        ("a wrong checksum", damaged(&chunk(1, &record(9))), FaultCode::CHECKSUM, "checksum"),
        ("a group", wire::frame(&[0x0b, 0x0c]), FaultCode::MALFORMED, ""),
        ("a second hello", Greeting::collector().framed(), FaultCode::STREAM, "second Hello"),
        ("a task", wire::task(1, ""), FaultCode::STREAM, "from a collector"),
        ("credit", framed(1, body::CREDIT, &number(1, 1)), FaultCode::STREAM, "from a collector"),
        ("a cancel", framed(1, body::CANCEL, &[]), FaultCode::STREAM, "from a collector"),
        ("a result of no task", framed(3, body::RESULT, &[]), FaultCode::STREAM, "never opened"),
        ("a result of the line", framed(0, body::RESULT, &[]), FaultCode::STREAM, "connection"),
        ("a fault of no task", fault(3, FaultCode::BUSY, ""), FaultCode::STREAM, "never opened"),
        ("a malformed result", chunk(1, &[0xff]), FaultCode::MALFORMED, ""),
    ];
    for (case, say, code, sentence) in table {
        let say = say.clone();
        let collector = FakeCollector::start(move |mut agent| {
            open(&mut agent);
            agent.say(&[chunk(1, &records(2)), say].concat());
            agent.rest()
        });
        let (result, heard) = read_all(kind, collector);
        let error = result.expect_err(case);
        if *case == "a malformed result" {
            assert!(matches!(error.failure(), Failure::InvalidResult(_)), "{case}: {error}");
        } else {
            assert_protocol(case, &error, *code, sentence);
        }
        assert_eq!(error.records(), 2, "{case}");
        assert_told(case, &heard, *code, sentence);
    }
}

fn every_flipped_bit_of_a_result_is_noticed(kind: Kind) {
    let frame = framed(1, body::RESULT, &[records(1), number(2, 1)].concat());
    for bit in 0..frame.len() * 8 {
        let mut damaged = frame.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let longer = usize::from(damaged[0]) > frame.len() - 5;
        let collector = FakeCollector::start(move |mut agent| {
            open(&mut agent);
            agent.say(&damaged);
            agent.shut();
            agent.rest()
        });
        let (result, heard) = read_all(kind, collector);
        let error = result.expect_err("noticed");
        assert_eq!(error.records(), 0, "bit {bit}");
        if longer {
            assert!(matches!(error.failure(), Failure::Cut), "bit {bit}: {error}");
        } else {
            let code = heard[0].fault().expect("told").code;
            let want = if damaged_to_nothing(&frame, bit) {
                FaultCode::MALFORMED
            } else {
                FaultCode::CHECKSUM
            };
            assert_eq!(code, want, "bit {bit}");
            assert_protocol("a flipped bit", &error, want, "");
        }
    }
}

/// Whether a flipped bit makes a length of 0.
fn damaged_to_nothing(frame: &[u8], bit: usize) -> bool {
    bit < 8 && frame[0] ^ 1 << bit == 0
}

fn a_line_cut_at_any_offset_is_an_error_with_the_exact_count(kind: Kind) {
    let script = [chunk(1, &records(3)), chunk(1, &records(2)), chunk(1, &records(4))];
    let ends = [script[0].len(), script[0].len() + script[1].len()];
    let script = script.concat();
    for end in 0..script.len() {
        let said = script[..end].to_vec();
        let collector = FakeCollector::start(move |mut agent| {
            open(&mut agent);
            agent.say(&said);
        });
        let error = read_all(kind, collector).0.expect_err("cut");
        assert!(matches!(error.failure(), Failure::Cut), "{end} bytes: {error}");
        let want = match end {
            end if end < ends[0] => 0,
            end if end < ends[1] => 3,
            _ => 5,
        };
        assert_eq!(error.records(), want, "{end} bytes");
        let told = format!("(after {want} records)");
        assert_eq!(error.to_string().contains(&told), want > 0, "{end} bytes: {error}");
    }
}

fn a_connection_fault_in_the_middle_is_told_with_the_count(kind: Kind) {
    let collector = FakeCollector::start(|mut agent| {
        open(&mut agent);
        agent.say(&[chunk(1, &records(2)), fault(0, FaultCode::INTERNAL, "out of it")].concat());
        agent.rest()
    });
    let (result, heard) = read_all(kind, collector);
    let error = result.expect_err("ended");
    assert!(matches!(error.failure(), Failure::Refused(_)), "{error}");
    assert!(error.to_string().contains("INTERNAL: out of it (after 2 records)"), "{error}");
    assert_eq!(heard, [], "a fault is never answered");
}

fn what_is_legal_but_unusual_is_taken(kind: Kind) {
    let collector = FakeCollector::start(|mut agent| {
        open(&mut agent);
        let last = [records(1), number(2, 1)].concat();
        let more_first = [number(2, 1), wire::packet(1, body::RESULT, &records(1))].concat();
        agent.say(&wire::frame(&more_first));
        agent.say(&wire::frame(&bytes(77, b"a body of a later version")));
        agent.say(&framed(0, body::PING, &[&[9][..], &7u64.to_le_bytes()].concat()));
        agent.say(&chunk(1, &[records(1), bytes(99, b"a field of a later version")].concat()));
        agent.say(&chunk(1, &[]));
        agent.say(&framed(1, body::RESULT, &last));
        // Nobody listens any more; it is in its right direction.
        agent.say(&framed(1, body::RESULT, &last));
        agent.say(&fault(1, FaultCode::INTERNAL, "late"));
        agent.rest()
    });
    let mut agent = kind.connect(collector.path(), Options::default()).expect("connected");
    let result = agent.call().expect("a result");
    assert_eq!((result.processes.len(), result.success), (3, true));
    agent.close();
    let heard = collector.join();
    assert_eq!((heard[0].body, heard[0].number(1)), (body::PONG, Some(7)), "{heard:?}");
    assert_eq!(heard[1].body, body::GO_AWAY, "{heard:?}");
    assert_eq!(heard.len(), 2, "{heard:?}");
}

#[test]
fn after_a_go_away_the_next_task_goes_over_another_connection() {
    let leaves: Conversation<_> = Box::new(|mut agent| {
        open(&mut agent);
        agent.say(&framed(0, body::GO_AWAY, &number(2, 1)));
        agent.say(&framed(1, body::RESULT, &[records(2), number(2, 1)].concat()));
        agent.rest()
    });
    let collector = FakeCollector::in_turn(vec![leaves, Box::new(answers)]);
    runtime().block_on(async {
        let client = Client::connect(collector.path()).await.expect("connected");
        for count in [2, 3] {
            let result = client.call(&DetectionTask::default()).await.expect("finished");
            assert_eq!(result.processes.len(), count);
        }
    });
    let heard = collector.join().concat();
    assert!(heard.iter().all(|packet| packet.body != body::FAULT), "{heard:?}");
}

#[test]
fn a_task_above_the_last_stream_of_a_go_away_is_sent_again() {
    let leaves: Conversation<_> = Box::new(|mut agent| {
        open(&mut agent);
        agent.say(&framed(0, body::GO_AWAY, &[]));
        Vec::new()
    });
    let collector = FakeCollector::in_turn(vec![leaves, Box::new(answers)]);
    runtime().block_on(async {
        let options = Options { repeat: Repeat::Never, ..Options::default() };
        let client = Client::connect_with(collector.path(), options).await.expect("connected");
        let result = client.call(&DetectionTask::default()).await.expect("begun elsewhere");
        assert_eq!(result.processes.len(), 3);
    });
    collector.join();
}

#[test]
fn a_task_whose_line_is_cut_is_sent_again_unless_the_caller_has_seen_some_of_its_result() {
    let vanishes = || -> Conversation<()> {
        Box::new(|mut agent| {
            open(&mut agent);
        })
    };
    let begins = || -> Conversation<()> {
        Box::new(|mut agent| {
            open(&mut agent);
            agent.say(&chunk(1, &records(2)));
        })
    };
    let answers_and_vanishes = || -> Conversation<()> {
        Box::new(|mut agent| {
            open(&mut agent);
            agent.say(&framed(1, body::RESULT, &[records(3), number(2, 1)].concat()));
        })
    };
    let collector = FakeCollector::in_turn(vec![
        vanishes(),
        answers_and_vanishes(),
        begins(),
        begins(),
        answers_and_vanishes(),
        vanishes(),
    ]);
    runtime().block_on(async {
        let client = Client::connect(collector.path()).await.expect("connected");
        let mut stream = client.stream(&DetectionTask::default()).await.expect("sent");
        assert_eq!(read(&mut stream).await.expect("sent again"), 3);

        let mut stream = client.stream(&DetectionTask::default()).await.expect("sent");
        let error = read(&mut stream).await.expect_err("two records were seen");
        assert_eq!((error.records(), error.to_string().contains("after 2 records")), (2, true));
        drop(stream);

        // Of a call nothing is seen before all of it is there.
        let result = client.call(&DetectionTask::default()).await.expect("sent again");
        assert_eq!(result.processes.len(), 3);

        let options = Options { repeat: Repeat::Never, ..Options::default() };
        let careful = Client::connect_with(collector.path(), options).await.expect("connected");
        let error = careful.call(&DetectionTask::default()).await.expect_err("sent once");
        assert!(matches!(error.failure(), Failure::Cut), "{error}");
    });
    collector.join();
}

/// Gives the first task three records.
fn answers(mut agent: Peer) -> Vec<Packet> {
    open(&mut agent);
    agent.say(&framed(1, body::RESULT, &[records(3), number(2, 1)].concat()));
    agent.rest()
}
