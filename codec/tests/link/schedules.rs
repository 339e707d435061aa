//! Every schedule, within bounds, of two links that both send: each frame is delivered or lost, each
//! timer runs out at any moment, each side restarts or begins anew at any moment.
//!
//! The simulation in `tests/serial_line` draws long conversations at random; here short ones are walked
//! through without an exception, from their first RESET on.

use std::collections::{HashSet, VecDeque};
use std::fmt::{self, Write};
use std::hash::{DefaultHasher, Hasher};
use std::num::NonZeroU64;
use std::time::Duration;

use eyelet_codec::link::{Config, Event, Link};

use crate::wire;

const WINDOW: usize = 2;
/// Frames under way in one direction.
const UNDER_WAY: usize = 2;
/// Packets that a side has for each session.
const QUOTA: u8 = 2;

#[derive(Clone, Debug)]
struct World {
    ends: [End; 2],
    /// From each end to the other.
    lines: [VecDeque<Vec<u8>>; 2],
    left: Left,
}

/// How often something may still happen.
#[derive(Clone, Copy, Debug)]
struct Left {
    losses: u8,
    timeouts: u8,
    beginnings: u8,
}

#[derive(Clone, Debug)]
struct End {
    link: Link<WINDOW, 16>,
    epochs: u64,
    /// Index in `sessions`, while it is not known to have ended.
    session: Option<usize>,
    sessions: Vec<Session>,
}

/// One end's view of a session.
#[derive(Clone, Debug, Default)]
struct Session {
    sent: u8,
    /// Of those, the ones that were delivered.
    arrived: u8,
    /// The peer's session of which packets were delivered here, and that in which these were.
    from: Option<usize>,
    to: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Deliver(usize),
    Lose(usize),
    TimeOut(usize),
    Restart(usize),
    Connect(usize),
}

#[test]
fn no_schedule_of_two_short_conversations_loses_doubles_or_mixes_packets() {
    let mut states = 0;
    for &(losses, timeouts, beginnings) in BOUNDS {
        let left = Left { losses, timeouts, beginnings };
        states += walk(World::new(left));
    }
    println!("{states} states");
    assert!(states > 10_000, "{states}");
}

/// Losses, timeouts and beginnings.
const BOUNDS: &[(u8, u8, u8)] = if cfg!(debug_assertions) {
    &[(0, 0, 2), (0, 1, 1), (1, 1, 0)]
} else {
    &[(0, 0, 2), (0, 1, 2), (1, 1, 1), (2, 2, 0)]
};

/// Through all states that can be reached; how many there are.
fn walk(start: World) -> usize {
    let (mut seen, mut waiting) = (HashSet::from([start.key()]), vec![start]);
    while let Some(world) = waiting.pop() {
        for step in world.steps() {
            let mut next = world.clone();
            next.take(step);
            if seen.insert(next.key()) {
                waiting.push(next);
            }
        }
        if seen.len().is_multiple_of(8) {
            world.settle();
        }
    }
    seen.len()
}

impl World {
    fn new(left: Left) -> Self {
        let mut world = Self { ends: [End::new(0), End::new(1)], lines: Default::default(), left };
        world.pump(0);
        world.pump(1);
        world
    }

    fn steps(&self) -> impl Iterator<Item = Step> {
        let Left { losses, timeouts, beginnings } = self.left;
        [0, 1].into_iter().flat_map(move |end| {
            let arrives = !self.lines[1 - end].is_empty();
            let is_due = self.ends[end].link.poll_timeout().is_some();
            [
                arrives.then_some(Step::Deliver(end)),
                (arrives && losses > 0).then_some(Step::Lose(end)),
                (is_due && timeouts > 0).then_some(Step::TimeOut(end)),
                (beginnings > 0).then_some(Step::Restart(end)),
                (beginnings > 0).then_some(Step::Connect(end)),
            ]
            .into_iter()
            .flatten()
        })
    }

    fn take(&mut self, step: Step) {
        let end = match step {
            Step::Deliver(end) => {
                let frame = self.lines[1 - end].pop_front().unwrap();
                self.handle(end, &frame);
                self.pump(1 - end);
                end
            }
            Step::Lose(end) => {
                self.left.losses -= 1;
                self.lines[1 - end].pop_front();
                1 - end
            }
            Step::TimeOut(end) => {
                self.left.timeouts = self.left.timeouts.saturating_sub(1);
                let event = self.ends[end].link.handle_timeout(Duration::MAX);
                self.ends[end].hear(event);
                end
            }
            Step::Restart(end) => {
                self.left.beginnings -= 1;
                self.ends[end].restart();
                end
            }
            Step::Connect(end) => {
                self.left.beginnings -= 1;
                self.ends[end].connect();
                end
            }
        };
        self.pump(end);
    }

