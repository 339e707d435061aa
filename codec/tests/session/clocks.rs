//! Rules 10 and 12: every wait has a deadline, by a clock that only the test turns.

use std::time::Duration;

use eyelet_codec::session::{Config, Role};
use eyelet_codec::{DetectionTask, FaultCode};

use crate::rig::{Heard, MOMENT, SECOND, Side};
use crate::wire::{self, AGENT, COLLECTOR, GO_AWAY, PING};

const TIMEOUT: Heard = Heard::Broken(FaultCode::TIMEOUT);

fn busy_agent() -> Side {
    let mut agent = Side::agent(Config::default(), &COLLECTOR);
    agent.submit("task").unwrap();
    agent.said();
    agent
}

fn pings(side: &mut Side) -> usize {
    side.said().iter().filter(|packet| packet.body == PING && packet.stream == 0).count()
}

#[test]
fn a_peer_has_ten_seconds_for_its_hello() {
    for role in [Role::Agent, Role::Collector] {
        let mut side = Side::new(role, Config::default());
        side.said();
        assert_eq!(side.wait_almost(10 * SECOND), []);
        assert_eq!(side.wait(MOMENT), [TIMEOUT], "{role:?}");
        assert!(side.said()[0].is_fault(0, 13));
    }
    let mut greeted = Side::agent(Config::default(), &COLLECTOR);
    assert_eq!(greeted.wait(10_000 * SECOND), []);
}

#[test]
fn a_frame_has_five_seconds_from_its_first_byte() {
    let mut side = Side::agent(Config::default(), &COLLECTOR);
    let frame = wire::frame(&wire::ping(7));
    for byte in &frame[..5] {
        side.receive(&[*byte]);
        assert_eq!(side.wait_almost(SECOND), [], "it is for the whole frame, not for a read");
    }
    assert_eq!(side.wait(5 * MOMENT), [TIMEOUT]);
}

#[test]
fn a_frame_that_comes_in_time_is_no_timeout() {
    let mut side = Side::agent(Config::default(), &COLLECTOR);
    let frame = wire::frame(&wire::ping(7));
    side.receive(&frame[..5]);
    assert_eq!(side.wait_almost(5 * SECOND), []);
    side.receive(&frame[5..]);
    assert_eq!(side.heard, [Heard::Nothing]);
    assert_eq!(side.wait(1000 * SECOND), []);
}

/// A line that is busy all the time is read in pieces that end within a frame.
#[test]
fn a_line_whose_every_read_ends_within_a_frame_is_no_timeout() {
    let mut side = Side::agent(Config::default(), &COLLECTOR);
    let frame = wire::frame(&wire::ping(7));
    let straddling = [&frame[5..], &frame[..5]].concat();
    side.receive(&frame[..5]);
    for _ in 0..20 {
        assert_eq!(side.wait(SECOND), []);
        side.receive(&straddling);
    }
    assert_eq!(side.heard, [const { Heard::Nothing }; 20]);
    assert_eq!(side.wait(5 * SECOND), [TIMEOUT], "the last one never came whole");
}

#[test]
fn an_agent_that_waits_asks_twice_and_gives_up() {
    let mut agent = busy_agent();
    assert_eq!(agent.wait_almost(30 * SECOND), []);
    assert_eq!(pings(&mut agent), 0);
    assert_eq!(agent.wait(MOMENT), []);
    assert_eq!(pings(&mut agent), 1, "at 30 s");
    assert_eq!(agent.wait_almost(10 * SECOND), []);
    assert_eq!(pings(&mut agent), 0, "pings are at least 10 s apart");
    assert_eq!(agent.wait(MOMENT), []);
    assert_eq!(pings(&mut agent), 1, "at 40 s");
    assert_eq!(agent.wait(10 * SECOND), [TIMEOUT], "at 50 s");
}

#[test]
fn any_packet_counts_as_an_answer() {
    for answer in [
        wire::packet(0, wire::PONG, &wire::nonce_field(1)),
        wire::result(1, b"", true),
        wire::ping(9),
        wire::packet(3, 77, b"new"),
    ] {
        let mut agent = busy_agent();
        for round in 0..50 {
            assert_eq!(agent.wait(45 * SECOND), [], "round {round}");
            assert_eq!(pings(&mut agent), 2, "round {round}");
            agent.hear(&answer);
            agent.said();
        }
    }
}

