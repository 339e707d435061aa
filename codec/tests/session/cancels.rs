//! Rules 5, 6 and 13: cancelling, at every moment, and what may still be said when all is over.

use eyelet_codec::session::{Config, Refusal, SubmitError};
use eyelet_codec::{DetectionTask, FaultCode};

use crate::rig::{Heard, MOMENT, Pair, SECOND, Side};
use crate::wire::{self, AGENT, CANCEL, COLLECTOR};

fn agent() -> Side {
    let mut agent = Side::agent(Config::default(), &COLLECTOR);
    assert_eq!(agent.submit("task"), Ok(1));
    agent.said();
    agent
}

#[test]
fn a_cancel_is_said_once_and_heard_once() {
    let mut pair = Pair::new(Config::default(), Config::default());
    let stream = pair.agent.submit("task").unwrap();
    pair.settle();
    pair.heard();
    pair.agent.session.cancel(stream);
    pair.agent.session.cancel(stream);
    pair.settle();
    pair.agent.session.cancel(stream);
    pair.settle();
    assert_eq!(pair.heard().1, [Heard::Cancel(stream)]);
    assert!(pair.collector.session.is_cancelled(stream));
    assert_eq!(pair.collector.hear(&wire::cancel(stream.into())), Heard::Nothing, "a second one");

    pair.collector.fail(stream, FaultCode::CANCELLED);
    pair.settle();
    assert_eq!(pair.heard().0, [Heard::Fault(stream, FaultCode::CANCELLED)]);
    assert_eq!((pair.agent.session.live(), pair.collector.session.live()), (0, 0));
}

#[test]
fn a_cancel_that_waits_goes_behind_its_task() {
    let mut agent = Side::agent(Config::default(), &COLLECTOR);
    agent.submit("task").unwrap();
    agent.session.cancel(1);
    let bodies: Vec<u64> = agent.said().iter().map(|packet| packet.body).collect();
    assert_eq!(bodies, [wire::TASK, CANCEL]);
}

#[test]
fn nobody_cancels_what_has_ended_or_never_was() {
    let mut agent = agent();
    agent.hear(&wire::fault(1, 16));
    for stream in [0, 1, 2, 3] {
        agent.session.cancel(stream);
    }
    assert_eq!(agent.said(), []);
}

#[test]
fn a_stream_that_ends_before_its_cancel_has_gone_takes_it_along() {
    let mut agent = agent();
    agent.session.cancel(1);
    agent.hear(&wire::result(1, b"", false));
    assert_eq!(agent.said(), []);
}

#[test]
fn what_was_under_way_before_a_cancel_still_comes() {
    let mut pair = Pair::new(Config::default(), Config::default());
    let stream = pair.agent.submit("task").unwrap();
    pair.settle();
    pair.heard();
    assert!(pair.collector.reply(stream, &["a"], true));
    let on_its_way = pair.collector.send();
    pair.agent.session.cancel(stream);
    pair.agent.receive(&on_its_way);
    assert!(matches!(pair.heard().0[..], [Heard::Result { more: true, .. }]));
    assert_eq!(pair.agent.session.live(), 1, "it is open until the collector has ended it");
}

#[test]
fn a_cancel_that_crosses_the_last_chunk_is_ignored() {
    let mut pair = Pair::new(Config::default(), Config::default());
    let stream = pair.agent.submit("task").unwrap();
    pair.settle();
    pair.heard();
    assert!(pair.collector.reply(stream, &["a"], false));
    pair.agent.session.cancel(stream);
    pair.settle();
    let (agent, collector) = pair.heard();
    assert!(matches!(agent[..], [Heard::Result { more: false, .. }]), "{agent:?}");
    assert_eq!(collector, [Heard::Nothing]);
    assert_eq!(pair.agent.submit("next"), Ok(3), "and the connection goes on");
}

#[test]
fn a_cancelled_stream_may_end_by_a_result_too() {
    let mut pair = Pair::new(Config::default(), Config::default());
    let stream = pair.agent.submit("task").unwrap();
    pair.agent.session.cancel(stream);
    pair.settle();
    pair.heard();
    assert!(pair.collector.reply(stream, &["a"], false));
    pair.settle();
    assert!(matches!(pair.heard().0[..], [Heard::Result { more: false, .. }]));
    assert_eq!((pair.agent.session.live(), pair.collector.session.live()), (0, 0));
}

#[test]
fn an_agents_place_is_taken_until_the_collector_has_ended_the_stream() {
    let mut agent = Side::agent(Config { max_streams: 1, ..Config::default() }, &COLLECTOR);
    agent.submit("task").unwrap();
    agent.session.cancel(1);
    assert_eq!(agent.submit("next"), Err(SubmitError::Busy));
    agent.hear(&wire::fault(1, 14));
    assert_eq!(agent.submit("next"), Ok(3));
}

#[test]
fn a_stream_that_is_not_open_counts_as_cancelled() {
    let mut pair = Pair::new(Config::default(), Config::default());
    let stream = pair.agent.submit("task").unwrap();
    pair.settle();
    assert!(!pair.collector.session.is_cancelled(stream));
    assert!(pair.collector.session.is_cancelled(0));
    assert!(pair.collector.session.is_cancelled(stream + 2));
    pair.collector.reply(stream, &[], false);
    assert!(pair.collector.session.is_cancelled(stream));
}

