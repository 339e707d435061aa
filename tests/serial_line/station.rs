use std::cell::RefCell;
use std::num::NonZeroU64;
use std::rc::Rc;
use std::time::Duration;

use eyelet_codec::cobs::{Accumulator, Fed};
use eyelet_codec::link::{Config, Event, Link, line_len};

use crate::ledger::{Ending, Ledger, Violation};
use crate::mutant::Mutant;
use crate::world::End;

/// Bytes of the largest packet.
pub(crate) const PACKET: usize = 28;
const BUFFER: usize = PACKET + eyelet_codec::link::OVERHEAD;
/// A whole frame on the line.
pub(crate) const LINE: usize = line_len(PACKET);

/// What a side does with its sessions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Habits {
    pub(crate) window: usize,
    pub(crate) repeat: Duration,
    /// Packets that it has for each session.
    pub(crate) quota: usize,
    /// Between one of them and the next.
    pub(crate) pace: Duration,
}

/// A side with its link and an application, which sends its packets in each session, begins anew when
/// a session has ended for want of progress, and writes down what happens.
pub(crate) struct Station {
    side: usize,
    habits: Habits,
    link: Box<dyn AnyLink>,
    inbox: Accumulator<LINE>,
    epochs: u64,
    mutant: Mutant,
    ledger: Rc<RefCell<Ledger>>,
    pub(crate) session: Option<usize>,
    /// When it has its next packet.
    ready: Duration,
    /// Frames that were neither damaged nor noise.
    pub(crate) frames: usize,
    repeats: u32,
}

impl Station {
    pub(crate) fn new(
        side: usize,
        habits: Habits,
        mut mutant: Mutant,
        ledger: Rc<RefCell<Ledger>>,
    ) -> Self {
        let first = mutant.epoch(1);
        Self {
            side,
            habits,
            link: link(habits, first),
            inbox: Accumulator::new(),
            epochs: 1,
            mutant,
            ledger,
            session: None,
            ready: Duration::ZERO,
            frames: 0,
            repeats: 0,
        }
    }

    /// As after a loss of power: nothing is left but that the epoch is another.
    pub(crate) fn restart(&mut self) {
        self.over(Ending::Own);
        let epoch = self.fresh();
        self.repeats += self.link.repeats();
        self.link = link(self.habits, epoch);
        self.inbox = Accumulator::new();
        self.mutant.restart();
    }

    /// The application begins anew.
    pub(crate) fn connect(&mut self) {
        self.over(Ending::Own);
        let epoch = self.fresh();
        self.link.connect(epoch);
    }

    /// The application has no more to say.
    pub(crate) fn close(&mut self) {
        self.link.close();
        self.fall_silent();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.link.is_closed()
    }

    fn fall_silent(&mut self) {
        if self.is_closed() {
            self.over(Ending::Own);
        }
    }

    fn fresh(&mut self) -> NonZeroU64 {
        self.epochs += 1;
        self.mutant.epoch(self.epochs)
    }

    fn handle(&mut self, now: Duration, frame: &[u8]) {
        if let Some(forged) = self.mutant.answer_before(frame, self.link.is_connecting()) {
            self.handle_one(now, &forged);
        }
        self.handle_one(now, frame);
    }

    fn handle_one(&mut self, now: Duration, frame: &[u8]) {
        let damaged = self.link.damaged();
        let event = self.link.handle_frame(now, frame);
        match event {
            Event::Packet(packet) => self.ledger.borrow_mut().deliver(self.session, packet),
            Event::Nothing => {}
            event => self.hear(now, event),
        }
        self.frames += usize::from(self.link.damaged() == damaged);
        if let Some(session) = self.session {
            self.ledger.borrow_mut().acknowledge(session, self.link.unacknowledged());
            self.fall_silent();
        }
    }

    fn hear(&mut self, now: Duration, event: Event<'_>) {
        match event {
            Event::Up => {
                if self.session.is_some() {
                    self.ledger.borrow_mut().break_promise(Violation::Silent);
                }
                self.begin(now);
            }
            Event::Restarted => {
                self.over(Ending::PeerRestarted);
                self.begin(now);
            }
            Event::Ended => {
                self.over(Ending::NoProgress);
                let epoch = self.fresh();
                self.link.connect(epoch);
            }
            _ => {}
        }
    }

    fn begin(&mut self, now: Duration) {
        let session = self.ledger.borrow_mut().begin(self.side, self.habits.quota);
        (self.session, self.ready) = (Some(session), now);
    }

    fn over(&mut self, ending: Ending) {
        if let Some(session) = self.session.take() {
            self.ledger.borrow_mut().end(session, ending);
        }
    }

