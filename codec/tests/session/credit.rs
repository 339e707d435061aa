//! Rule 7: how far results may go.

use eyelet_codec::FaultCode;
use eyelet_codec::session::Config;

use crate::rig::{Heard, Pair, Side, names};
use crate::wire::{self, AGENT, COLLECTOR, CREDIT, Hello};

const BEYOND: Heard = Heard::Broken(FaultCode::CREDIT);

/// A collector with stream 1 open, whose agent has given `credit`.
fn collector(credit: u64) -> Side {
    let mut collector = Side::collector(Config::default(), &Hello { credit, ..AGENT });
    collector.hear(&wire::task(1, b""));
    collector
}

/// An agent with stream 1 open, that gives `credit`.
fn agent(credit: u64) -> Side {
    let mut agent = Side::agent(Config { credit, ..Config::default() }, &COLLECTOR);
    assert_eq!(agent.submit("task"), Ok(1));
    agent.said();
    agent
}

fn heard_result(agent: &mut Side, len: usize, more: bool) -> bool {
    match agent.hear(&wire::result_of(1, len, more)) {
        Heard::Result { stream: 1, cost, more: again, .. } => {
            assert_eq!((cost, again), (len as u64, more));
            true
        }
        heard => {
            assert_eq!(heard, BEYOND, "{len} bytes, more {more}");
            false
        }
    }
}

#[test]
fn a_result_may_be_sent_while_fewer_bytes_than_allowed_have_been() {
    for (sent, may) in [(0, true), (998, true), (999, true), (1000, false), (5000, false)] {
        let mut collector = collector(1000);
        collector.session.reply(collector.now, 1, sent, true);
        assert_eq!(collector.session.may_reply(1), may, "{sent} of 1000");
        assert_eq!(collector.session.may_finish(1, 257), may, "{sent} of 1000, last of 257");
        assert!(collector.session.may_finish(1, 256), "{sent} of 1000: a small last one is free");
    }
}

#[test]
fn a_result_beyond_its_credit_ends_the_connection() {
    for (had, len, more, passes) in [
        (999, 65_536, true, true),
        (999, 65_536, false, true),
        (1000, 10, true, false),
        (1000, 256, true, false),
        (1000, 256, false, true),
        (1000, 257, false, false),
        (5000, 256, false, true),
        (5000, 257, false, false),
    ] {
        let mut agent = agent(1000);
        assert!(heard_result(&mut agent, had, true));
        let got = heard_result(&mut agent, len, more);
        assert_eq!(got, passes, "{len} bytes after {had} of 1000, more {more}");
        if !passes {
            let said = agent.said();
            assert!(said.len() == 1 && said[0].is_fault(0, 7), "{said:?}");
        }
    }
}

#[test]
fn credit_only_grows() {
    let mut collector = collector(1000);
    collector.session.reply(collector.now, 1, 1000, true);
    for (total, may) in [(0, false), (999, false), (1000, false), (1001, true), (5, true)] {
        assert_eq!(collector.hear(&wire::credit(1, total)), Heard::Credit(1));
        assert_eq!(collector.session.may_reply(1), may, "a total of {total}");
    }
    collector.session.reply(collector.now, 1, 1, true);
    assert!(!collector.session.may_reply(1));
}

#[test]
fn credit_as_large_as_a_number_can_be_overflows_nothing() {
    let mut collector = collector(u64::MAX);
    collector.session.reply(collector.now, 1, usize::MAX, true);
    collector.session.reply(collector.now, 1, usize::MAX, true);
    assert!(!collector.session.may_reply(1));
    collector.hear(&wire::credit(1, u64::MAX));
    assert!(!collector.session.may_reply(1));

    let mut agent = agent(u64::MAX);
    for _ in 0..3 {
        assert!(heard_result(&mut agent, 5000, true));
        agent.session.consume(1, u64::MAX);
    }
    assert!(agent.said().iter().all(|packet| packet.body == CREDIT));
}

#[test]
fn credit_is_of_one_stream() {
    let mut collector = collector(100);
    collector.hear(&wire::task(3, b""));
    collector.session.reply(collector.now, 1, 100, true);
    assert!(collector.session.may_reply(3));
    collector.session.reply(collector.now, 3, 100, true);
    assert_eq!(collector.hear(&wire::credit(3, 101)), Heard::Credit(3));
    assert!(collector.session.may_reply(3) && !collector.session.may_reply(1));
}

/// The page's own conversation: 60,000 bytes are consumed of 40,000, and a total of 100,000 is granted.
#[test]
fn what_was_consumed_is_granted_again() {
    let mut agent = agent(40_000);
    for _ in 0..2 {
        assert!(heard_result(&mut agent, 30_000, true));
    }
    assert_eq!(agent.said(), [], "nothing was consumed yet");
    agent.session.consume(1, 60_000);
    let said = agent.said();
    let [grant] = &said[..] else { panic!("{said:?}") };
    assert_eq!((grant.body, grant.stream, grant.number(1)), (CREDIT, 1, Some(100_000)));
    assert!(heard_result(&mut agent, 39_999, true) && heard_result(&mut agent, 300, true));
    assert!(!heard_result(&mut agent, 300, true));
}