    /// Lets an end send as much as the line takes.
    fn pump(&mut self, end: usize) {
        self.ends[end].fill();
        while self.lines[end].len() < UNDER_WAY {
            let mut buf = [0xa5; 40];
            let sent = self.ends[end].link.poll_transmit(Duration::ZERO, &mut buf).unwrap();
            let Some(len) = sent else { return };
            self.lines[end].extend(wire::frames(&buf[..len]));
        }
    }

    fn handle(&mut self, end: usize, frame: &[u8]) {
        let [one, other] = &mut self.ends;
        let (here, there) = if end == 0 { (one, other) } else { (other, one) };
        match here.link.handle_frame(Duration::ZERO, frame) {
            Event::Packet(packet) => {
                let &[of, index] = packet else { panic!("{packet:02x?} was never sent") };
                let (to, from) = (here.session.expect("a session"), usize::from(of));
                assert_eq!(*here.sessions[to].from.get_or_insert(from), from, "mixed");
                let sender = &mut there.sessions[from];
                assert_eq!(*sender.to.get_or_insert(to), to, "delivered in two sessions");
                assert_eq!(sender.arrived, index, "lost or doubled");
                sender.arrived += 1;
            }
            event => here.hear(event),
        }
        here.check_acknowledgments();
    }

    /// With nothing lost any more, and time for every timer, both ends carry all they have.
    fn settle(&self) {
        let mut world = self.clone();
        for round in 0..200 {
            if world.is_complete() {
                return;
            }
            let ends = [round % 2, 1 - round % 2];
            let arrives = ends.into_iter().find(|end| !world.lines[1 - end].is_empty());
            let is_due = |end: &usize| world.ends[*end].link.poll_timeout().is_some();
            let step = arrives.map(Step::Deliver);
            let Some(step) = step.or_else(|| ends.into_iter().find(is_due).map(Step::TimeOut))
            else {
                break;
            };
            world.take(step);
        }
        panic!("two ends that never come to an end: {self:#?}");
    }

    fn is_complete(&self) -> bool {
        let [one, other] = &self.ends;
        [(one, other), (other, one)].into_iter().all(|(end, peer)| {
            end.session.is_some_and(|session| {
                let Session { arrived, to, .. } = end.sessions[session];
                arrived == QUOTA && to == peer.session
            })
        })
    }

    /// Of the state, without what only counts.
    fn key(&self) -> u64 {
        let mut digest = Digest::default();
        write!(digest, "{:?} {:?}", self.lines, self.left).unwrap();
        for end in &self.ends {
            write!(digest, "{:?} {:?}", end.session, end.sessions).unwrap();
            write!(digest, "{:?}", end.link).unwrap();
            digest.is_over = false;
        }
        digest.hasher.finish()
    }
}

/// Hashes what is written, up to a link's counters, which are the last of it.
#[derive(Default)]
struct Digest {
    hasher: DefaultHasher,
    is_over: bool,
}

impl Write for Digest {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.is_over |= text.contains("counters");
        if !self.is_over {
            self.hasher.write(text.as_bytes());
        }
        Ok(())
    }
}

impl End {
    fn new(side: u64) -> Self {
        let epochs = side << 32 | 1;
        Self { link: link(epochs), epochs, session: None, sessions: Vec::new() }
    }

    fn restart(&mut self) {
        self.epochs += 1;
        (self.link, self.session) = (link(self.epochs), None);
    }

    fn connect(&mut self) {
        self.epochs += 1;
        self.link.connect(NonZeroU64::new(self.epochs).unwrap());
        self.session = None;
    }

    fn hear(&mut self, event: Event<'_>) {
        match event {
            Event::Up => {
                assert_eq!(self.session, None, "the end of a session that nobody was told of");
                self.begin();
            }
            Event::Restarted => {
                assert!(self.session.is_some(), "the end of a session that there was not");
                self.begin();
            }
            Event::Ended => self.connect(),
            _ => {}
        }
    }

    fn begin(&mut self) {
        self.session = Some(self.sessions.len());
        self.sessions.push(Session::default());
    }

    fn fill(&mut self) {
        let Some(index) = self.session else { return };
        let session = &mut self.sessions[index];
        while self.link.may_send() && session.sent < QUOTA {
            self.link.send(&[u8::try_from(index).unwrap(), session.sent]).unwrap();
            session.sent += 1;
        }
    }

    fn check_acknowledgments(&self) {
        if let Some(session) = self.session {
            let Session { sent, arrived, .. } = self.sessions[session];
            let acknowledged = usize::from(sent) - self.link.unacknowledged();
            assert!(acknowledged <= arrived.into(), "acknowledged, and it has not arrived");
        }
    }
}

fn link(epoch: u64) -> Link<WINDOW, 16> {
    let config = Config { max_frame: 6, repeat: Duration::from_secs(1) };
    Link::new(config, NonZeroU64::new(epoch).unwrap())
}
