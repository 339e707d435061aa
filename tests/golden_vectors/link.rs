//! `link.json`: each side of each conversation is played by the codec's link.

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::time::Duration;

use eyelet_codec::cobs::{self, Accumulator, Fed};
use eyelet_codec::frame::{self, Decoded, MAX_BODY};
use eyelet_codec::link::{Config, Event, Link, OVERHEAD, line_len};
use serde_json::Value;

use crate::notation::{bytes, list, number, text, vectors};

/// The largest packet of any conversation.
const PACKET: usize = 400;

type Inbox = Accumulator<{ line_len(PACKET) }>;

#[test]
fn every_side_does_what_the_conversation_says() {
    let (mut sides, mut steps) = (0, 0);
    for vector in vectors("link.json") {
        for side in vector["sides"].as_object().unwrap().keys() {
            let own = list(&vector, "steps").iter().filter(|step| text(step, "side") == side);
            steps += play(text(&vector, "name"), &vector["sides"][side], own);
            sides += 1;
        }
    }
    println!("{sides} sides, {steps} steps");
}

/// A line is COBS of a frame, so one bit may change many bytes of the frame.
#[test]
fn every_flipped_bit_of_a_line_is_noticed() {
    let (mut lines, mut flips) = (BTreeSet::new(), 0);
    for vector in vectors("link.json") {
        let sends = list(&vector, "steps").iter().filter_map(|step| step["sends"].as_array());
        lines.extend(sends.flatten().map(|sent| bytes(&sent["line"])));
    }
    for line in &lines {
        assert_eq!(frames(line).len(), 1);
        for bit in 0..8 * line.len() {
            let mut damaged = line.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            // The next line begins with a 00, or the lost delimiter would make one of both.
            let found = frames(&[&damaged[..], &[0]].concat());
            let is_noticed = found.is_empty() || bit / 8 == line.len() - 1;
            assert!(is_noticed, "bit {bit} of {line:02x?} went unnoticed");
            flips += 1;
        }
    }
    println!("{flips} flips of {} lines", lines.len());
}

/// What a side has done in a step.
#[derive(Debug, Default, PartialEq)]
struct Done {
    sends: Vec<Vec<u8>>,
    delivers: Vec<Vec<u8>>,
    session: Vec<&'static str>,
}

/// Either one of the windows that a link can have.
trait Side {
    fn begin(&mut self, epoch: NonZeroU64);
    fn send(&mut self, packet: &[u8]);
    fn close(&mut self);
    fn arrive(&mut self, bytes: &[u8]);
    /// Time has come to `now`.
    fn wait(&mut self, now: Duration);
    /// Everything since this was last called.
    fn done(&mut self) -> Done;
}

struct Player<const WINDOW: usize> {
    link: Option<Link<WINDOW, { PACKET + OVERHEAD }>>,
    inbox: Inbox,
    config: Config,
    now: Duration,
    done: Done,
}

fn play<'v>(name: &str, fixed: &Value, steps: impl Iterator<Item = &'v Value>) -> u32 {
    let mut side = side(fixed);
    let mut count = 0;
    for step in steps {
        let at: u64 = number(step, "at");
        side.wait(Duration::from_millis(at));
        if let Some(line) = step.get("arrives") {
            side.arrive(&bytes(line));
        } else {
            match text(step, "do") {
                "begin" => side.begin(NonZeroU64::new(number(step, "epoch")).unwrap()),
                "send" => side.send(&bytes(&step["packet"])),
                "close" => side.close(),
                other => assert_eq!(other, "wait", "{name}"),
            }
        }
        assert_done(&side.done(), step, &format!("{name}, at {at}, {}", text(step, "side")));
        count += 1;
    }
    count
}

/// The order of DATA counts, and that a RESET-ACK goes before them; that of others is free.
#[track_caller]
fn assert_done(done: &Done, step: &Value, place: &str) {
    let all = |key: &str| step.get(key).and_then(Value::as_array).into_iter().flatten();
    let want: Vec<_> = all("sends").map(|sent| bytes(&sent["body"])).collect();
    assert_eq!(sorted(&done.sends), sorted(&want), "{place}: sends {:02x?}", done.sends);
    assert_eq!(data(&done.sends), data(&want), "{place}");
    let answer = done.sends.iter().position(|body| body[0] >> 6 == 0b11);
    let first = done.sends.iter().position(|body| body[0] >> 6 == 0b00);
    assert!(answer.is_none() || first.is_none() || answer < first, "{place}");
    assert_eq!(done.delivers, all("delivers").map(bytes).collect::<Vec<_>>(), "{place}");
    assert_eq!(done.session, all("session").collect::<Vec<_>>(), "{place}");
}

