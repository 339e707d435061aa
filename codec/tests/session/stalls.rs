//! Rule 10: who holds a connection and does nothing with it, and who is cut for that.

use std::time::Duration;

use eyelet_codec::FaultCode;
use eyelet_codec::session::{Config, Departure, Role};

use crate::rig::{Heard, MOMENT, SECOND, Side};
use crate::wire::{self, AGENT, COLLECTOR, GO_AWAY, Hello, PING};

const TIMEOUT: Heard = Heard::Broken(FaultCode::TIMEOUT);

fn inherited() -> Config {
    Config { inherited: true, ..Config::default() }
}

fn busy_collector(config: Config) -> Side {
    let mut collector = Side::collector(config, &Hello { credit: 1, ..AGENT });
    collector.hear(&wire::task(1, b""));
    collector
}

#[test]
fn a_peer_that_does_not_read_is_cut_after_five_minutes() {
    let mut agent = Side::agent(Config::default(), &COLLECTOR);
    let mut collector = busy_collector(Config::default());
    agent.said();
    collector.said();
    for side in [&mut agent, &mut collector] {
        side.session.writing(side.now, 0, 1);
        side.wait(100 * SECOND);
        side.session.writing(side.now, 0, 1000);
        assert_eq!(side.wait_almost(200 * SECOND), []);
        assert_eq!(side.wait(MOMENT), [TIMEOUT]);
        assert!(side.said()[0].is_fault(0, 13));
        side.session.writing(side.now, 0, 1000);
        assert_eq!(side.session.poll_timeout(), None, "what is left is nobody's to wait for");
    }
}

#[test]
fn each_byte_that_the_line_takes_begins_the_five_minutes_anew() {
    let mut collector = busy_collector(Config::default());
    for _ in 0..10 {
        collector.session.writing(collector.now, 1, 500);
        assert_eq!(collector.wait_almost(300 * SECOND), []);
    }
    collector.session.writing(collector.now, 500, 0);
    assert_eq!(collector.wait(3600 * SECOND), [], "nothing waits");
    collector.session.writing(collector.now, 0, 1);
    collector.wait(299 * SECOND);
    collector.session.flushed();
    assert_eq!(collector.wait(3600 * SECOND), [], "nothing waits");
    collector.session.writing(collector.now, 0, 1);
    assert_eq!(collector.wait_almost(300 * SECOND), []);
    assert_eq!(collector.wait(MOMENT), [TIMEOUT]);
}

#[test]
fn an_inherited_line_is_never_given_up_for_being_idle_or_unread() {
    let mut collector = Side::collector(inherited(), &AGENT);
    collector.session.writing(collector.now, 0, 1);
    assert_eq!(collector.wait(24 * 3600 * SECOND), []);
    assert_eq!(collector.said(), []);
    assert_eq!((collector.session.idle_since(), collector.session.stalled_since()), (None, None));
}

#[test]
fn a_parent_pings_without_a_stream_too() {
    let mut parent = Side::new(Role::Agent, inherited());
    parent.wait(5 * SECOND);
    parent.hear(&COLLECTOR.body());
    parent.said();
    assert_eq!(parent.wait_almost(30 * SECOND), []);
    assert_eq!(parent.said(), []);
    parent.wait(MOMENT);
    assert!(matches!(&parent.said()[..], [ping] if ping.body == PING));
    parent.hear(&wire::packet(0, wire::PONG, &wire::nonce_field(0)));

    parent.submit("task").unwrap();
    parent.hear(&wire::fault(1, 12));
    parent.said();
    assert_eq!(parent.wait(40 * SECOND), [], "after a stream has ended as before it was opened");
    assert_eq!(parent.said().len(), 2);
    assert_eq!(parent.wait(10 * SECOND), [TIMEOUT]);
}

#[test]
fn a_side_knows_since_when_it_has_been_idle() {
    let mut agent = Side::agent(Config::default(), &COLLECTOR);
    let mut collector = Side::collector(Config::default(), &AGENT);
    for side in [&mut agent, &mut collector] {
        side.wait(7 * SECOND);
        assert_eq!(side.session.idle_since(), Some(Duration::ZERO), "from its beginning");
    }
    agent.submit("task").unwrap();
    collector.hear(&wire::task(1, b""));
    for side in [&mut agent, &mut collector] {
        assert_eq!(side.session.idle_since(), None);
        side.wait(SECOND);
    }
    agent.hear(&wire::fault(1, 16));
    collector.fail(1, FaultCode::INTERNAL);
    for side in [&mut agent, &mut collector] {
        side.wait(SECOND);
        assert_eq!(side.session.idle_since(), Some(8 * SECOND));
        side.session.leave(side.now, Departure::Scarce);
        assert_eq!(side.session.idle_since(), None, "it goes already");
        assert!(side.said().iter().any(|packet| packet.body == GO_AWAY) && side.session.is_done());
    }
}

#[test]
fn an_agent_that_grants_nothing_is_stalled_since_the_last_result() {
    let mut collector = busy_collector(Config::default());
    collector.wait(SECOND);
    assert_eq!(collector.session.stalled_since(), None, "there is credit");
    assert!(collector.reply(1, &["a"], true));
    collector.wait(SECOND);
    assert_eq!(collector.session.stalled_since(), Some(SECOND));
    collector.hear(&wire::task(3, b""));
    assert_eq!(collector.session.stalled_since(), None, "one stream of two has credit");
    collector.wait(SECOND);
    assert!(collector.reply(3, &["a"], true));
    assert_eq!(collector.session.stalled_since(), Some(3 * SECOND));
    collector.hear(&wire::cancel(3));
    assert_eq!(collector.session.stalled_since(), Some(3 * SECOND), "3 waits for us, 1 for credit");
    collector.hear(&wire::cancel(1));
    assert_eq!(collector.session.stalled_since(), None, "both wait for us");
    collector.fail(1, FaultCode::CANCELLED);
    collector.fail(3, FaultCode::CANCELLED);
    assert_eq!(collector.session.stalled_since(), None);
}

#[test]
fn an_agent_that_grants_again_is_not_stalled() {
    let mut collector = busy_collector(Config::default());
    assert!(collector.reply(1, &["a"], true));
    assert!(collector.session.stalled_since().is_some());
    collector.hear(&wire::credit(1, 10_000));
    assert_eq!(collector.session.stalled_since(), None);
}

#[test]
fn a_line_that_takes_nothing_is_stalled_since_then() {
    let mut collector = Side::collector(Config::default(), &AGENT);
    collector.wait(SECOND);
    collector.session.writing(collector.now, 0, 1);
    collector.wait(SECOND);
    collector.session.writing(collector.now, 0, 1);
    assert_eq!(collector.session.stalled_since(), Some(SECOND));
    collector.session.writing(collector.now, 1, 1);
    assert_eq!(collector.session.stalled_since(), Some(2 * SECOND));
    collector.session.flushed();
    assert_eq!(collector.session.stalled_since(), None);
}
