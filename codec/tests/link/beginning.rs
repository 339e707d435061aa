//! L1 to L4: how a session begins.

use std::num::NonZeroU64;

use eyelet_codec::link::SendError;

use crate::rig::{Heard, OTHER, OWN, PEER, Side};
use crate::wire::{self, Body};

const RESET: Body = Body::Reset { w: 2, epoch: OWN };

#[test]
fn reset_is_repeated_until_it_is_answered_however_long_that_takes() {
    let mut side = Side::new(2);
    assert_eq!(side.said(), [RESET]);
    for _ in 0..1000 {
        assert_eq!((side.said(), side.wait()), (vec![], Heard::Nothing));
        assert_eq!(side.said(), [RESET]);
    }
    assert_eq!(side.hear(&Body::ResetAck { w: 1, epoch: PEER, answered: OWN }), Heard::Up);
    assert_eq!((side.said(), side.link.poll_timeout()), (vec![], None));
    assert_eq!(side.link.counters().repeats, 0, "these are packets");
}

#[test]
fn before_the_answer_nothing_is_sent_or_taken_and_then_numbers_begin_at_0() {
    let mut side = Side::new(2);
    side.said();
    assert_eq!(side.link.send(b"early"), Err(SendError::NotUp));
    for body in [wire::data(0, 0, b"stale"), wire::data(3, 1, b"stale"), Body::Nak { a: 1 }] {
        assert_eq!((side.hear(&body), side.said()), (Heard::Nothing, vec![]));
    }
    assert_eq!(side.link.counters().damaged, 0);

    side.hear(&Body::ResetAck { w: 2, epoch: PEER, answered: OWN });
    assert_eq!(side.hear(&wire::data(0, 0, b"new")), Heard::Packet(b"new".to_vec()));
    assert_eq!(side.send_all([7]), [wire::data(0, 1, &[7])]);
}

#[test]
fn two_sides_that_start_at_once_answer_each_other() {
    let mut side = Side::new(2);
    let answer = Body::ResetAck { w: 2, epoch: OWN, answered: PEER };
    assert_eq!(side.hear(&Body::Reset { w: 5, epoch: PEER }), Heard::Nothing);
    assert_eq!(side.said(), [answer.clone(), RESET]);
    assert_eq!(side.hear(&Body::ResetAck { w: 5, epoch: PEER, answered: OWN }), Heard::Up);
    // The answer was lost.
    assert_eq!(side.hear(&Body::Reset { w: 5, epoch: PEER }), Heard::Nothing);
    assert_eq!(side.said(), [answer]);
    assert!(side.state().up);
}

#[test]
fn an_answer_to_another_epoch_or_a_second_one_is_ignored() {
    let mut side = Side::new(2);
    side.said();
    let stale = Body::ResetAck { w: 2, epoch: PEER, answered: OTHER };
    assert_eq!((side.hear(&stale), side.state().up), (Heard::Nothing, false));
    side.hear(&Body::ResetAck { w: 2, epoch: PEER, answered: OWN });
    side.receive_all(0, 0..3);
    for epoch in [PEER, OTHER] {
        let late = Body::ResetAck { w: 1, epoch, answered: OWN };
        assert_eq!((side.hear(&late), side.said()), (Heard::Nothing, vec![]));
    }
    side.receive_all(3, 3..5);
    // PEER is still the one that is known, and takes two.
    side.hear(&Body::Reset { w: 1, epoch: PEER });
    side.said();
    assert_eq!(side.send_all(0..2).len(), 2);
}

#[test]
fn a_reset_of_the_known_epoch_changes_nothing_else() {
    let mut side = Side::up(3);
    side.receive_all(0, 0..5);
    side.send_all(0..2);
    let timer = side.link.poll_timeout();
    assert_eq!(side.hear(&Body::Reset { w: 1, epoch: PEER }), Heard::Nothing);
    assert_eq!(side.said(), [Body::ResetAck { w: 3, epoch: OWN, answered: PEER }]);
    assert_eq!((side.state().unacknowledged, side.link.poll_timeout()), (2, timer));
    assert_eq!(side.send_all([2]), [wire::data(2, 5, &[2])]);
}

#[test]
fn a_restarted_peer_ends_the_session_and_the_next_begins_under_the_same_epoch() {
    let mut side = Side::up(3);
    side.receive_all(0, 0..5);
    side.send_all(0..3);
    assert_eq!(side.hear(&Body::Reset { w: 1, epoch: OTHER }), Heard::Restarted);
    assert_eq!((side.state().unacknowledged, side.link.poll_timeout()), (0, None));
    side.send(b"first");
    side.send(b"second");
    // The answer first, and no more than the peer takes now.
    let answer = Body::ResetAck { w: 3, epoch: OWN, answered: OTHER };
    assert_eq!(side.said(), [answer, wire::data(0, 0, b"first")]);
    side.receive_all(0, [9]);
}

#[test]
fn what_was_owed_in_a_session_is_not_said_in_the_next() {
    let mut side = Side::up(3);
    side.hear(&wire::data(0, 0, b"taken"));
    side.hear(&wire::data(2, 0, b"behind a gap"));
    side.hear(&wire::data(7, 0, b"a repeat"));
    assert_eq!(side.hear(&Body::Reset { w: 1, epoch: OTHER }), Heard::Restarted);
    assert_eq!(side.said(), [Body::ResetAck { w: 3, epoch: OWN, answered: OTHER }]);
}

#[test]
fn connecting_anew_takes_a_fresh_epoch_and_leaves_nothing_of_the_session() {
    let mut side = Side::up(3);
    side.receive_all(0, 0..5);
    side.send_all(0..3);
    side.link.connect(NonZeroU64::new(OTHER).unwrap());
    let reset = Body::Reset { w: 3, epoch: OTHER };
    assert_eq!((side.said(), side.state().up), (vec![reset.clone()], false));
    assert_eq!(side.hear(&wire::data(5, 3, b"stale")), Heard::Nothing);
    assert_eq!(side.hear(&Body::ResetAck { w: 3, epoch: PEER, answered: OWN }), Heard::Nothing);
    assert_eq!((side.wait(), side.said()), (Heard::Nothing, vec![reset]));
    assert_eq!(side.hear(&Body::ResetAck { w: 3, epoch: PEER, answered: OTHER }), Heard::Up);
    assert_eq!(side.send_all([1]), [wire::data(0, 0, &[1])]);
    side.receive_all(0, [9]);
}

#[test]
fn a_sender_begins_with_a_delimiter_and_does_so_again_after_silence() {
    let mut side = Side::new(2);
    let line = side.line();
    assert_eq!((line[0], wire::frames(&line).len()), (0, 1));
    side.hear(&Body::ResetAck { w: 2, epoch: PEER, answered: OWN });
    side.send(b"one");
    side.send(b"two");
    let line = side.line();
    let stretches: Vec<usize> = line.split(|&byte| byte == 0).map(<[u8]>::len).collect();
    assert!(matches!(stretches[..], [0, (1..), (1..), 0]), "{stretches:?}");
}