#[test]
fn several_grants_that_wait_go_as_one() {
    let mut agent = agent(10);
    assert!(heard_result(&mut agent, 100, true));
    for _ in 0..10 {
        agent.session.consume(1, 10);
    }
    let totals: Vec<_> = agent.said().iter().map(|grant| grant.number(1)).collect();
    assert_eq!(totals, [Some(110)]);
}

#[test]
fn nothing_is_granted_on_a_stream_that_was_cancelled_or_has_ended() {
    for end in [
        |agent: &mut Side| agent.session.cancel(1),
        |agent: &mut Side| {
            agent.hear(&wire::result(1, b"", false));
        },
    ] {
        let mut agent = agent(100);
        assert!(heard_result(&mut agent, 100, true));
        end(&mut agent);
        agent.session.consume(1, 100);
        let said = agent.said();
        assert!(said.iter().all(|packet| packet.body != CREDIT), "{said:?}");
    }
    let mut control = agent(100);
    assert!(heard_result(&mut control, 100, true));
    control.session.consume(1, 100);
    assert_eq!(control.said().len(), 1);
}

#[test]
fn a_grant_that_waits_goes_with_the_cancel_that_overtakes_it() {
    let mut agent = agent(100);
    assert!(heard_result(&mut agent, 100, true));
    agent.session.consume(1, 100);
    agent.session.cancel(1);
    let bodies: Vec<u64> = agent.said().iter().map(|packet| packet.body).collect();
    assert_eq!(bodies, [wire::CANCEL]);
}

/// What is granted is what was consumed and the window, never more, and never so little that a
/// collector that has sent all it may waits for an agent that has consumed all it got.
#[test]
fn credit_is_conserved_whatever_the_sizes() {
    for credit in [1, 2, 3, 7, 100, 1000, 65_536] {
        let mut agent = agent(credit);
        let (mut sent, mut consumed, mut allowed) = (0, 0, credit);
        for step in 0..300usize {
            let len = 16 + step * 7919 % 500;
            if sent < allowed {
                assert!(heard_result(&mut agent, len, true), "credit {credit}, step {step}");
                sent += len as u64;
            } else {
                assert!(consumed < sent, "credit {credit}, step {step}: a deadlock");
            }
            if step % 3 > 0 || sent >= allowed {
                let part = (sent - consumed).min(if step % 2 == 0 { 100 } else { u64::MAX });
                agent.session.consume(1, part);
                consumed += part;
            }
            for grant in agent.said() {
                let total = grant.number(1).unwrap();
                assert!(total > allowed && total <= consumed + credit, "credit {credit}");
                allowed = total;
            }
            assert!(allowed - consumed.min(allowed) <= credit, "more room than the window");
            assert!(consumed < sent || sent < allowed, "credit {credit}, step {step}: a deadlock");
        }
        assert!(consumed > 10 * credit.min(1000), "credit {credit}: hardly anything was moved");
    }
}

#[test]
fn one_byte_of_credit_moves_any_result() {
    let agent = Config { credit: 1, max_frame: 256, ..Config::default() };
    let mut pair = Pair::new(agent, Config::default());
    let stream = pair.agent.submit("task").unwrap();
    pair.settle();
    pair.heard();
    for round in 0..100 {
        let name = format!("process {round}");
        assert!(pair.collector.reply(stream, &[&name], true), "round {round}");
        assert!(!pair.collector.reply(stream, &[&name], true), "one at a time");
        pair.settle();
        let heard = pair.heard().0;
        let [Heard::Result { content, cost, .. }] = &heard[..] else { panic!("{heard:?}") };
        assert_eq!(names(content), [name]);
        pair.agent.session.consume(stream, *cost);
        pair.settle();
        assert_eq!(pair.heard().1.last(), Some(&Heard::Credit(stream)));
    }
    assert!(pair.collector.reply(stream, &[], false));
    pair.settle();
    assert_eq!(pair.agent.session.live(), 0);
}

#[test]
fn without_credit_a_small_last_word_still_goes() {
    let mut pair = Pair::new(Config { credit: 1, ..Config::default() }, Config::default());
    let stream = pair.agent.submit("task").unwrap();
    pair.settle();
    assert!(pair.collector.reply(stream, &["a"], true));
    let long = "x".repeat(250);
    assert!(!pair.collector.reply(stream, &[&long], false), "a last one of more than 256 waits");
    assert!(pair.collector.reply(stream, &["b"], false));
    pair.settle();
    let last = pair.heard().0.pop();
    assert!(matches!(last, Some(Heard::Result { more: false, .. })), "{last:?}");
}

/// The window is the agent's own promise of memory: no application can overdraw it.
#[test]
fn what_has_not_come_cannot_be_consumed() {
    let mut agent = Side::agent(Config { credit: 1000, ..Config::default() }, &COLLECTOR);
    agent.submit("task").unwrap();
    agent.said();
    agent.session.consume(1, 500);
    assert_eq!(agent.said(), [], "nothing has come");
    agent.hear(&wire::result_of(1, 600, true));
    agent.session.consume(1, u64::MAX);
    let said = agent.said();
    assert!(matches!(&said[..], [credit] if credit.number(1) == Some(1600)), "{said:?}");
}
