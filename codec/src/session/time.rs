use core::time::Duration;

use super::config::{
    CANCEL_WAIT, CANCELLED_WAIT, DRAIN_WAIT, FRAME_WAIT, HELLO_WAIT, IDLE_WAIT, PING_AFTER,
    PING_EVERY, PINGS, UNREAD_WAIT,
};
use super::moment::Moment;
use super::slots::Owes;
use super::{Departure, Event, Refusal, Role, Session, Slot, Slots, State};
use crate::FaultCode;

/// When something falls due, or since when it has lasted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Timers {
    hello: Moment,
    frame: Moment,
    /// No later than the earliest deadline of a stream.
    task: Moment,
    drain: Moment,
    ping: Moment,
    /// Since when there is no stream.
    idle: Moment,
    /// Since when the line takes none of the bytes that wait for it.
    pub(super) unread: Moment,
    /// The last packet.
    heard: Moment,
    /// Collector: the last result.
    pub(super) replied: Moment,
    pings: u8,
    /// The drain deadline has passed, and with it that of every stream.
    drained: bool,
    /// As configured: nobody is cut or sent away, and an agent without a stream pings.
    inherited: bool,
}

impl Timers {
    pub(super) fn new(now: Moment, inherited: bool) -> Self {
        let hello = now.after(HELLO_WAIT);
        Self { hello, idle: now, heard: now, inherited, ..Self::default() }
    }

    /// A packet has come, and any packet counts as an answer.
    #[inline]
    pub(super) fn heard(&mut self, now: Moment) {
        (self.heard, self.pings) = (now, 0);
    }

    pub(super) fn greeted(&mut self, now: Moment, role: Role) {
        self.hello = Moment::NEVER;
        if self.inherited && role == Role::Agent {
            self.ping = now.after(PING_AFTER);
        }
    }

    /// Bytes that come from now on are another frame's.
    #[inline]
    pub(super) fn whole_frame(&mut self) {
        self.frame = Moment::NEVER;
    }

    /// A stream was opened.
    #[inline]
    pub(super) fn busy(&mut self, now: Moment, first: bool, role: Role) {
        self.idle = Moment::NEVER;
        if first && role == Role::Agent {
            self.ping = now.after(PING_AFTER);
        }
    }

    /// The last stream has ended.
    #[inline]
    pub(super) fn quiet(&mut self, now: Moment) {
        self.idle = now;
        if !self.inherited {
            self.ping = Moment::NEVER;
        }
    }

    #[inline]
    pub(super) fn deadline(&mut self, at: Moment) {
        self.task = self.task.min(at);
    }

    pub(super) fn drain(&mut self, now: Moment) {
        self.drain = now.after(DRAIN_WAIT);
    }

    /// When an agent without a stream is sent away.
    #[inline]
    fn send_away(&self, role: Role) -> Moment {
        if self.inherited || role == Role::Agent {
            Moment::NEVER
        } else {
            self.idle.after(IDLE_WAIT)
        }
    }

    #[inline]
    fn cut(&self) -> Moment {
        if self.inherited { Moment::NEVER } else { self.unread.after(UNREAD_WAIT) }
    }
}

impl<S: Slots> Session<S> {
    /// After all whole frames that had come were handled: whether part of another is left. A frame has
    /// 5 s from its first byte.
    #[inline]
    pub fn reading(&mut self, now: Duration, partial: bool) {
        let frame = &mut self.timers.frame;
        if !partial || self.state == State::Closed {
            *frame = Moment::NEVER;
        } else if *frame == Moment::NEVER {
            *frame = Moment::of(now).after(FRAME_WAIT);
        }
    }

    /// After an attempt to write: how many bytes the line has taken now, and how many still wait for it.
    /// Where none wait this says as much as [`flushed`](Self::flushed).
    ///
    /// A peer of which 5 minutes long no byte was taken is cut (rule 10); each byte begins them anew. The
    /// rule is about agents; it holds for collectors too, since a side that reads whatever its own
    /// writing does (rule 12) cannot meet it.
    #[inline]
    pub fn writing(&mut self, now: Duration, taken: usize, waiting: usize) {
        if waiting == 0 || self.state == State::Closed {
            return self.flushed();
        }
        if taken > 0 || self.timers.unread == Moment::NEVER {
            self.timers.unread = Moment::of(now);
        }
    }

    /// Since when there is no stream. When connections run out those that are idle may
    /// [leave](Self::leave), longest idle first (rule 10). `None`: there is a stream, or the connection
    /// ends already, or is inherited.
    pub fn idle_since(&self) -> Option<Duration> {
        if self.is_expendable() { self.timers.idle.time() } else { None }
    }

    /// Since when the peer has been holding this side up: the line takes no byte, or every stream that
    /// is not cancelled waits for credit. When connections run out these may be
    /// [broken off](Self::break_off), longest stalled first (rule 10). `None`: it does not hold it up, or
    /// the connection ends already, or is inherited.
    pub fn stalled_since(&self) -> Option<Duration> {
        if self.is_expendable() { self.timers.unread.min(self.spent_since()).time() } else { None }
    }

