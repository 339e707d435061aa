//! The protocol as a state machine: no I/O, no clock, no heap of its own.
//!
//! A driver hands in whole frame bodies and the time, and asks what to send. `now` is the time since a
//! moment of the driver's choosing, by a clock that never goes back and stands still while the machine
//! is suspended. After each call that may have changed something the driver empties
//! [`poll_transmit`](Session::poll_transmit) into its outgoing bytes: the session keeps room for one
//! owed packet of a kind, and counts them until [`flushed`](Session::flushed). It reads whether or not its
//! own bytes can be written, and says how that goes by [`reading`](Session::reading) and
//! [`writing`](Session::writing).
//!
//! Tasks and results are bytes here, so that another schema can ride the same session. The rules are
//! numbered as in `proto/WIRE.md`.
//!
//! A session takes about 300 bytes and 40 bytes for each stream that its [`Slots`] hold.

mod agent;
mod budget;
mod collector;
mod config;
mod departure;
mod event;
mod greeting;
mod moment;
mod packet;
mod refusal;
mod slots;
mod time;
mod transmit;

use core::time::Duration;

use self::budget::Budget;
use self::config::{MAX_OWED, MIN_FRAME};
use self::moment::Moment;
use crate::frame::{FrameError, MAX_BODY};
use crate::{FaultCode, Message, Packet, PacketBody};

pub use self::agent::SubmitError;
pub use self::config::{Config, FREE, Role, VERSION};
pub use self::departure::Departure;
pub use self::event::Event;
pub use self::packet::{CONTROL_FRAME, Carried, OpenFrame, write_fault};
pub use self::refusal::{Detail, Refusal};
pub use self::slots::{Slot, Slots};

/// One side of one connection.
#[derive(Debug)]
pub struct Session<S> {
    role: Role,
    config: Config,
    state: State,
    slots: S,
    peer: Peer,
    /// Streams open now.
    live: u32,
    /// The highest stream ever opened; 0: none.
    highest: u32,
    /// This side has sent, or owes, a `GoAway`.
    leaving: Option<Departure>,
    /// What that names: streams above it were not begun.
    last: u32,
    peer_leaving: bool,
    owed: transmit::Owed,
    budget: Budget,
    timers: time::Timers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The peer's `Hello` has not come.
    Greeting,
    Open,
    /// One side has ended the connection.
    Closed,
}

/// What the peer has said of itself.
#[derive(Clone, Copy, Debug)]
struct Peer {
    max_frame: u32,
    max_streams: u32,
    credit: u64,
}

impl<S: Slots> Session<S> {
    /// A connection that has just come about; its `Hello` is owed. What `slots` held before is gone.
    pub fn new(role: Role, config: Config, mut slots: S, now: Duration) -> Self {
        let max_frame = config.max_frame.clamp(MIN_FRAME, MAX_BODY);
        let most = u32::try_from(slots.most()).unwrap_or(u32::MAX);
        let max_streams = config.max_streams.min(most);
        let config = Config { max_frame, max_streams, credit: config.credit.max(1), ..config };
        slots.as_mut_slice().fill(Slot::default());
        Self {
            role,
            config,
            state: State::Greeting,
            slots,
            peer: Peer { max_frame: MIN_FRAME, max_streams: 1, credit: 0 },
            live: 0,
            highest: 0,
            leaving: None,
            last: 0,
            peer_leaving: false,
            owed: transmit::Owed::hello(),
            budget: Budget::new(Moment::of(now)),
            timers: time::Timers::new(Moment::of(now), config.inherited),
        }
    }

