//! Every link byte with every short length, in every state.

use crate::rig::{Heard, OTHER, OWN, PEER, Side, State};
use crate::wire::{self, Body};

/// The narrowest, one in which a repeat cannot be taken for another packet, and two in which it can.
const WINDOWS: [u8; 4] = [1, 4, 5, 7];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Connecting,
    Up,
    Closing,
    Closed,
}

/// A side, and what this test knows of it.
#[derive(Clone)]
struct Known {
    name: &'static str,
    side: Side,
    mode: Mode,
    answered: bool,
    peer: Option<u64>,
    expected: u8,
    gap: bool,
    oldest: u8,
    /// Outstanding.
    sent: Vec<u8>,
}

/// What a body comes to.
struct Want {
    heard: Heard,
    said: Vec<Body>,
    is_damage: bool,
    state: State,
}

#[test]
fn every_link_byte_with_every_short_length_in_every_state_does_what_the_rules_say() {
    let mut cells = 0;
    for w in WINDOWS {
        for known in states(w) {
            for byte in 0..=u8::MAX {
                for rest in contents() {
                    let body = [&[byte][..], &rest].concat();
                    check(&known, &body);
                    cells += 1;
                }
            }
            check_damage(&known);
        }
    }
    println!("figure: {cells} cells of state x packet of the serial link");
    assert_eq!(cells, WINDOWS.len() * 10 * 256 * contents().count());
}

fn check(known: &Known, body: &[u8]) {
    let case = format!("{}, window {}: {body:02x?}", known.name, known.side.w);
    let want = want(known, body);
    let mut side = known.side.clone();
    assert_eq!(side.hear_bytes(body), want.heard, "{case}");
    assert_eq!(side.said(), want.said, "{case}");
    assert_eq!(side.state(), want.state, "{case}");
    let damaged = side.link.counters().damaged - known.side.link.counters().damaged;
    assert_eq!(damaged, u32::from(want.is_damage), "{case}");
}

/// What is no frame at all, in a state.
fn check_damage(known: &Known) {
    let good = wire::frame(&wire::data(known.expected, 0, b"packet").bytes());
    for bit in 0..good.len() * 8 {
        let mut damaged = good.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        check_ignored(known, &damaged);
    }
    for len in 0..good.len() {
        check_ignored(known, &good[..len]);
    }
    check_ignored(known, &[&good[..], &[0x00]].concat());
    check_ignored(known, &wire::frame(&wire::data(known.expected, 0, &[0x5a; 41]).bytes()));
}

fn check_ignored(known: &Known, frame: &[u8]) {
    let mut side = known.side.clone();
    assert_eq!(side.link.handle_frame(side.now, frame), Heard::Nothing, "{frame:02x?}");
    assert_eq!(side.said(), [], "{}: {frame:02x?}", known.name);
    assert_eq!(side.state(), known.side.state());
    let (before, after) = (known.side.link.counters(), side.link.counters());
    let lost = u32::try_from(frame.len()).unwrap();
    assert_eq!((after.damaged, after.lost), (before.damaged + 1, before.lost + lost));
}

/// What follows the link byte: every length up to more than there is, and where there can be epochs,
/// each kind of them.
fn contents() -> impl Iterator<Item = Vec<u8>> {
    let epochs = [OWN, PEER, OTHER, 0].map(|epoch| epoch.to_le_bytes().to_vec());
    let pairs = epochs.clone();
    let pairs = pairs.iter().flat_map(|one| epochs.iter().map(|other| [&one[..], other].concat()));
    let pairs: Vec<_> = pairs.chain(epochs.clone()).collect();
    (0..=20).map(|len| (1..=len).collect()).chain(pairs)
}

fn want(known: &Known, body: &[u8]) -> Want {
    let mut after = known.clone();
    let read = Body::read(body);
    let is_damage = read.is_none();
    let (heard, said) = match read {
        Some(Body::Reset { epoch, .. }) => after.reset(epoch),
        Some(Body::ResetAck { answered, .. })
            if known.mode == Mode::Connecting && answered == OWN =>
        {
            after.mode = Mode::Up;
            (Heard::Up, vec![])
        }
        None | Some(Body::ResetAck { .. }) => (Heard::Nothing, vec![]),
        Some(_) if !known.answered => (Heard::Nothing, vec![]),
        Some(Body::Ack { a }) => {
            after.acknowledge(a);
            (Heard::Nothing, vec![])
        }
        Some(Body::Nak { a }) => {
            let again = if after.acknowledge(a) { after.outstanding() } else { vec![] };
            (Heard::Nothing, again)
        }
        Some(Body::Data { s, a, packet }) => {
            after.acknowledge(a);
            known.data(s, packet)
        }
    };
    Want { heard, said, is_damage, state: after.state() }
}