#[test]
fn asking_more_does_not_put_off_asking_whether_anybody_listens() {
    let mut agent = busy_agent();
    for _ in 0..2 {
        agent.wait(14 * SECOND);
        agent.submit("another").unwrap();
    }
    agent.said();
    agent.wait(2 * SECOND);
    assert_eq!(pings(&mut agent), 1, "30 s after the last word of the collector");
}

#[test]
fn a_collector_that_goes_on_sending_is_not_asked() {
    let mut agent = busy_agent();
    for _ in 0..100 {
        assert_eq!(agent.wait(29 * SECOND), []);
        agent.hear(&wire::result(1, b"", true));
    }
    assert_eq!(pings(&mut agent), 0);
}

#[test]
fn an_agent_without_a_stream_waits_for_nothing_and_asks_nothing() {
    let mut agent = busy_agent();
    agent.hear(&wire::fault(1, 12));
    assert_eq!(agent.session.poll_timeout(), None);
    assert_eq!(agent.wait(100_000 * SECOND), []);
    assert_eq!(pings(&mut agent), 0);
    agent.submit("next").unwrap();
    agent.said();
    assert_eq!(agent.wait(29 * SECOND), []);
    assert_eq!(pings(&mut agent), 0, "silence counts from the task");
    agent.wait(SECOND);
    assert_eq!(pings(&mut agent), 1);
}

/// A clock that stands still in between is how suspension looks from here.
#[test]
fn time_suspended_is_not_silence() {
    let mut agent = busy_agent();
    agent.wait(29 * SECOND);
    for _ in 0..1000 {
        assert_eq!(Heard::from(agent.session.handle_timeout(agent.now)), Heard::Nothing);
    }
    assert_eq!(pings(&mut agent), 0);
    agent.wait(SECOND);
    assert_eq!(pings(&mut agent), 1);
}

#[test]
fn a_collector_asks_nobody_and_keeps_an_agent_that_has_a_stream() {
    let mut collector = Side::collector(Config::default(), &AGENT);
    collector.hear(&wire::task(1, b""));
    assert_eq!(collector.wait(24 * 3600 * SECOND), []);
    assert_eq!(collector.said(), []);
}

#[test]
fn an_agent_without_a_stream_is_sent_away_after_ten_minutes() {
    let mut collector = Side::collector(Config::default(), &AGENT);
    collector.wait(300 * SECOND);
    collector.hear(&wire::task(1, b""));
    collector.wait(400 * SECOND);
    collector.reply(1, &[], false);
    collector.said();
    collector.wait_almost(600 * SECOND);
    assert_eq!(collector.said(), [], "counted from the last stream's end");
    assert!(!collector.session.is_done());
    assert_eq!(collector.wait(MOMENT), []);
    let said = collector.said();
    let [away] = &said[..] else { panic!("{said:?}") };
    assert_eq!((away.body, away.number(2)), (GO_AWAY, Some(1)));
    assert!(collector.session.is_done());
}

#[test]
fn pings_and_refused_tasks_do_not_hold_a_connection() {
    let mut collector = Side::collector(Config { max_streams: 0, ..Config::default() }, &AGENT);
    for task in 0..10 {
        collector.wait(59 * SECOND);
        collector.hear(&wire::ping(7));
        collector.hear(&wire::task(2 * task + 1, b""));
        assert_eq!(collector.said().len(), 2, "a pong and a refusal");
    }
    collector.wait(10 * SECOND);
    assert!(matches!(&collector.said()[..], [away] if away.body == GO_AWAY));
}

