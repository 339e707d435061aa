//! Any packets, any calls, any clock: a session may end, but it neither panics nor forgets its manners.

use std::collections::HashMap;
use std::time::Duration;

use eyelet_codec::frame::FrameError;
use eyelet_codec::session::{Config, Refusal, Role};
use eyelet_codec::{DetectionTask, FaultCode};
use proptest::prelude::*;

use crate::rig::{Heard, SLOTS, Side};
use crate::wire::{self, AGENT, COLLECTOR, FAULT, HELLO, Packet, RESULT, TASK};

#[derive(Clone, Debug)]
enum Move {
    Hear(Vec<u8>),
    FrameError,
    Turn(Duration),
    Timeout,
    Submit(Option<Duration>),
    Reply { stream: u32, more: bool },
    Fail(u32, i32),
    Cancel(u32),
    Consume(u32, u64),
    SetDeadline(u32, Duration),
    Reading(bool),
    Flush,
    Shutdown,
    BreakOff,
}

fn any_time() -> impl Strategy<Value = Duration> {
    prop_oneof![
        4 => (0..100_000u64).prop_map(Duration::from_millis),
        1 => any::<u64>().prop_map(Duration::from_nanos),
        1 => any::<u64>().prop_map(Duration::from_secs),
        1 => Just(Duration::MAX),
    ]
}

fn any_packet() -> impl Strategy<Value = Vec<u8>> {
    let stream = 0..12u64;
    prop_oneof![
        3 => Just(AGENT.body()),
        3 => Just(COLLECTOR.body()),
        8 => stream.clone().prop_map(|stream| wire::task(stream, b"task")),
        8 => (stream.clone(), any::<bool>())
            .prop_map(|(stream, more)| wire::result(stream, b"result", more)),
        2 => (stream.clone(), any::<i32>()).prop_map(|(stream, code)| {
            wire::fault(stream, i64::from(code).cast_unsigned())
        }),
        4 => (stream.clone(), any::<u64>())
            .prop_map(|(stream, total)| wire::credit(stream, total)),
        4 => stream.clone().prop_map(wire::cancel),
        4 => any::<u64>().prop_map(wire::ping),
        2 => (0..12u64).prop_map(wire::go_away),
        2 => (stream, 0..20u64, any::<Vec<u8>>())
            .prop_map(|(stream, body, content)| wire::packet(stream, body, &content)),
        1 => any::<Vec<u8>>(),
    ]
}

fn any_move() -> impl Strategy<Value = Move> {
    let stream = 0..12u32;
    let deadline = prop::option::of(any_time());
    prop_oneof![
        12 => any_packet().prop_map(Move::Hear),
        4 => any_time().prop_map(Move::Turn),
        4 => Just(Move::Timeout),
        4 => deadline.prop_map(Move::Submit),
        4 => (stream.clone(), any::<bool>())
            .prop_map(|(stream, more)| Move::Reply { stream, more }),
        2 => (stream.clone(), any::<i32>()).prop_map(|(stream, code)| Move::Fail(stream, code)),
        2 => stream.clone().prop_map(Move::Cancel),
        2 => (stream.clone(), any::<u64>()).prop_map(|(stream, cost)| Move::Consume(stream, cost)),
        2 => (stream, any_time()).prop_map(|(stream, at)| Move::SetDeadline(stream, at)),
        2 => any::<bool>().prop_map(Move::Reading),
        1 => Just(Move::Flush),
        1 => Just(Move::Shutdown),
        1 => Just(Move::BreakOff),
        1 => Just(Move::FrameError),
    ]
}

/// What a peer may rely on, whatever this side is put through.
#[derive(Default)]
struct Manners {
    opened: bool,
    ended: bool,
    said: usize,
    tasks: u64,
    terminal: HashMap<u64, usize>,
}

impl Manners {
    fn heard(&mut self, heard: &Heard) {
        self.opened |= *heard == Heard::Open;
    }

    fn check(&mut self, role: Role, packet: &Packet) {
        assert!(!self.ended, "{packet:?} after the end");
        if self.said == 0 {
            assert!(packet.body == HELLO || packet.is_connection_fault(), "{packet:?} first");
        } else {
            assert_ne!(packet.body, HELLO, "a second one");
        }
        let early = packet.body == TASK && self.tasks == 0;
        if !self.opened {
            let allowed = packet.body == HELLO || packet.is_connection_fault() || early;
            assert!(allowed, "{packet:?} before the peer's Hello");
        }
        if packet.body == TASK {
            assert_eq!(packet.stream, 2 * self.tasks + 1);
            self.tasks += 1;
        }
        assert!(packet.len <= 256, "{packet:?}");
        if packet.stream != 0 && (packet.body == FAULT || (packet.body == RESULT && !packet.more)) {
            assert_eq!(role, Role::Collector);
            let times = self.terminal.entry(packet.stream).or_default();
            *times += 1;
            assert_eq!(*times, 1, "{packet:?}, a second end");
        }
        self.ended |= packet.is_connection_fault();
        self.said += 1;
    }
}

fn play(side: &mut Side, action: Move) -> Heard {
    let session = &mut side.session;
    match action {
        Move::Hear(body) => return side.hear(&body),
        Move::FrameError => return session.handle_frame_error(FrameError::Checksum).into(),
        Move::Timeout => return session.handle_timeout(side.now).into(),
        Move::BreakOff => {
            return session.break_off(Refusal::new(FaultCode::INTERNAL, "a test")).into();
        }
        Move::Turn(now) => side.now = now,
        Move::Submit(deadline) => drop(side.submit_with(&DetectionTask::default(), deadline)),
        Move::Reply { stream, more } => drop(side.reply(stream, &["name"], more)),
        Move::Fail(stream, code) => side.fail(stream, FaultCode(code)),
        Move::Cancel(stream) => session.cancel(stream),
        Move::Consume(stream, cost) => session.consume(stream, cost),
        Move::SetDeadline(stream, at) => session.set_deadline(stream, at),
        Move::Reading(partial) => session.reading(side.now, partial),
        Move::Flush => session.flushed(),
        Move::Shutdown => session.shutdown(side.now),
    }
    Heard::Nothing
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_session_keeps_its_manners_whatever_it_is_put_through(
        agent in any::<bool>(),
        credit in 0..100u64,
        max_streams in 0..6u32,
        greeted in any::<bool>(),
        moves in prop::collection::vec(any_move(), 0..60),
    ) {
        let role = if agent { Role::Agent } else { Role::Collector };
        let mut side = Side::new(role, Config { credit, max_streams, ..Config::default() });
        let mut manners = Manners::default();
        let hello = if agent { COLLECTOR.body() } else { AGENT.body() };
        let greeting = greeted.then_some(Move::Hear(hello));
        for action in greeting.into_iter().chain(moves) {
            let heard = play(&mut side, action);
            manners.heard(&heard);
            side.pump();
            for body in wire::unframe(&std::mem::take(&mut side.out)) {
                manners.check(role, &Packet::read(&body));
            }
            manners.ended |= matches!(heard, Heard::Closed(_) | Heard::Broken(_));
            prop_assert!(side.session.live() <= max_streams.min(u32::try_from(SLOTS).unwrap()));
            if manners.ended {
                prop_assert!(side.session.is_done() && !side.session.is_open());
                prop_assert_eq!((side.session.live(), side.session.poll_timeout()), (0, None));
            }
        }
    }
}
