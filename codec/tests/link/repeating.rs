//! L8: when and what is sent again, and when that is given up.

use std::time::Duration;

use crate::rig::{Heard, REPEAT, Side};
use crate::wire::{self, Body};

const MOMENT: Duration = Duration::from_nanos(1);

#[test]
fn all_that_is_outstanding_is_sent_again_with_what_is_expected_now() {
    let mut side = Side::up(4);
    side.receive_all(0, 0..2);
    side.send_all(0..3);
    side.receive_all(2, 2..5);
    assert_eq!(side.wait(), Heard::Nothing);
    let again: Vec<Body> = (0..3).map(|s| wire::data(s, 5, &[s])).collect();
    assert_eq!(side.said(), again);
    assert_eq!(side.link.counters().repeats, 3);

    // What was acknowledged meanwhile is not among it, and what is new comes behind it.
    side.wait();
    side.hear(&Body::Ack { a: 2 });
    assert_eq!(side.send_all([3]), [wire::data(2, 5, &[2]), wire::data(3, 5, &[3])]);
}

#[test]
fn a_nak_in_range_asks_for_what_is_left_and_others_for_nothing() {
    let mut side = Side::up(4);
    side.send_all(0..4);
    assert_eq!(side.hear(&Body::Nak { a: 2 }), Heard::Nothing);
    assert_eq!(side.said(), [wire::data(2, 0, &[2]), wire::data(3, 0, &[3])]);
    for a in [5, 7, 0, 1] {
        assert_eq!((side.hear(&Body::Nak { a }), side.said()), (Heard::Nothing, vec![]), "{a}");
    }
    assert_eq!(side.hear(&Body::Nak { a: 4 }), Heard::Nothing);
    assert_eq!((side.said(), side.state().unacknowledged), (vec![], 0));
    assert_eq!(side.hear(&Body::Nak { a: 4 }), Heard::Nothing);
    assert_eq!((side.said(), side.link.poll_timeout()), (vec![], None));
}

#[test]
fn the_timer_runs_from_the_last_packet_or_acknowledgment_on_and_only_for_what_is_outstanding() {
    let mut side = Side::up(4);
    assert_eq!(side.link.poll_timeout(), None);
    side.send(&[0]);
    assert_eq!(side.link.poll_timeout(), None, "it is not on the line yet");
    let start = side.now;
    let passes = |side: &mut Side, part: u32| side.now += REPEAT * part / 4;
    side.said();
    assert_eq!(side.link.poll_timeout(), Some(start + REPEAT));
    passes(&mut side, 1);
    side.send_all([1]);
    assert_eq!(side.link.poll_timeout(), Some(start + REPEAT * 5 / 4));
    passes(&mut side, 1);
    side.hear(&Body::Ack { a: 0 });
    assert_eq!(side.link.poll_timeout(), Some(start + REPEAT * 5 / 4), "nothing new");
    side.hear(&Body::Ack { a: 1 });
    assert_eq!(side.link.poll_timeout(), Some(start + REPEAT * 6 / 4));
    side.now = start + REPEAT * 6 / 4;
    side.link.handle_timeout(side.now.saturating_sub(MOMENT));
    assert_eq!(side.said(), []);
    side.link.handle_timeout(side.now);
    assert_eq!(side.said(), [wire::data(1, 0, &[1])]);
    side.hear(&Body::Ack { a: 2 });
    assert_eq!(side.link.poll_timeout(), None);
}

#[test]
fn after_16_repeats_in_vain_the_session_ends() {
    let mut side = Side::up(2);
    side.send_all(0..2);
    for repeat in 1..=16 {
        assert_eq!(side.wait(), Heard::Nothing, "{repeat}");
        assert_eq!(side.said().len(), 2, "{repeat}");
    }
    assert_eq!((side.wait(), side.said()), (Heard::Ended, vec![]));
    assert!(side.state().closed);
    assert_eq!((side.link.poll_timeout(), side.link.counters().repeats), (None, 32));
    assert_eq!(side.link.handle_timeout(side.now + REPEAT), Heard::Nothing);
}

#[test]
fn whatever_is_acknowledged_makes_up_for_all_repeats() {
    let mut side = Side::up(2);
    for number in 0..20 {
        side.send_all([number]);
        for _ in 0..16 {
            assert_eq!(side.wait(), Heard::Nothing);
            assert_eq!(side.said().len(), 1);
        }
        // Nothing new, and so no progress.
        side.hear(&Body::Ack { a: number % 8 });
        assert_eq!(side.clone().wait(), Heard::Ended);
        side.hear(&Body::Ack { a: (number + 1) % 8 });
    }
}

#[test]
fn a_nak_counts_as_the_timer_does() {
    let mut side = Side::up(2);
    side.send_all(0..2);
    for _ in 0..16 {
        assert_eq!(side.hear(&Body::Nak { a: 0 }), Heard::Nothing);
        assert_eq!(side.said().len(), 2);
    }
    assert_eq!(side.clone().hear(&Body::Nak { a: 1 }), Heard::Nothing, "that is progress");
    assert_eq!(side.hear(&Body::Nak { a: 0 }), Heard::Ended);
    assert_eq!((side.said(), side.state().closed), (vec![], true));
}

/// A driver whose line takes nothing still hears of it.
#[test]
fn repeats_that_do_not_get_to_the_line_are_given_up_too() {
    let mut side = Side::up(1);
    side.send_all([0]);
    let heard: Vec<Heard> = (0..17).map(|_| side.wait()).collect();
    assert_eq!(heard[15..], [Heard::Nothing, Heard::Ended]);
}

#[test]
fn a_time_near_the_end_of_all_times_is_a_time_like_any_other() {
    let mut side = Side::up(1);
    side.now = Duration::MAX;
    side.send_all([0]);
    assert_eq!(side.link.poll_timeout(), Some(Duration::MAX));
    for _ in 0..16 {
        assert_eq!(side.wait(), Heard::Nothing);
    }
    assert_eq!(side.wait(), Heard::Ended);
}