#[test]
fn an_agent_cancels_what_is_over_its_deadline() {
    let mut agent = Side::agent(Config::default(), &COLLECTOR);
    for seconds in [9, 3, 6] {
        let deadline = Some(seconds * SECOND);
        agent.submit_with(&DetectionTask::default(), deadline).unwrap();
    }
    agent.said();
    for (seconds, stream) in [(3, 3), (6, 5), (9, 1)] {
        assert_eq!(agent.wait_almost((seconds * SECOND).saturating_sub(agent.now)), []);
        assert_eq!(agent.wait(MOMENT), [Heard::Deadline(stream)]);
        let said = agent.said();
        let [cancel] = &said[..] else { panic!("{said:?}") };
        assert_eq!((cancel.body, cancel.stream), (wire::CANCEL, u64::from(stream)));
        assert_eq!(agent.session.live(), 3, "it is the collector that ends a stream");
    }
}

#[test]
fn several_deadlines_of_one_moment_are_all_told() {
    let mut agent = Side::agent(Config::default(), &COLLECTOR);
    for _ in 0..3 {
        agent.submit_with(&DetectionTask::default(), Some(SECOND)).unwrap();
    }
    agent.hear(&wire::fault(3, 16));
    assert_eq!(agent.wait(10 * SECOND), [Heard::Deadline(1), Heard::Deadline(5)]);
}

#[test]
fn a_collector_is_told_when_a_task_is_over_its_deadline() {
    let mut collector = Side::collector(Config::default(), &AGENT);
    for stream in [1, 3] {
        collector.hear(&wire::task(stream, b""));
        collector.session.set_deadline(u32::try_from(stream).unwrap(), SECOND);
    }
    collector.reply(1, &[], false);
    collector.session.set_deadline(1, 2 * SECOND);
    collector.session.set_deadline(77, 2 * SECOND);
    collector.said();
    assert_eq!(collector.wait_almost(6 * SECOND), [Heard::Deadline(3)]);
    assert_eq!(collector.said(), [], "the application faults it when the work has stopped");
    collector.session.set_deadline(3, 100 * SECOND);
    assert_eq!(collector.wait(MOMENT), [Heard::Overdue(3)], "which has 5 s for that");
    let said = collector.said();
    assert!(said.len() == 1 && said[0].is_fault(3, 13), "{said:?}");
    collector.fail(3, FaultCode::TIMEOUT);
    assert_eq!(collector.said(), [], "it has been said");
}

#[test]
fn deadlines_at_the_end_of_time_are_no_trouble() {
    let mut agent = Side::agent(Config::default(), &COLLECTOR);
    agent.submit_with(&DetectionTask::default(), Some(Duration::MAX)).unwrap();
    agent.now = Duration::MAX;
    agent.hear(&wire::result(1, b"", true));
    agent.session.reading(Duration::MAX, true);
    agent.session.shutdown(Duration::MAX);
    agent.wait(Duration::ZERO);
    assert!(agent.session.is_done(), "everything that can fall due has");
}

#[test]
fn a_clock_that_goes_back_fires_nothing_early() {
    let mut agent = Side::agent(Config::default(), &COLLECTOR);
    agent.wait(100 * SECOND);
    agent.submit("task").unwrap();
    agent.said();
    agent.now = Duration::ZERO;
    agent.hear(&wire::result(1, b"", true));
    assert_eq!(Heard::from(agent.session.handle_timeout(Duration::ZERO)), Heard::Nothing);
    assert_eq!(agent.wait_almost(30 * SECOND), []);
    assert_eq!(pings(&mut agent), 0);
}

/// One stream of two has ended: the agent still waits, and holds its connection.
#[test]
fn the_last_stream_is_the_one_that_counts() {
    let mut agent = Side::agent(Config::default(), &COLLECTOR);
    let mut collector = Side::collector(Config::default(), &AGENT);
    for stream in [1, 3] {
        assert_eq!(agent.submit("task"), Ok(stream));
        assert_eq!(collector.hear(&wire::task(stream.into(), b"")), Heard::Task(stream));
    }
    agent.hear(&wire::fault(1, 12));
    collector.fail(1, FaultCode::BUSY);
    agent.said();
    collector.said();
    agent.wait(30 * SECOND);
    assert_eq!(pings(&mut agent), 1);
    assert_eq!(collector.wait(10_000 * SECOND), []);
    assert_eq!(collector.said(), []);
}
