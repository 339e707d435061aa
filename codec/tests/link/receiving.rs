//! L7: what comes in sequence, behind a gap, and again.

use crate::rig::{Heard, Side};
use crate::wire::{self, Body};

#[test]
fn one_nak_is_said_for_each_gap() {
    let mut side = Side::up(4);
    side.receive_all(0, 0..6);
    for _ in 0..3 {
        for (s, answer) in
            [(7, Body::Nak { a: 6 }), (0, Body::Ack { a: 6 }), (1, Body::Ack { a: 6 })]
        {
            assert_eq!(side.hear(&wire::data(s, 0, b"ahead")), Heard::Nothing);
            assert_eq!(side.said(), [answer]);
        }
        // What is ahead was not kept: it comes again.
        for s in 6..14 {
            side.receive_all(s, [s]);
        }
    }
}

#[test]
fn every_repeat_is_answered() {
    for w in 1..=4 {
        let mut side = Side::up(w);
        side.receive_all(0, 0..10);
        for behind in (1..=w).rev().cycle().take(50) {
            assert_eq!(side.hear(&wire::data(10 - behind, 0, b"again")), Heard::Nothing);
            assert_eq!(side.said(), [Body::Ack { a: 2 }], "window {w}, {behind} behind");
        }
    }
}

#[test]
fn in_a_wide_window_a_repeat_that_may_be_ahead_is_answered_too() {
    for w in 5..=7 {
        let mut side = Side::up(w);
        side.receive_all(0, 0..10);
        for behind in (1..=w).rev().cycle().take(50) {
            assert_eq!(side.hear(&wire::data(10 - behind, 0, b"again")), Heard::Nothing);
            let said = side.said();
            assert!(matches!(said[..], [Body::Ack { a: 2 } | Body::Nak { a: 2 }]), "{said:?}");
        }
    }
}

#[test]
fn what_comes_before_an_answer_has_gone_shares_one() {
    let mut side = Side::up(4);
    for s in 0..3 {
        side.hear(&wire::data(s, 0, b"new"));
    }
    side.hear(&wire::data(1, 0, b"again"));
    side.hear(&wire::data(2, 0, b"again"));
    assert_eq!(side.said(), [Body::Ack { a: 3 }]);
    side.hear(&wire::data(4, 0, b"ahead"));
    side.hear(&wire::data(2, 0, b"again"));
    assert_eq!(side.said(), [Body::Nak { a: 3 }, Body::Ack { a: 3 }]);
}

#[test]
fn what_could_not_be_decoded_is_counted() {
    let mut side = Side::up(1);
    let (before, rest) = (side.link.counters(), [0xa5; 12]);
    assert_eq!(side.link.handle_frame(side.now, &rest), Heard::Nothing);
    let after = side.link.counters();
    assert_eq!((before.damaged, before.lost, before.repeats), (0, 0, 0));
    assert_eq!((after.damaged, after.lost, after.repeats), (1, 12, 0));
}