    fn is_expendable(&self) -> bool {
        !self.config.inherited && self.state != State::Closed && self.leaving.is_none()
    }

    fn spent_since(&self) -> Moment {
        let working = |slot: &&Slot| slot.stream != 0 && slot.owes != Owes::End && !slot.cancelled;
        let mut working = self.slots.as_slice().iter().filter(working).peekable();
        let any = self.role == Role::Collector && working.peek().is_some();
        if any && working.all(|slot| slot.used >= slot.allowed) {
            self.timers.replied
        } else {
            Moment::NEVER
        }
    }

    /// When to call [`handle_timeout`](Self::handle_timeout); `None`: no need to.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let timers = &self.timers;
        let (away, cut) = (timers.send_away(self.role), timers.cut());
        [timers.hello, timers.frame, timers.task, timers.drain, timers.ping, away, cut]
            .into_iter()
            .fold(Moment::NEVER, Moment::min)
            .time()
    }

    /// Takes in that time has passed. To be called again as long as
    /// [`poll_timeout`](Self::poll_timeout) is not after `now`, and after what has come was handled: a
    /// process that stood still finds its timers due before it has read what was said meanwhile.
    pub fn handle_timeout(&mut self, now: Duration) -> Event<'static> {
        let now = Moment::of(now);
        let timers = &mut self.timers;
        if timers.hello <= now {
            return self.time_out("no Hello within 10 s");
        }
        if timers.frame <= now {
            return self.time_out("a frame took more than 5 s to arrive");
        }
        if timers.cut() <= now {
            return self.time_out("nothing was read for 5 minutes");
        }
        if timers.ping <= now {
            return self.ping(now);
        }
        if timers.send_away(self.role) <= now {
            timers.idle = Moment::NEVER;
            self.depart(now, Departure::Idle);
            return Event::Nothing;
        }
        if timers.drain <= now {
            return self.over_drain(now);
        }
        if timers.task <= now { self.over_deadline(now) } else { Event::Nothing }
    }

    fn time_out(&mut self, text: &'static str) -> Event<'static> {
        self.break_off(Refusal::new(FaultCode::TIMEOUT, text))
    }

    /// Asks whether the collector is still there, if it has been silent for long.
    fn ping(&mut self, now: Moment) -> Event<'static> {
        let silent_until = self.timers.heard.after(PING_AFTER);
        if silent_until > now {
            self.timers.ping = silent_until;
            return Event::Nothing;
        }
        if self.timers.pings >= PINGS {
            return self.time_out("two pings unanswered");
        }
        self.timers.pings = self.timers.pings.saturating_add(1);
        self.timers.ping = now.after(PING_EVERY);
        self.owed.ping = true;
        Event::Nothing
    }

    /// Whatever is left is over its deadline now. What does not end then either a collector's session
    /// ends, and an agent's does not wait for.
    fn over_drain(&mut self, now: Moment) -> Event<'static> {
        if self.timers.drained {
            return self.time_out("what was under way took too long to end");
        }
        (self.timers.drained, self.timers.drain) = (true, Moment::NEVER);
        if self.live == 0 {
            return Event::Nothing;
        }
        if self.role == Role::Agent {
            self.timers.drain = now.after(CANCELLED_WAIT);
        }
        for slot in self.slots.as_mut_slice() {
            if slot.stream != 0 && !slot.cancelled && !slot.late {
                slot.deadline = now;
            }
        }
        self.over_deadline(now)
    }

    /// The first stream that is over its deadline: the application is told, and has 5 s.
    fn over_deadline(&mut self, now: Moment) -> Event<'static> {
        let due = |slot: &&mut Slot| slot.stream != 0 && slot.deadline <= now;
        let Some(slot) = self.slots.as_mut_slice().iter_mut().find(due) else {
            self.timers.task = self.next_deadline();
            return Event::Nothing;
        };
        let stream = slot.stream;
        let event = if slot.cancelled || slot.late {
            (slot.owes, slot.deadline, self.owed.streams) = (Owes::End, Moment::NEVER, true);
            self.ended(now);
            Event::Overdue { stream }
        } else {
            (slot.late, slot.deadline) = (true, now.after(CANCEL_WAIT));
            if self.role == Role::Agent {
                self.cancel(stream);
            }
            Event::Deadline { stream }
        };
        self.timers.task = self.next_deadline();
        event
    }

    fn next_deadline(&self) -> Moment {
        let open = self.slots.as_slice().iter().filter(|slot| slot.stream != 0);
        open.map(|slot| slot.deadline).fold(Moment::NEVER, Moment::min)
    }

    /// Why a stream is ended whose task's deadline has passed.
    pub(super) fn late(&self) -> FaultCode {
        if self.timers.drained { FaultCode::GOING_AWAY } else { FaultCode::TIMEOUT }
    }
}