impl Known {
    fn reset(&mut self, epoch: u64) -> (Heard, Vec<Body>) {
        let w = self.side.w;
        let mut said = vec![Body::ResetAck { w, epoch: OWN, answered: epoch }];
        let heard = match (self.peer == Some(epoch), self.answered, self.mode) {
            (true, ..) | (false, false, Mode::Connecting) => Heard::Nothing,
            (false, false, _) => {
                said.push(Body::Reset { w, epoch: OWN });
                self.mode = Mode::Connecting;
                Heard::Nothing
            }
            (false, true, before) => {
                self.mode = Mode::Up;
                self.sent.clear();
                if before == Mode::Closed { Heard::Up } else { Heard::Restarted }
            }
        };
        (heard, said)
    }

    fn data(&self, s: u8, packet: Vec<u8>) -> (Heard, Vec<Body>) {
        let d = (8 + s - self.expected) % 8;
        let (w, is_open) = (self.side.w, self.mode != Mode::Closed);
        if d == 0 && is_open {
            return (Heard::Packet(packet), vec![Body::Ack { a: (self.expected + 1) % 8 }]);
        }
        let a = self.expected;
        let said = match (d < w, is_open, self.gap) {
            (true, false, _) => vec![],
            (true, true, false) => vec![Body::Nak { a }],
            _ => vec![Body::Ack { a }],
        };
        (Heard::Nothing, said)
    }

    /// Everything outstanding, once more.
    fn outstanding(&self) -> Vec<Body> {
        let again = (0..).zip(&self.sent);
        again
            .map(|(index, &sent)| wire::data(self.oldest + index, self.expected, &[sent]))
            .collect()
    }

    /// Whether the number is in range.
    fn acknowledge(&mut self, a: u8) -> bool {
        let count = usize::from((8 + a - self.oldest) % 8);
        if count > self.sent.len() {
            return false;
        }
        self.sent.drain(..count);
        self.oldest = a;
        if self.mode == Mode::Closing && self.sent.is_empty() {
            self.mode = Mode::Closed;
        }
        true
    }

    fn state(&self) -> State {
        State {
            up: matches!(self.mode, Mode::Up | Mode::Closing),
            closed: self.mode == Mode::Closed,
            may_send: self.mode == Mode::Up && self.sent.len() < usize::from(self.side.w),
            unacknowledged: self.sent.len(),
        }
    }
}

/// All there are, for a window. Numbers are near their wrap-around.
fn states(w: u8) -> Vec<Known> {
    let mut fresh = Side::new(w);
    fresh.said();
    let mut expecting = fresh.clone();
    expecting.hear(&Body::Reset { w: 2, epoch: PEER });
    expecting.said();
    let connecting = |name, side: &Side, peer| Known {
        name,
        side: side.clone(),
        mode: Mode::Connecting,
        answered: false,
        peer,
        expected: 0,
        gap: false,
        oldest: 0,
        sent: Vec::new(),
    };

    let mut idle = Side::up(w);
    for number in 0..6 {
        assert_eq!(idle.send_all([number]).len(), 1);
        idle.hear(&Body::Ack { a: number + 1 });
        idle.receive_all(number, [number]);
    }
    let up = |name, side: &Side| Known {
        answered: true,
        mode: Mode::Up,
        expected: 6,
        oldest: 6,
        ..connecting(name, side, Some(PEER))
    };

    let mut waiting = idle.clone();
    waiting.send_all(0..w);
    let mut gap = idle.clone();
    if w > 1 {
        gap.hear(&wire::data(7, 6, b"ahead"));
        assert_eq!(gap.said(), [Body::Nak { a: 6 }]);
    }
    let mut closing = waiting.clone();
    closing.link.close();
    let mut closed = idle.clone();
    closed.link.close();
    let mut given_up = fresh.clone();
    given_up.link.close();
    let mut given_up_on_known = expecting.clone();
    given_up_on_known.link.close();
    let mut ended = waiting.clone();
    while ended.wait() == Heard::Nothing {
        ended.said();
    }

    let sent: Vec<u8> = (0..w).collect();
    vec![
        connecting("just started", &fresh, None),
        connecting("RESET heard", &expecting, Some(PEER)),
        up("up", &idle),
        Known { sent: sent.clone(), ..up("full", &waiting) },
        Known { gap: w > 1, ..up("behind a gap", &gap) },
        Known { mode: Mode::Closing, sent, ..up("closing", &closing) },
        Known { mode: Mode::Closed, ..up("closed", &closed) },
        Known { mode: Mode::Closed, ..connecting("closed unanswered", &given_up, None) },
        Known {
            mode: Mode::Closed,
            ..connecting("closed, RESET heard", &given_up_on_known, Some(PEER))
        },
        Known { mode: Mode::Closed, oldest: 0, ..up("ended", &ended) },
    ]
}
