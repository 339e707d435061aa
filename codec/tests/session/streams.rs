//! Rules 4 and 5: stream ids, many streams beside each other, and how each of them ends once.

use eyelet_codec::session::{Config, Role, Session, Slot, SubmitError};
use eyelet_codec::{Fault, FaultCode};

use crate::rig::{Heard, Pair, SLOTS, Side, names};
use crate::wire::{self, AGENT, COLLECTOR, Hello};

const STREAM: Heard = Heard::Broken(FaultCode::STREAM);

fn collector() -> Side {
    Side::collector(Config::default(), &AGENT)
}

#[test]
fn a_task_opens_any_odd_stream_above_the_highest() {
    for (before, id, opens) in [
        (&[][..], 1, true),
        (&[], 9, true),
        (&[], 2_147_483_647, true),
        (&[], 0, false),
        (&[], 2, false),
        (&[5], 7, true),
        (&[5], 11, true),
        (&[5], 5, false),
        (&[5], 3, false),
        (&[5], 6, false),
        (&[5], 4, false),
        (&[2_147_483_647], 1, false),
    ] {
        let mut collector = collector();
        for stream in before {
            collector.hear(&wire::task(*stream, b""));
        }
        let want = if opens { Heard::Task(u32::try_from(id).unwrap()) } else { STREAM };
        assert_eq!(collector.hear(&wire::task(id, b"")), want, "{id} after {before:?}");
    }
}

#[test]
fn an_id_stays_used_when_its_stream_has_ended() {
    let mut collector = collector();
    collector.hear(&wire::task(5, b""));
    collector.fail(5, FaultCode::UNSUPPORTED);
    assert_eq!(collector.hear(&wire::task(5, b"")), STREAM);
}

#[test]
fn a_task_with_nothing_in_it_is_handed_over_as_it_is() {
    let mut collector = collector();
    assert_eq!(collector.hear(&wire::task(1, b"")), Heard::Task(1));
    let body = wire::task(3, b"any bytes at all");
    let eyelet_codec::session::Event::Task { stream: 3, task } =
        collector.session.handle_frame(collector.now, &body)
    else {
        panic!("no task")
    };
    assert_eq!(task, b"any bytes at all");
}

#[test]
fn more_counts_on_a_result_only() {
    let mut collector = collector();
    let body = [wire::number(2, 1), wire::task(1, b"")].concat();
    assert_eq!(collector.hear(&body), Heard::Task(1));
}

#[test]
fn the_order_of_a_packets_fields_is_free() {
    let mut agent = Side::agent(Config::default(), &COLLECTOR);
    agent.submit("task").unwrap();
    let body = [wire::bytes(wire::RESULT, b""), wire::number(2, 1), wire::number(1, 1)].concat();
    let heard = Heard::Result { stream: 1, content: Vec::new(), cost: 6, more: true };
    assert_eq!(agent.hear(&body), heard);
}

#[test]
fn a_task_too_many_is_opened_and_answered_busy() {
    let mut collector = Side::collector(Config { max_streams: 2, ..Config::default() }, &AGENT);
    for stream in [1, 3] {
        assert_eq!(
            collector.hear(&wire::task(stream, b"")),
            Heard::Task(stream.try_into().unwrap())
        );
    }
    assert_eq!(collector.hear(&wire::task(5, b"")), Heard::Refused(5, FaultCode::BUSY));
    let said = collector.said();
    assert!(said.len() == 1 && said[0].is_fault(5, 12) && said[0].len <= 256, "{said:?}");
    assert_eq!(collector.session.live(), 2);
    assert_eq!(collector.hear(&wire::cancel(5)), Heard::Nothing, "it has ended");
    assert_eq!(collector.hear(&wire::task(5, b"")), STREAM, "and cannot be opened again");
}

#[test]
fn a_stream_holds_its_place_until_it_has_ended_cancelled_or_not() {
    let mut collector = Side::collector(Config { max_streams: 1, ..Config::default() }, &AGENT);
    collector.hear(&wire::task(1, b""));
    assert_eq!(collector.hear(&wire::cancel(1)), Heard::Cancel(1));
    assert_eq!(collector.hear(&wire::task(3, b"")), Heard::Refused(3, FaultCode::BUSY));
    assert!(collector.said()[0].is_fault(3, 12));
    collector.fail(1, FaultCode::CANCELLED);
    assert_eq!(collector.hear(&wire::task(5, b"")), Heard::Task(5));
}

