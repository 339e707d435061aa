//! L5 and L6: what may be outstanding, and what acknowledges it.

use std::num::NonZeroU64;
use std::time::Duration;

use eyelet_codec::cobs::{Accumulator, Fed};
use eyelet_codec::frame::FrameError;
use eyelet_codec::link::{Config, Event, Link, OVERHEAD, SendError, line_len};

use crate::rig::{Heard, PEER, REPEAT, Side};
use crate::wire::{self, Body};

#[test]
fn as_many_are_outstanding_as_both_sides_have_room_for() {
    for own in 1..=7 {
        for peers in 1..=7 {
            let mut side = Side::up_with(own, peers);
            let sent = side.send_all(0..own);
            let want: Vec<Body> = (0..own.min(peers)).map(|s| wire::data(s, 0, &[s])).collect();
            assert_eq!(sent, want, "{own} and {peers}");
            assert_eq!(side.link.send(b"more"), Err(SendError::Full), "{own} and {peers}");
        }
    }
}

#[test]
fn numbers_wrap_around_at_8_in_every_window_wherever_it_stands() {
    for w in 1..=7 {
        for step in 1..=w {
            let mut side = Side::up(w);
            let (mut sent, mut acknowledged) = (0, 0);
            while acknowledged < 200 {
                for body in side.send_all(sent..acknowledged + w) {
                    assert_eq!(body, wire::data(sent, 0, &[sent]), "window {w}");
                    sent += 1;
                }
                acknowledged += step;
                assert_eq!(side.hear(&Body::Ack { a: acknowledged % 8 }), Heard::Nothing);
                assert_eq!(side.state().unacknowledged, usize::from(w - step));
            }
        }
    }
}

#[test]
fn packets_arrive_across_the_wrap_around_in_every_window() {
    for w in 1..=7 {
        let mut side = Side::up(w);
        for number in 0..100 {
            let packet = [number; 30];
            let heard = side.hear(&wire::data(number, 0, &packet));
            assert_eq!(heard, Heard::Packet(packet.to_vec()));
            assert_eq!(side.said(), [Body::Ack { a: (number + 1) % 8 }]);
        }
    }
}

/// The table has every number in one place of the window; here is every place.
#[test]
fn a_number_outside_of_what_is_outstanding_acknowledges_nothing() {
    for w in 1..=7 {
        for start in 0..8 {
            for outstanding in 0..=w {
                let mut side = Side::up(w);
                for number in 0..start {
                    side.send_all([number]);
                    side.hear(&Body::Ack { a: (number + 1) % 8 });
                }
                side.send_all(0..outstanding);
                for a in 0..8 {
                    let mut side = side.clone();
                    side.hear(&Body::Ack { a });
                    let count = (8 + a - start % 8) % 8;
                    let left = if count > outstanding { outstanding } else { outstanding - count };
                    let case = format!("{a} of {outstanding} from {start}");
                    assert_eq!(side.state().unacknowledged, usize::from(left), "{case}");
                }
            }
        }
    }
}

#[test]
fn what_waits_for_the_peers_window_is_not_outstanding() {
    let mut side = Side::up_with(4, 2);
    assert_eq!(side.send_all(0..4).len(), 2);
    side.hear(&Body::Ack { a: 3 });
    assert_eq!((side.state().unacknowledged, side.said()), (4, vec![]));
    side.hear(&Body::Ack { a: 1 });
    assert_eq!(side.said(), [wire::data(2, 0, &[2])]);
    side.hear(&Body::Ack { a: 3 });
    assert_eq!(side.said(), [wire::data(3, 0, &[3])]);
}

#[test]
fn the_number_in_data_acknowledges_and_one_out_of_range_does_not_spoil_the_packet() {
    let mut side = Side::up(3);
    side.send_all(0..3);
    assert_eq!(side.hear(&wire::data(0, 2, b"one")), Heard::Packet(b"one".to_vec()));
    assert_eq!(side.state().unacknowledged, 1);
    assert_eq!(side.hear(&wire::data(1, 1, b"two")), Heard::Packet(b"two".to_vec()));
    assert_eq!(side.state().unacknowledged, 1);
}

#[test]
fn what_cannot_be_sent_is_refused_and_what_can_goes_whole() {
    let mut side = Side::up(2);
    assert_eq!(side.link.send(&[]), Err(SendError::Empty));
    let large = SendError::TooLarge { len: 31, limit: 30 };
    assert_eq!(side.link.send(&[0; 31]), Err(large));
    assert!(side.state().may_send);
    for packet in [vec![0; 30], vec![0xff; 30]] {
        side.send(&packet);
        let said = side.said();
        assert!(matches!(&said[..], [Body::Data { packet: sent, .. }] if *sent == packet));
    }
    assert!(!side.state().may_send);
    assert_eq!(side.link.send(&[]), Err(SendError::Empty));
}

/// The longest of that is a RESET-ACK, longer than a packet of a few bytes.
#[test]
fn where_there_is_room_for_the_smallest_packets_a_session_can_begin() {
    type Smallest = Link<1, { OVERHEAD + 1 }>;
    let config = Config { max_frame: 1, repeat: REPEAT };
    let mut link = Smallest::new(config, NonZeroU64::MAX);
    let now = Duration::ZERO;
    link.handle_frame(now, &wire::frame(&Body::Reset { w: 1, epoch: u64::MAX }.bytes()));
    let mut buf = [0xa5; Smallest::MAX_LINE];
    let len = link.poll_transmit(now, &mut buf).unwrap().unwrap();
    let mut inbox = Accumulator::<{ line_len(1) }>::new();
    let Fed::Decoded { bytes, .. } = inbox.feed(&buf[..len]) else {
        panic!("{:02x?}", &buf[..len])
    };
    let answer = Body::ResetAck { w: 1, epoch: u64::MAX, answered: u64::MAX };
    assert_eq!(bytes, wire::frame(&answer.bytes()));
    assert_eq!(link.handle_frame(now, &wire::frame(&answer.bytes())), Event::Up);
}

#[test]
fn with_too_small_a_buffer_for_the_line_nothing_is_lost() {
    let mut side = Side::up(2);
    side.hear(&Body::Reset { w: 2, epoch: PEER });
    side.hear(&wire::data(0, 0, b"taken"));
    side.send(b"packet");
    let whole = side.clone().line();
    let mut line: Vec<u8> = Vec::new();
    for room in [0, 1, 2, 8, 16, 20, 22, 23, 24, 25, 26] {
        let mut buf = [0xa5; 64];
        match side.link.poll_transmit(side.now, &mut buf[..room]) {
            Ok(len) => line.extend(&buf[..len.unwrap_or(0)]),
            Err(error) => assert_eq!(error, FrameError::Buffer),
        }
    }
    assert_eq!(line, whole);
}

#[test]
fn an_acknowledgment_rides_on_data_and_the_answer_to_a_repeat_does_not() {
    let mut side = Side::up(3);
    side.hear(&wire::data(0, 0, b"new"));
    assert_eq!(side.send_all([7]), [wire::data(0, 1, &[7])]);
    side.hear(&wire::data(0, 0, b"new"));
    assert_eq!(side.send_all([8]), [Body::Ack { a: 1 }, wire::data(1, 1, &[8])]);
}
