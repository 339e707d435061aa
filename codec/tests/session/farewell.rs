//! Rule 11: leaving in order.

use eyelet_codec::FaultCode;
use eyelet_codec::session::{Config, Departure, SubmitError};

use crate::rig::{Heard, MOMENT, Pair, SECOND, Side};
use crate::wire::{self, AGENT, COLLECTOR, GO_AWAY};

#[test]
fn an_agent_that_leaves_says_so_once_and_gets_what_is_under_way() {
    let mut pair = Pair::new(Config::default(), Config::default());
    for stream in [1, 3] {
        assert_eq!(pair.agent.submit("task"), Ok(stream));
    }
    pair.settle();
    pair.heard();
    pair.agent.session.shutdown(pair.agent.now);
    pair.agent.session.shutdown(pair.agent.now);
    assert_eq!(pair.agent.submit("late"), Err(SubmitError::GoingAway));
    pair.settle();
    assert_eq!(pair.heard().1, [Heard::GoAway { last_stream: 3 }]);

    for stream in [3, 1] {
        assert!(!pair.agent.session.is_done() && !pair.collector.session.is_done());
        assert!(pair.collector.reply(stream, &["a"], false));
        pair.settle();
    }
    assert_eq!(pair.heard().0.len(), 2);
    assert!(pair.agent.session.is_done() && pair.collector.session.is_done());
}

#[test]
fn a_go_away_names_the_highest_stream_even_if_it_has_ended() {
    let mut agent = Side::agent(Config::default(), &COLLECTOR);
    for stream in [1, 3] {
        assert_eq!(agent.submit("task"), Ok(stream));
        agent.hear(&wire::fault(stream.into(), 12));
    }
    agent.said();
    agent.session.shutdown(agent.now);
    assert!(agent.session.is_done(), "nothing is under way");
    let said = agent.said();
    let [away] = &said[..] else { panic!("{said:?}") };
    assert_eq!((away.body, away.stream, away.number(2)), (GO_AWAY, 0, Some(3)));
}

#[test]
fn a_task_after_the_agents_own_go_away_ends_the_connection() {
    let mut collector = Side::collector(Config::default(), &AGENT);
    collector.hear(&wire::task(1, b""));
    assert_eq!(collector.hear(&wire::go_away(1)), Heard::GoAway { last_stream: 1 });
    assert_eq!(collector.hear(&wire::go_away(1)), Heard::Nothing, "a second one is ignored");
    assert_eq!(collector.hear(&wire::credit(1, 5)), Heard::Credit(1), "the rest goes on");
    assert_eq!(collector.hear(&wire::cancel(1)), Heard::Cancel(1));
    assert_eq!(collector.hear(&wire::task(3, b"")), Heard::Broken(FaultCode::STREAM));
}

#[test]
fn a_task_that_crosses_the_collectors_go_away_is_answered() {
    let mut pair = Pair::new(Config::default(), Config::default());
    pair.agent.submit("first").unwrap();
    pair.settle();
    pair.heard();
    pair.collector.session.shutdown(pair.collector.now);
    pair.agent.submit("crosses").unwrap();
    pair.settle();
    let (agent, collector) = pair.heard();
    let refused = Heard::Fault(3, FaultCode::GOING_AWAY);
    assert_eq!(agent, [Heard::GoAway { last_stream: 1 }, refused]);
    assert_eq!(collector, [Heard::Refused(3, FaultCode::GOING_AWAY)]);
    assert_eq!(pair.agent.submit("late"), Err(SubmitError::GoingAway));
    assert!(!pair.agent.session.is_done() && !pair.collector.session.is_done());

    assert!(pair.collector.reply(1, &["a"], false));
    pair.settle();
    assert!(pair.agent.session.is_done() && pair.collector.session.is_done());
}

#[test]
fn both_may_leave_at_once() {
    let mut pair = Pair::new(Config::default(), Config::default());
    pair.agent.submit("task").unwrap();
    pair.settle();
    pair.heard();
    pair.agent.session.shutdown(pair.agent.now);
    pair.collector.session.shutdown(pair.collector.now);
    pair.settle();
    let away = [Heard::GoAway { last_stream: 1 }];
    assert_eq!(pair.heard(), (away.to_vec(), away.to_vec()));
    assert!(pair.collector.reply(1, &[], false));
    pair.settle();
    assert!(pair.agent.session.is_done() && pair.collector.session.is_done());
}

/// At the drain deadline an agent cancels what is left, and a collector faults it.
#[test]
fn what_does_not_end_in_time_is_ended() {
    let mut pair = Pair::new(Config::default(), Config::default());
    for _ in 0..3 {
        pair.agent.submit("task").unwrap();
    }
    pair.agent.session.cancel(5);
    pair.settle();
    pair.heard();
    pair.agent.session.shutdown(pair.agent.now);
    pair.settle();
    assert_eq!(pair.heard().1, [Heard::GoAway { last_stream: 5 }]);
    assert_eq!(pair.agent.wait_almost(5 * SECOND), []);
    pair.agent.session.shutdown(pair.agent.now);
    assert_eq!(pair.agent.said(), [], "it has been said, and the deadline stays");
    let late = [Heard::Deadline(1), Heard::Deadline(3)];
    assert_eq!(pair.agent.wait(MOMENT), late, "5 was cancelled before");
    pair.settle();
    let heard = pair.heard().1;
    let cancels = [Heard::Cancel(1), Heard::Cancel(3)];
    assert!(heard.contains(&cancels[0]) && heard.contains(&cancels[1]), "{heard:?}");
    for stream in [1, 3, 5] {
        pair.collector.fail(stream, FaultCode::CANCELLED);
    }
    pair.settle();
    assert!(pair.agent.session.is_done() && pair.collector.session.is_done());
    assert!(!pair.agent.heard.iter().any(|heard| matches!(heard, Heard::Closed(_))));
}