#[test]
fn without_a_slot_a_task_is_answered_busy_too() {
    let mut collector = collector();
    for stream in (1..).step_by(2).take(SLOTS) {
        collector.hear(&wire::task(stream, b""));
    }
    assert_eq!(collector.hear(&wire::task(99, b"")), Heard::Refused(99, FaultCode::BUSY));
    assert!(collector.said()[0].is_fault(99, 12));
}

#[cfg(feature = "alloc")]
#[test]
fn slots_on_the_heap_grow_up_to_max_streams() {
    let config = Config { max_streams: 70, ..Config::default() };
    let now = std::time::Duration::ZERO;
    let mut session = Session::new(Role::Collector, config, Vec::<Slot>::new(), now);
    session.handle_frame(now, &AGENT.body());
    for stream in (1..).step_by(2).take(71) {
        session.handle_frame(now, &wire::task(stream, b""));
    }
    assert_eq!(session.live(), 70);
}

/// A board's slots are lent to one connection after the other.
#[test]
fn slots_that_were_lent_before_are_free_again() {
    let mut slots = [Slot::default(); 2];
    let now = std::time::Duration::ZERO;
    for round in 0..3 {
        let config = Config::default();
        let mut session = Session::new(Role::Collector, config, &mut slots[..], now);
        session.handle_frame(now, &AGENT.body());
        assert_eq!(session.live(), 0);
        assert_eq!(Heard::from(session.handle_frame(now, &wire::task(5, b""))), Heard::Task(5));
        assert_eq!(Heard::from(session.handle_frame(now, &wire::task(7, b""))), Heard::Task(7));
        let cancel = wire::cancel(1);
        let heard = Heard::from(session.handle_frame(now, &cancel));
        assert_eq!(heard, Heard::Nothing, "round {round}");
    }
}

#[test]
fn an_agent_opens_odd_streams_one_after_the_other() {
    let mut agent = Side::agent(Config::default(), &COLLECTOR);
    for stream in [1, 3, 5] {
        assert_eq!(agent.session.next_stream(), stream);
        assert_eq!(agent.submit("task"), Ok(stream));
    }
    let streams: Vec<u64> = agent.said().iter().map(|task| task.stream).collect();
    assert_eq!(streams, [1, 3, 5]);
}

#[test]
fn an_agent_asks_for_no_more_than_either_side_can_keep() {
    for (theirs, ours, fit) in [(0, 64, 0), (1, 64, 1), (64, 2, 2), (64, 64, SLOTS)] {
        let config = Config { max_streams: ours, ..Config::default() };
        let mut agent = Side::agent(config, &Hello { max_streams: theirs, ..COLLECTOR });
        for _ in 0..fit {
            assert!(agent.submit("task").is_ok(), "{theirs} and {ours}");
        }
        assert_eq!(agent.submit("task"), Err(SubmitError::Busy), "{theirs} and {ours}");
        if fit > 0 {
            agent.hear(&wire::fault(1, 12));
            assert!(agent.submit("task").is_ok(), "a place is free again");
        }
    }
}

#[test]
fn only_an_agent_submits() {
    let mut collector = collector();
    assert_eq!(collector.session.submit(collector.now, 10, None), Err(SubmitError::Closed));
}

#[test]
fn results_of_many_streams_come_each_to_its_own() {
    let mut pair = Pair::new(Config::default(), Config::default());
    let streams: Vec<u32> = (0..4).map(|_| pair.agent.submit("task").unwrap()).collect();
    pair.settle();
    assert_eq!(pair.heard().1, streams.iter().map(|id| Heard::Task(*id)).collect::<Vec<_>>());
    for round in 0..3 {
        for stream in &streams {
            assert!(pair.collector.reply(*stream, &[&format!("{stream}-{round}")], true));
        }
    }
    for stream in [5, 1, 7, 3] {
        assert!(pair.collector.reply(stream, &[], false));
    }
    pair.settle();
    let heard = pair.heard().0;
    for stream in &streams {
        let of_it: Vec<String> = heard
            .iter()
            .flat_map(|heard| match heard {
                Heard::Result { stream: id, content, .. } if id == stream => names(content),
                _ => Vec::new(),
            })
            .collect();
        assert_eq!(of_it, (0..3).map(|round| format!("{stream}-{round}")).collect::<Vec<_>>());
    }
    assert_eq!((pair.agent.session.live(), pair.collector.session.live()), (0, 0));
}