    /// Hands the link what there is to send by now.
    fn fill(&mut self, now: Duration) {
        let Some(session) = self.session else { return };
        let mut ledger = self.ledger.borrow_mut();
        while self.ready <= now && self.link.may_send() && ledger.has_more(session) {
            let packet = ledger.next_packet(session);
            self.link.send(&packet);
            self.ready = self.ready.max(now) + self.habits.pace;
        }
    }

    pub(crate) fn repeats(&self) -> u32 {
        self.repeats + self.link.repeats()
    }
}

impl End for Station {
    fn receive(&mut self, now: Duration, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (frame, consumed) = match self.inbox.feed(rest) {
                Fed::Partial => return,
                Fed::Decoded { bytes, consumed } => (bytes.to_vec(), consumed),
                Fed::Refused { lost, consumed, .. } => {
                    self.link.handle_loss(lost);
                    rest = &rest[consumed..];
                    continue;
                }
            };
            rest = &rest[consumed..];
            let frame = self.mutant.received(frame);
            self.handle(now, &frame);
        }
    }

    fn transmit(&mut self, now: Duration) -> Option<Vec<u8>> {
        self.fill(now);
        let mut buf = [0xa5; LINE];
        let repeats = self.link.repeats();
        let len = self.link.poll_transmit(now, &mut buf)?;
        let is_repeat = self.link.repeats() > repeats;
        Some(self.mutant.sent(buf[..len].to_vec(), is_repeat))
    }

    fn next_timeout(&self) -> Option<Duration> {
        let wants = self.session.is_some_and(|session| self.ledger.borrow().has_more(session));
        let ready = (wants && self.link.may_send()).then_some(self.ready);
        [self.link.poll_timeout(), ready].into_iter().flatten().min()
    }

    fn time_out(&mut self, now: Duration) {
        let event = self.link.handle_timeout(now);
        self.hear(now, event);
        self.fill(now);
    }
}

/// A link of any window.
trait AnyLink {
    fn connect(&mut self, epoch: NonZeroU64);
    fn close(&mut self);
    fn send(&mut self, packet: &[u8]);
    fn handle_frame<'a>(&mut self, now: Duration, frame: &'a [u8]) -> Event<'a>;
    fn handle_loss(&mut self, bytes: usize);
    fn handle_timeout(&mut self, now: Duration) -> Event<'static>;
    fn poll_transmit(&mut self, now: Duration, buf: &mut [u8]) -> Option<usize>;
    fn poll_timeout(&self) -> Option<Duration>;
    fn may_send(&self) -> bool;
    fn is_connecting(&self) -> bool;
    fn is_closed(&self) -> bool;
    fn unacknowledged(&self) -> usize;
    fn repeats(&self) -> u32;
    fn damaged(&self) -> u32;
}

fn link(habits: Habits, epoch: NonZeroU64) -> Box<dyn AnyLink> {
    let config = Config { max_frame: u32::try_from(PACKET).unwrap(), repeat: habits.repeat };
    match habits.window {
        1 => Box::new(Link::<1, BUFFER>::new(config, epoch)),
        2 => Box::new(Link::<2, BUFFER>::new(config, epoch)),
        3 => Box::new(Link::<3, BUFFER>::new(config, epoch)),
        4 => Box::new(Link::<4, BUFFER>::new(config, epoch)),
        5 => Box::new(Link::<5, BUFFER>::new(config, epoch)),
        6 => Box::new(Link::<6, BUFFER>::new(config, epoch)),
        _ => Box::new(Link::<7, BUFFER>::new(config, epoch)),
    }
}

impl<const W: usize> AnyLink for Link<W, BUFFER> {
    fn connect(&mut self, epoch: NonZeroU64) {
        self.connect(epoch);
    }

    fn close(&mut self) {
        self.close();
    }

    fn send(&mut self, packet: &[u8]) {
        self.send(packet).expect("there is room");
    }

    fn handle_frame<'a>(&mut self, now: Duration, frame: &'a [u8]) -> Event<'a> {
        self.handle_frame(now, frame)
    }

    fn handle_loss(&mut self, bytes: usize) {
        self.handle_loss(bytes);
    }

    fn handle_timeout(&mut self, now: Duration) -> Event<'static> {
        self.handle_timeout(now)
    }

    fn poll_transmit(&mut self, now: Duration, buf: &mut [u8]) -> Option<usize> {
        self.poll_transmit(now, buf).expect("the buffer is large enough")
    }

    fn poll_timeout(&self) -> Option<Duration> {
        self.poll_timeout()
    }

    fn may_send(&self) -> bool {
        self.may_send()
    }

    fn is_connecting(&self) -> bool {
        !self.is_up() && !self.is_closed()
    }

    fn is_closed(&self) -> bool {
        self.is_closed()
    }

    fn unacknowledged(&self) -> usize {
        self.unacknowledged()
    }

    fn repeats(&self) -> u32 {
        self.counters().repeats
    }

    fn damaged(&self) -> u32 {
        self.counters().damaged
    }
}