    /// Takes in one frame's body.
    #[inline]
    pub fn handle_frame<'a>(&mut self, now: Duration, body: &'a [u8]) -> Event<'a> {
        self.timers.whole_frame();
        let now = Moment::of(now);
        let event = match self.state {
            State::Greeting => self.greet(now, body),
            State::Open => self.understand(now, body),
            State::Closed => Ok(Event::Nothing),
        };
        event.unwrap_or_else(|refusal| self.break_off(refusal))
    }

    /// Takes in that the peer's bytes are no frame.
    pub fn handle_frame_error(&mut self, error: FrameError) -> Event<'static> {
        self.break_off(error.into())
    }

    /// Ends the connection: owes the peer a fault, and nothing else any more.
    pub fn break_off(&mut self, refusal: Refusal) -> Event<'static> {
        if self.state == State::Closed {
            return Event::Nothing;
        }
        self.close(Some(refusal));
        Event::Broken(refusal)
    }

    /// Begins no more tasks; [`is_done`](Self::is_done) says when those under way have ended. Those that
    /// take more than 5 s are over their deadline then.
    pub fn shutdown(&mut self, now: Duration) {
        self.leave(now, Departure::Shutdown);
    }

    /// As [`shutdown`](Self::shutdown), for another reason. The first one counts.
    pub fn leave(&mut self, now: Duration, why: Departure) {
        self.depart(Moment::of(now), why);
    }

    /// Nothing is left to do: one side has ended the connection, or is leaving and has no streams.
    pub fn is_done(&self) -> bool {
        match self.state {
            State::Closed => true,
            State::Greeting | State::Open => {
                (self.leaving.is_some() || self.peer_leaving) && self.live == 0
            }
        }
    }

    /// The peer's `Hello` has come, and nobody has ended the connection.
    pub fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// Streams open now.
    pub fn live(&self) -> u32 {
        self.live
    }

    /// The largest body that this side accepts.
    pub fn max_frame(&self) -> u32 {
        self.config.max_frame
    }

    /// The largest body that may be sent: the peer's limit, [`FREE`] bytes until it is known.
    pub fn max_body(&self) -> usize {
        if self.state == State::Greeting { FREE } else { self.peer.max_frame as usize }
    }

    fn depart(&mut self, now: Moment, why: Departure) {
        if self.leaving.is_none() && self.state != State::Closed {
            (self.leaving, self.last, self.owed.go_away) = (Some(why), self.highest, true);
            self.timers.drain(now);
        }
    }

    fn understand<'a>(&mut self, now: Moment, body: &'a [u8]) -> Result<Event<'a>, Refusal> {
        let packet = Packet::decode(body).map_err(Refusal::malformed)?;
        self.timers.heard(now);
        let (id, len) = (packet.stream, body.len());
        match packet.body {
            Some(PacketBody::Task(task)) => self.on_task(now, id, task),
            Some(PacketBody::Result(result)) => self.on_result(now, id, result, packet.more, len),
            Some(PacketBody::Fault(fault)) if id == 0 => {
                self.close(None);
                Ok(Event::Closed(fault))
            }
            Some(PacketBody::Fault(fault)) => self.on_fault(now, id, fault),
            Some(PacketBody::Credit(credit)) => self.on_credit(now, id, credit.total),
            Some(PacketBody::Cancel(_)) => self.on_cancel(now, id),
            Some(PacketBody::Hello(_)) => Err(stream("a second Hello")),
            Some(PacketBody::Ping(ping)) => {
                self.connection(now, id)?;
                self.owed.pong = Some(ping.nonce);
                self.owe()?;
                Ok(Event::Nothing)
            }
            Some(PacketBody::Pong(_)) => {
                self.connection(now, id)?;
                Ok(Event::Nothing)
            }
            Some(PacketBody::GoAway(away)) => {
                self.connection(now, id)?;
                let second = core::mem::replace(&mut self.peer_leaving, true);
                Ok(if second { Event::Nothing } else { Event::GoAway(away) })
            }
            None => {
                self.charge(now)?;
                Ok(Event::Nothing)
            }
        }
    }

    /// A packet about the connection itself, which costs something.
    fn connection(&mut self, now: Moment, id: u32) -> Result<(), Refusal> {
        if id != 0 {
            return Err(stream("a packet of the connection on a stream"));
        }
        self.charge(now)
    }

    /// A packet for a stream that is not open: ignored if it was once, within the budget (rule 6).
    fn not_open<'a>(&mut self, now: Moment, id: u32) -> Result<Event<'a>, Refusal> {
        self.was_open(id)?;
        self.charge(now)?;
        Ok(Event::Nothing)
    }

    fn was_open(&self, id: u32) -> Result<(), Refusal> {
        if id == 0 {
            return Err(stream("a packet of a stream on the connection"));
        }
        if id.is_multiple_of(2) || id > self.highest {
            return Err(stream("a packet for a stream that was never opened"));
        }
        Ok(())
    }

    fn charge(&mut self, now: Moment) -> Result<(), Refusal> {
        if self.budget.charge(now) { Ok(()) } else { Err(flood()) }
    }

    fn owe(&mut self) -> Result<(), Refusal> {
        self.owed.unsent = self.owed.unsent.saturating_add(1);
        if self.owed.unsent <= MAX_OWED {
            return Ok(());
        }
        let text = "answers are owed that you do not read";
        Err(Refusal::number(FaultCode::FLOOD, text, MAX_OWED.into(), self.owed.unsent.into()))
    }

    /// A stream's place is free again.
    #[inline]
    fn end(&mut self, now: Moment, id: u32) {
        let Some(slot) = slots::find_mut(self.slots.as_mut_slice(), id) else { return };
        *slot = Slot::default();
        self.ended(now);
        self.shrink();
    }

    #[inline]
    fn ended(&mut self, now: Moment) {
        self.live = self.live.saturating_sub(1);
        if self.live == 0 {
            self.timers.quiet(now);
        }
    }

    /// An idle connection holds no memory for streams that it once had. Slots that owe something are
    /// still needed.
    #[inline]
    fn shrink(&mut self) {
        if self.live == 0 && !self.owed.streams {
            self.slots.shrink();
        }
    }

    /// A stream has ended by a result, which makes up for one that did not (rule 9).
    fn finish(&mut self, now: Moment, id: u32, cancelled: bool) {
        self.end(now, id);
        if !cancelled {
            self.budget.reward();
        }
    }

    /// From here on there is nothing to do but to say `refusal`, if there is one (rule 13).
    fn close(&mut self, refusal: Option<Refusal>) {
        self.state = State::Closed;
        self.slots.as_mut_slice().fill(Slot::default());
        self.slots.shrink();
        self.live = 0;
        self.owed.close(refusal);
        self.timers = time::Timers::default();
    }
}

fn stream(text: &'static str) -> Refusal {
    Refusal::new(FaultCode::STREAM, text)
}

fn flood() -> Refusal {
    Refusal::new(FaultCode::FLOOD, "too many packets that ask for no work")
}