#[test]
fn the_chunks_of_a_result_together_are_its_encoding() {
    let mut pair = Pair::new(Config::default(), Config::default());
    let stream = pair.agent.submit("task").unwrap();
    pair.settle();
    pair.collector.reply(stream, &["a", "b"], true);
    pair.collector.reply(stream, &["c"], true);
    pair.collector.reply(stream, &["d"], false);
    pair.settle();
    let chunks = pair.heard().0.into_iter().filter_map(|heard| match heard {
        Heard::Result { content, .. } => Some(content),
        _ => None,
    });
    let whole: Vec<u8> = chunks.flatten().collect();
    assert_eq!(names(&whole), ["a", "b", "c", "d"]);
}

#[test]
fn a_fault_ends_a_stream_once_and_its_texts_are_cut_to_fit() {
    let mut collector = collector();
    collector.hear(&wire::task(2_147_483_647, b""));
    let (message, field) = ("\u{20ac}".repeat(100), "\u{1f980}".repeat(100));
    let fault = Fault {
        code: FaultCode(-1),
        message: &message,
        field: Some(&field),
        limit: Some(u64::MAX),
        seen: Some(u64::MAX),
    };
    collector.fail_with(2_147_483_647, &fault);
    let said = collector.said();
    let [packet] = &said[..] else { panic!("no last packet: {said:?}") };
    assert!(packet.len <= 256, "{}", packet.len);
    assert_eq!(packet.text(2).unwrap(), "\u{20ac}".repeat(42), "126 bytes");
    assert_eq!(packet.text(3).unwrap(), "\u{1f980}".repeat(16), "64 bytes");
    collector.fail_with(2_147_483_647, &fault);
    assert_eq!(collector.said(), [], "it has ended already");
    assert!(!collector.reply(2_147_483_647, &[], false));
    assert_eq!(collector.session.live(), 0);
}

#[test]
fn an_agent_cannot_fault_a_stream() {
    let mut agent = Side::agent(Config::default(), &COLLECTOR);
    agent.submit("task").unwrap();
    agent.said();
    agent.fail(1, FaultCode::CANCELLED);
    assert_eq!(agent.said(), []);
    assert_eq!(agent.session.live(), 1);
}

#[test]
fn a_session_is_as_small_as_its_documentation_says() {
    assert!(size_of::<Slot>() <= 48, "{}", size_of::<Slot>());
    assert!(size_of::<Session<[Slot; 0]>>() <= 350, "{}", size_of::<Session<[Slot; 0]>>());
}

#[test]
fn a_collector_neither_grants_nor_cancels() {
    let mut collector = Side::collector(Config { credit: 1, ..Config::default() }, &AGENT);
    collector.hear(&wire::task(1, b""));
    collector.session.consume(1, 1000);
    collector.session.cancel(1);
    assert_eq!(collector.said(), []);
    assert!(!collector.session.is_cancelled(1));
}

/// Rule 9: tasks within `max_streams` are free, so that nobody may be promised what there is no room for.
#[test]
fn a_collector_promises_no_more_streams_than_it_has_slots() {
    for (asked, promised) in [(64, SLOTS as u64), (2, 2)] {
        let mut side =
            Side::new(Role::Collector, Config { max_streams: asked, ..Config::default() });
        assert_eq!(side.said()[0].number(4), Some(promised));
    }
}

/// A driver that does not take what is owed loses no stream's end in silence.
#[test]
fn a_refusal_that_was_not_taken_is_not_replaced_by_the_next() {
    let mut side = Side::collector(Config { max_streams: 0, ..Config::default() }, &AGENT);
    assert_eq!(side.hear(&wire::task(1, b"")), Heard::Refused(1, FaultCode::BUSY));
    assert_eq!(side.hear(&wire::task(3, b"")), Heard::Broken(FaultCode::INTERNAL));
}
