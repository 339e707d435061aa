//! L9: how a side falls silent, and what it still says then.

use std::num::NonZeroU64;

use eyelet_codec::link::SendError;

use crate::rig::{Heard, OTHER, OWN, PEER, Side};
use crate::wire::{self, Body};

#[test]
fn with_nothing_outstanding_a_side_is_silent_at_once_but_for_what_it_owes() {
    let mut side = Side::up(2);
    side.hear(&wire::data(0, 0, b"last"));
    side.link.close();
    assert!(side.state().closed);
    assert_eq!(side.said(), [Body::Ack { a: 1 }]);
    assert_eq!(side.link.send(b"more"), Err(SendError::NotUp));
    assert_eq!(side.link.poll_timeout(), None);
}

#[test]
fn the_last_words_are_repeated_until_they_are_acknowledged() {
    let mut side = Side::up(3);
    side.send_all(0..2);
    // Not on the line yet.
    side.send(&[2]);
    side.link.close();
    assert_eq!(side.link.send(b"more"), Err(SendError::NotUp));
    assert!(side.state().up && !side.state().may_send);
    assert_eq!(side.said(), [wire::data(2, 0, &[2])]);
    side.hear(&Body::Ack { a: 2 });
    assert_eq!((side.wait(), side.said()), (Heard::Nothing, vec![wire::data(2, 0, &[2])]));
    // What comes meanwhile is delivered, with the acknowledgment of the last too.
    assert_eq!(side.hear(&wire::data(0, 2, b"late")), Heard::Packet(b"late".to_vec()));
    assert_eq!(side.said(), [Body::Ack { a: 1 }]);
    assert_eq!(side.hear(&wire::data(1, 3, b"later")), Heard::Packet(b"later".to_vec()));
    assert_eq!(side.said(), [Body::Ack { a: 2 }]);
    assert!(side.state().closed);
    assert_eq!(side.link.poll_timeout(), None);
}

#[test]
fn the_data_that_acknowledges_the_last_words_is_received_as_ever_and_the_next_is_not() {
    for (s, heard, said) in [
        (0, Heard::Packet(b"p".to_vec()), Body::Ack { a: 1 }),
        (1, Heard::Nothing, Body::Nak { a: 0 }),
        (7, Heard::Nothing, Body::Ack { a: 0 }),
    ] {
        let mut side = Side::up(2);
        side.send_all([0]);
        side.link.close();
        assert!(!side.state().closed);
        assert_eq!(side.hear(&wire::data(s, 1, b"p")), heard, "{s}");
        assert!(side.state().closed, "{s}");
        assert_eq!(side.said(), [said], "{s}");
        let next = wire::data(u8::from(s == 0), 1, b"next");
        assert_eq!((side.hear(&next), side.said()), (Heard::Nothing, vec![]), "{s}");
    }
}

#[test]
fn last_words_that_nobody_acknowledges_are_given_up() {
    let mut side = Side::up(1);
    side.send_all([0]);
    side.link.close();
    side.link.close();
    for _ in 0..16 {
        assert_eq!((side.wait(), side.said().len()), (Heard::Nothing, 1));
    }
    assert_eq!((side.wait(), side.said()), (Heard::Ended, vec![]));
    assert!(side.state().closed);
}

#[test]
fn what_nobody_waits_for_any_longer_is_dropped_and_nothing_but_answers_is_said() {
    let mut side = Side::up(3);
    side.send_all(0..2);
    side.send(&[2]);
    side.hear(&wire::data(0, 0, b"the last fault"));
    side.link.abort();
    assert_eq!(side.said(), [Body::Ack { a: 1 }]);
    assert!(side.state().closed);
    assert_eq!((side.state().unacknowledged, side.link.poll_timeout()), (0, None));
    side.hear(&wire::data(0, 0, b"the last fault"));
    assert_eq!(side.said(), [Body::Ack { a: 1 }]);

    let mut connecting = Side::new(3);
    connecting.link.abort();
    assert_eq!((connecting.said(), connecting.link.poll_timeout()), (vec![], None));
}

#[test]
fn a_silent_side_answers_repeats_and_resets_and_takes_nothing_new() {
    let mut side = Side::up(2);
    side.receive_all(0, 0..3);
    side.link.close();
    assert_eq!(
        (side.hear(&wire::data(2, 0, b"again")), side.said()),
        (Heard::Nothing, vec![Body::Ack { a: 3 }])
    );
    for s in [3, 4] {
        assert_eq!((side.hear(&wire::data(s, 0, b"new")), side.said()), (Heard::Nothing, vec![]));
    }
    let answer = |answered| vec![Body::ResetAck { w: 2, epoch: OWN, answered }];
    let known = Body::Reset { w: 2, epoch: PEER };
    assert_eq!((side.hear(&known), side.said()), (Heard::Nothing, answer(PEER)));
    assert!(side.state().closed);
    let anew = Body::Reset { w: 2, epoch: OTHER };
    assert_eq!((side.hear(&anew), side.said()), (Heard::Up, answer(OTHER)));
    side.receive_all(0, 0..3);
}

#[test]
fn a_peer_that_begins_anew_ends_the_closing_of_a_session() {
    let mut side = Side::up(2);
    side.send_all(0..2);
    side.link.close();
    assert_eq!(side.hear(&Body::Reset { w: 2, epoch: OTHER }), Heard::Restarted);
    side.said();
    assert_eq!(side.send_all([7]), [wire::data(0, 0, &[7])]);
}

#[test]
fn a_side_that_gave_up_before_it_was_answered_goes_on_when_the_peer_begins() {
    let mut side = Side::new(2);
    side.link.close();
    assert_eq!((side.said(), side.link.poll_timeout()), (vec![], None));
    let late = Body::ResetAck { w: 2, epoch: PEER, answered: OWN };
    assert_eq!((side.hear(&late), side.said()), (Heard::Nothing, vec![]));
    let (reset, answer) =
        (Body::Reset { w: 2, epoch: OWN }, Body::ResetAck { w: 2, epoch: OWN, answered: PEER });
    assert_eq!(side.hear(&Body::Reset { w: 2, epoch: PEER }), Heard::Nothing);
    assert_eq!(side.said(), [answer, reset.clone()]);
    assert_eq!((side.wait(), side.said()), (Heard::Nothing, vec![reset]));
    assert_eq!(side.hear(&late), Heard::Up);
}

#[test]
fn after_any_end_an_application_can_begin_anew() {
    let mut closed = Side::up(1);
    closed.link.close();
    let mut ended = Side::up(1);
    ended.send_all([0]);
    while ended.wait() != Heard::Ended {}
    for mut side in [closed, ended] {
        side.link.connect(NonZeroU64::new(OTHER).unwrap());
        assert_eq!(side.said(), [Body::Reset { w: 1, epoch: OTHER }]);
        let answer = Body::ResetAck { w: 1, epoch: PEER, answered: OTHER };
        assert_eq!(side.hear(&answer), Heard::Up);
        assert_eq!(side.send_all([1]), [wire::data(0, 0, &[1])]);
    }
}