fn sorted(bodies: &[Vec<u8>]) -> Vec<&[u8]> {
    let mut bodies: Vec<_> = bodies.iter().map(Vec::as_slice).collect();
    bodies.sort_unstable();
    bodies
}

fn data(bodies: &[Vec<u8>]) -> Vec<&[u8]> {
    bodies.iter().map(Vec::as_slice).filter(|body| body[0] >> 6 == 0b00).collect()
}

fn side(fixed: &Value) -> Box<dyn Side> {
    let repeat = Duration::from_millis(number(fixed, "repeat"));
    let config = Config { max_frame: number(fixed, "max_frame"), repeat };
    match number(fixed, "window") {
        1 => Box::new(Player::<1>::new(config)),
        2 => Box::new(Player::<2>::new(config)),
        3 => Box::new(Player::<3>::new(config)),
        4 => Box::new(Player::<4>::new(config)),
        7 => Box::new(Player::<7>::new(config)),
        other => panic!("the test has no window of {other}"),
    }
}

impl<const WINDOW: usize> Player<WINDOW> {
    fn new(config: Config) -> Self {
        let (inbox, done) = (Inbox::new(), Done::default());
        Self { link: None, inbox, config, now: Duration::ZERO, done }
    }

    fn note(&mut self, event: Event<'_>) {
        match event {
            Event::Nothing => {}
            Event::Packet(packet) => self.done.delivers.push(packet.to_vec()),
            Event::Up => self.done.session.push("begins"),
            Event::Restarted => self.done.session.push("restarts"),
            Event::Ended => self.done.session.push("ends"),
            other => panic!("the test has no {other:?}"),
        }
    }
}

impl<const WINDOW: usize> Side for Player<WINDOW> {
    fn begin(&mut self, epoch: NonZeroU64) {
        match &mut self.link {
            Some(link) => link.connect(epoch),
            none => *none = Some(Link::new(self.config, epoch)),
        }
    }

    fn send(&mut self, packet: &[u8]) {
        self.link.as_mut().unwrap().send(packet).unwrap();
    }

    fn close(&mut self) {
        self.link.as_mut().unwrap().close();
    }

    fn arrive(&mut self, mut rest: &[u8]) {
        while !rest.is_empty() {
            // The inbox lends what it has decoded, and so has to be apart while it is looked at.
            let mut inbox = std::mem::take(&mut self.inbox);
            let link = self.link.as_mut().unwrap();
            let (event, consumed) = match inbox.feed(rest) {
                Fed::Partial => (Event::Nothing, rest.len()),
                Fed::Decoded { bytes, consumed } => (link.handle_frame(self.now, bytes), consumed),
                Fed::Refused { lost, consumed, .. } => {
                    link.handle_loss(lost);
                    (Event::Nothing, consumed)
                }
            };
            self.note(event);
            self.inbox = inbox;
            rest = &rest[consumed..];
        }
    }

    fn wait(&mut self, now: Duration) {
        self.now = now;
        if let Some(link) = &mut self.link {
            let event = link.handle_timeout(now);
            self.note(event);
        }
    }

    fn done(&mut self) -> Done {
        let mut buf = [0xa5; line_len(PACKET)];
        let link = self.link.as_mut().unwrap();
        while let Some(len) = link.poll_transmit(self.now, &mut buf).unwrap() {
            self.done.sends.extend(frames(&buf[..len]));
        }
        std::mem::take(&mut self.done)
    }
}

/// The bodies of all frames on a line.
fn frames(line: &[u8]) -> Vec<Vec<u8>> {
    let ended = line.split_inclusive(|byte| *byte == 0).filter_map(|piece| piece.split_last());
    let pieces = ended.filter_map(|(end, piece)| (*end == 0 && !piece.is_empty()).then_some(piece));
    pieces.filter_map(body).collect()
}

fn body(piece: &[u8]) -> Option<Vec<u8>> {
    let mut framed = vec![0xa5; piece.len()];
    let len = cobs::decode(piece, &mut framed).ok()?;
    match frame::decode(&framed[..len], MAX_BODY) {
        Ok(Decoded::Frame { body, consumed }) if consumed == len => Some(body.to_vec()),
        _ => None,
    }
}