#[test]
fn a_collector_that_leaves_is_told_which_streams_are_late() {
    let mut collector = Side::collector(Config::default(), &AGENT);
    for stream in [1, 3] {
        collector.hear(&wire::task(stream, b""));
    }
    collector.session.shutdown(collector.now);
    collector.said();
    assert_eq!(collector.wait(5 * SECOND), [Heard::Deadline(1), Heard::Deadline(3)]);
    for stream in [1, 3] {
        collector.fail(stream, FaultCode::TIMEOUT);
    }
    let said = collector.said();
    assert!(said[0].is_fault(1, 13) && said[1].is_fault(3, 13), "{said:?}");
    assert!(collector.session.is_done());
}

#[test]
fn an_agent_that_cannot_be_drained_cuts_the_line_with_a_reason() {
    let mut agent = Side::agent(Config::default(), &COLLECTOR);
    agent.submit("task").unwrap();
    agent.said();
    agent.session.shutdown(agent.now);
    assert_eq!(agent.wait(5 * SECOND), [Heard::Deadline(1)]);
    agent.said();
    assert_eq!(agent.wait_almost(6 * SECOND), [], "5 s for the work, one for the answer");
    assert_eq!(agent.wait(MOMENT), [Heard::Broken(FaultCode::TIMEOUT)]);
    let said = agent.said();
    assert!(said.len() == 1 && said[0].is_fault(0, 13), "{said:?}");
}

/// Rule 5 at the drain deadline: whoever else has forgotten a stream, its agent is told the end of it.
#[test]
fn a_collector_that_cannot_be_drained_ends_each_stream_and_then_is_done() {
    let mut collector = Side::collector(Config::default(), &AGENT);
    for stream in [1, 3, 5] {
        collector.hear(&wire::task(stream, b""));
    }
    collector.hear(&wire::cancel(3));
    collector.session.shutdown(collector.now);
    collector.said();
    let late = [Heard::Overdue(3), Heard::Deadline(1), Heard::Deadline(5)];
    let heard = collector.wait(5 * SECOND);
    assert!(heard.len() == 3 && late.iter().all(|late| heard.contains(late)), "{heard:?}");
    assert!(collector.said()[0].is_fault(3, 14));
    assert!(!collector.session.is_done());
    assert_eq!(collector.wait_almost(5 * SECOND), []);
    assert_eq!(collector.wait(MOMENT), [Heard::Overdue(1), Heard::Overdue(5)]);
    let said = collector.said();
    assert!(said.len() == 2 && said[0].is_fault(1, 15) && said[1].is_fault(5, 15), "{said:?}");
    assert!(collector.session.is_done());
    assert_eq!(collector.wait(100 * SECOND), []);
    assert_eq!(collector.said(), []);
}

/// The task came after the collector had made up its mind, but before it could say so.
#[test]
fn a_go_away_does_not_name_a_stream_that_it_turns_away() {
    let mut collector = Side::collector(Config::default(), &AGENT);
    collector.hear(&wire::task(1, b""));
    collector.session.shutdown(collector.now);
    collector.hear(&wire::task(3, b""));
    let said = collector.said();
    let away: Vec<_> = said.iter().filter(|packet| packet.body == GO_AWAY).collect();
    assert!(matches!(away[..], [away] if away.number(2) == Some(1)), "{said:?}");
    assert!(said.iter().any(|packet| packet.is_fault(3, 15)), "{said:?}");
}

#[test]
fn a_go_away_says_why_and_the_first_reason_counts() {
    for (departure, text) in [
        (Departure::Shutdown, "shutting down"),
        (Departure::Idle, "no stream for 10 minutes"),
        (Departure::Scarce, "connections have run out, and this one has no stream"),
    ] {
        let mut side = Side::collector(Config::default(), &AGENT);
        side.session.leave(side.now, departure);
        side.session.shutdown(side.now);
        assert_eq!(side.said()[0].text(1).as_deref(), Some(text));
    }
    let mut idle = Side::collector(Config::default(), &AGENT);
    idle.wait(600 * SECOND);
    assert_eq!(idle.said()[0].text(1).as_deref(), Some(Departure::Idle.reason()));
}

#[test]
fn a_side_that_has_left_in_order_is_not_cut_afterwards() {
    let mut agent = Side::agent(Config::default(), &COLLECTOR);
    agent.session.shutdown(agent.now);
    assert_eq!(agent.said().len(), 1);
    assert_eq!(agent.wait(100 * SECOND), []);
    assert_eq!(agent.said(), []);
    assert!(agent.session.is_done() && agent.session.is_open());
}