/// Whatever the application does then: rule 13 leaves no room for another packet or another timer.
#[test]
fn when_all_is_over_nothing_is_said_or_waited_for() {
    let ends: [fn(&mut Side); 2] = [
        |side| {
            side.session.break_off(Refusal::new(FaultCode::INTERNAL, "a test"));
        },
        |side| {
            side.hear(&wire::fault(0, 16));
        },
    ];
    for end in ends {
        let mut pair = Pair::new(Config { credit: 1, ..Config::default() }, Config::default());
        for stream in [1, 3] {
            pair.agent.submit("task").unwrap();
            pair.settle();
            assert!(pair.collector.reply(stream, &["a"], true));
            pair.settle();
        }
        let Pair { mut agent, mut collector } = pair;
        for side in [&mut agent, &mut collector] {
            end(side);
            side.said();
            side.session.consume(1, 1000);
            side.session.cancel(1);
            side.session.cancel(3);
            side.session.shutdown(side.now);
            side.session.reading(side.now, true);
            side.session.set_deadline(1, side.now + SECOND);
            side.fail(1, FaultCode::CANCELLED);
            assert!(!side.reply(3, &["b"], true) && !side.reply(3, &[], false));
            let task = DetectionTask::default();
            let late = side.submit_with(&task, Some(side.now + SECOND));
            assert_eq!(late, Err(SubmitError::Closed));
            assert_eq!(side.said(), []);
            assert_eq!(side.session.poll_timeout(), None);
            assert_eq!(side.wait(1000 * SECOND), []);
            assert!(side.session.is_done() && !side.session.is_open());
        }
    }
}

#[test]
fn a_fault_takes_the_place_of_all_that_was_owed() {
    let mut agent = agent();
    agent.session.cancel(1);
    agent.session.shutdown(agent.now);
    agent.hear(&wire::ping(7));
    agent.session.break_off(Refusal::new(FaultCode::INTERNAL, "a test"));
    agent.session.break_off(Refusal::new(FaultCode::FLOOD, "another"));
    let said = agent.said();
    assert!(said.len() == 1 && said[0].is_fault(0, 16), "{said:?}");
}

/// Rule 5: the terminal packet comes at the latest 5 s after a cancel, whatever the work does.
#[test]
fn a_stream_whose_work_does_not_stop_is_ended_after_five_seconds() {
    let mut pair = Pair::new(Config::default(), Config::default());
    for stream in [1, 3, 5] {
        assert_eq!(pair.agent.submit("task"), Ok(stream));
    }
    pair.agent.session.cancel(1);
    pair.agent.session.cancel(5);
    pair.settle();
    pair.heard();
    pair.collector.fail(5, FaultCode::CANCELLED);
    assert_eq!(pair.collector.wait(SECOND), []);
    pair.agent.session.cancel(3);
    pair.settle();
    assert_eq!(pair.heard().0, [Heard::Fault(5, FaultCode::CANCELLED)]);
    assert_eq!(pair.collector.wait_almost(4 * SECOND), []);
    assert_eq!(pair.collector.session.live(), 2, "they hold their places until then");
    assert_eq!(pair.collector.wait(MOMENT), [Heard::Overdue(1)]);
    assert_eq!(pair.collector.session.live(), 1);
    assert!(pair.collector.session.is_cancelled(1));
    assert!(!pair.collector.reply(1, &["late"], true) && !pair.collector.reply(1, &[], false));
    pair.collector.fail(1, FaultCode::CANCELLED);
    assert_eq!(pair.collector.wait(SECOND), [Heard::Overdue(3)]);
    pair.heard();
    pair.settle();
    let faults = [1, 3].map(|stream| Heard::Fault(stream, FaultCode::CANCELLED));
    assert_eq!(pair.heard().0, faults);
    assert_eq!(pair.collector.wait(100 * SECOND), []);
}

/// A driver may take what is owed only after all that fell due at one moment.
#[test]
fn streams_that_are_overdue_at_once_are_all_ended() {
    let mut collector = Side::collector(Config::default(), &AGENT);
    for stream in [1, 3, 5, 7] {
        collector.hear(&wire::task(stream, b""));
        collector.hear(&wire::cancel(stream));
    }
    collector.now += 5 * SECOND;
    for stream in [1, 3, 5, 7] {
        let heard = Heard::from(collector.session.handle_timeout(collector.now));
        assert_eq!(heard, Heard::Overdue(stream));
    }
    assert_eq!(collector.session.live(), 0);
    assert_eq!(collector.hear(&wire::credit(3, 1 << 40)), Heard::Nothing, "it has ended");
    assert!(!collector.reply(5, &[], false));
    collector.fail(7, FaultCode::CANCELLED);
    let refused = Heard::Refused(9, FaultCode::BUSY);
    assert_eq!(collector.hear(&wire::task(9, b"")), refused, "no slot until that is said");
    let said = collector.said();
    assert!(said.iter().any(|packet| packet.is_fault(9, 12)), "{said:?}");
    for stream in [1, 3, 5, 7] {
        assert_eq!(said.iter().filter(|packet| packet.is_fault(stream, 14)).count(), 1, "{said:?}");
    }
    assert_eq!(collector.hear(&wire::task(11, b"")), Heard::Task(11));
}
