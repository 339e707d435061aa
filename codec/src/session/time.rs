use core::time::Duration;

use super::config::{
    CANCEL_WAIT, DRAIN_WAIT, FRAME_WAIT, IDLE_WAIT, PING_AFTER, PING_EVERY, PINGS,
};
use super::{Event, Refusal, Role, Session, Slots, State};
use crate::FaultCode;

/// When something falls due; `None`: never.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Timers {
    hello: Option<Duration>,
    frame: Option<Duration>,
    /// No later than the earliest deadline of a stream.
    task: Option<Duration>,
    idle: Option<Duration>,
    drain: Option<Duration>,
    /// The drain deadline has passed, and with it that of every stream.
    drained: bool,
    ping: Option<Duration>,
    heard: Duration,
    pings: u8,
}

impl Timers {
    pub(super) fn new(now: Duration, hello: Duration, idle: Option<Duration>) -> Self {
        let after = |wait: Duration| now.saturating_add(wait);
        Self { hello: Some(after(hello)), idle: idle.map(after), heard: now, ..Self::default() }
    }

    /// A packet has come, and any packet counts as an answer.
    #[inline]
    pub(super) fn heard(&mut self, now: Duration) {
        (self.heard, self.pings) = (now, 0);
    }

    pub(super) fn greeted(&mut self) {
        self.hello = None;
    }

    /// Bytes that come from now on are another frame's.
    #[inline]
    pub(super) fn whole_frame(&mut self) {
        self.frame = None;
    }

    /// A stream was opened.
    #[inline]
    pub(super) fn busy(&mut self, now: Duration, first: bool, role: Role) {
        self.idle = None;
        if first && role == Role::Agent {
            self.ping = Some(now.saturating_add(PING_AFTER));
        }
    }

    /// The last stream has ended.
    #[inline]
    pub(super) fn quiet(&mut self, now: Duration, role: Role) {
        self.ping = None;
        if role == Role::Collector {
            self.idle = Some(now.saturating_add(IDLE_WAIT));
        }
    }

    #[inline]
    pub(super) fn deadline(&mut self, at: Option<Duration>) {
        self.task = earliest(self.task, at);
    }

    pub(super) fn drain(&mut self, now: Duration) {
        self.drain = Some(now.saturating_add(DRAIN_WAIT));
    }
}

impl<S: Slots> Session<S> {
    /// After all whole frames that had come were handled: whether part of another is left. A frame has
    /// 5 s from its first byte.
    #[inline]
    pub fn reading(&mut self, now: Duration, partial: bool) {
        let partial = partial && self.state != State::Closed;
        let frame = &mut self.timers.frame;
        match (partial, *frame) {
            (false, _) => *frame = None,
            (true, None) => *frame = Some(now.saturating_add(FRAME_WAIT)),
            (true, Some(_)) => {}
        }
    }

    /// When to call [`handle_timeout`](Self::handle_timeout); `None`: no need to.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let timers = &self.timers;
        [timers.hello, timers.frame, timers.task, timers.idle, timers.drain, timers.ping]
            .into_iter()
            .fold(None, earliest)
    }

    /// Takes in that time has passed. To be called again as long as
    /// [`poll_timeout`](Self::poll_timeout) is not after `now`.
    pub fn handle_timeout(&mut self, now: Duration) -> Event<'static> {
        let due = |at: Option<Duration>| at.is_some_and(|at| at <= now);
        let timers = &mut self.timers;
        if due(timers.hello) {
            return self.time_out("no Hello within 10 s");
        }
        if due(timers.frame) {
            return self.time_out("a frame took more than 5 s to arrive");
        }
        if due(timers.ping) {
            return self.ping(now);
        }
        if due(timers.idle) {
            timers.idle = None;
            self.shutdown(now);
            return Event::Nothing;
        }
        if due(timers.drain) {
            return self.over_drain(now);
        }
        if due(timers.task) { self.over_deadline(now) } else { Event::Nothing }
    }

    fn time_out(&mut self, text: &'static str) -> Event<'static> {
        self.break_off(Refusal::new(FaultCode::TIMEOUT, text))
    }

    /// Asks whether the collector is still there, if it has been silent for long.
    fn ping(&mut self, now: Duration) -> Event<'static> {
        let silent_until = self.timers.heard.saturating_add(PING_AFTER);
        if silent_until > now {
            self.timers.ping = Some(silent_until);
            return Event::Nothing;
        }
        if self.timers.pings >= PINGS {
            return self.time_out("two pings unanswered");
        }
        self.timers.pings = self.timers.pings.saturating_add(1);
        self.timers.ping = Some(now.saturating_add(PING_EVERY));
        self.owed.ping = true;
        Event::Nothing
    }

    /// Whatever is left is over its deadline now; if it does not end then either, nothing waits for it.
    fn over_drain(&mut self, now: Duration) -> Event<'static> {
        if self.timers.drained {
            return self.time_out("what was under way took too long to end");
        }
        (self.timers.drained, self.timers.drain) = (true, None);
        if self.live == 0 {
            return Event::Nothing;
        }
        self.timers.drain = Some(now.saturating_add(CANCEL_WAIT));
        for slot in self.slots.as_mut_slice() {
            slot.deadline = (slot.stream != 0 && !slot.cancelled).then_some(now);
        }
        self.over_deadline(now)
    }

    fn over_deadline(&mut self, now: Duration) -> Event<'static> {
        let mut next = None;
        let mut late = None;
        for slot in self.slots.as_mut_slice() {
            match slot.deadline {
                Some(at) if at <= now && late.is_none() => {
                    slot.deadline = None;
                    late = Some(slot.stream);
                }
                at => next = earliest(next, at),
            }
        }
        self.timers.task = next;
        let Some(stream) = late else { return Event::Nothing };
        if self.role == Role::Agent {
            self.cancel(stream);
        }
        Event::Deadline { stream }
    }
}

fn earliest(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
