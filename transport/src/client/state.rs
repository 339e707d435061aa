use std::task::{Context, Poll, Waker};
use std::time::Duration;

use eyelet_codec::session::{Session, Slot, SubmitError};
use tokio::io::{empty, join};
use tokio::time::Instant;

use super::error::Failure;
use super::streams::Streams;
use super::submission::submit;
use crate::line::{ANSWERS_AT_ONCE, Clock, Incoming, Io, Outgoing, Timer};

/// One connection, as its callers and its driver share it. Whoever polls it moves its bytes.
pub(super) struct State {
    pub(super) io: Box<dyn Io>,
    pub(super) session: Session<Vec<Slot>>,
    pub(super) streams: Streams,
    incoming: Incoming,
    pub(super) outgoing: Outgoing,
    pub(super) clock: Clock,
    timer: Timer,
    /// The stream whose reader was polled last, and moves the bytes while it waits. The driver has them
    /// when there is none.
    leader: Option<u32>,
    /// While others wait as well, until then: who leads and is polled no more must not hold them up.
    lead_until: Option<Duration>,
    /// Until then the last reader is waited for to come again, before the driver takes over.
    vacant: Option<Duration>,
    /// Read when bytes have come or a task is sent.
    now: Duration,
    driver: Option<Waker>,
    /// Tasks that wait to be written together, at the latest by the driver, which runs behind all callers
    /// that are ready.
    gathered: u32,
    /// Why the collector takes no more bytes.
    pub(super) deaf: Option<Failure>,
    /// The line is closed.
    pub(super) closed: bool,
}

/// Turns that one who polls takes before other tasks of the thread have theirs.
pub(super) const ROUNDS: usize = 64;

/// Of the tasks under way one in so many is written together: one by one a write would cost more than the
/// task does, and all at once the collector would have nothing to do until then.
const PARTS: u32 = 8;
/// For the driver to take over from a reader that is not polled, or that has what it asked for while nothing else
/// is under way: who asks one thing after the other would else have it run in between each time.
const VACANCY: Duration = Duration::from_millis(50);
/// Bytes of tasks that are written as soon as they are there, few or many.
const FLUSH: usize = 16 * 1024;

impl State {
    pub(super) fn new(io: Box<dyn Io>, session: Session<Vec<Slot>>, clock: Clock) -> Self {
        Self {
            io,
            session,
            streams: Streams::default(),
            incoming: Incoming::default(),
            outgoing: Outgoing::default(),
            clock,
            timer: Timer::default(),
            leader: None,
            lead_until: None,
            vacant: None,
            now: clock.now(),
            driver: None,
            gathered: 0,
            deaf: None,
            closed: false,
        }
    }

    /// Moves bytes, once in either direction. Reading goes on whatever the write side does; what may come
    /// is bounded by the credit. True: look again; else the line wakes whoever took the turn.
    pub(super) fn turn(&mut self, cx: &mut Context<'_>) -> bool {
        if self.gathered > 0 {
            self.outgoing.take_owed(&mut self.session);
        } else {
            self.write(cx);
        }
        let again = !self.is_over() && self.read(cx);
        if self.is_over() {
            self.wake_driver();
            return true;
        }
        let due = self.session.poll_timeout().into_iter().chain(self.lead_until).min();
        if self.timer.is_late_for(due) {
            self.wake_driver();
        }
        if again || self.session.owes() {
            return true;
        }
        self.incoming.release();
        false
    }

    /// Whether nothing but last words is left to be said or heard.
    pub(super) fn is_over(&self) -> bool {
        self.streams.end.is_some() || self.deaf.is_some() || self.session.is_done()
    }

    pub(super) fn write(&mut self, cx: &mut Context<'_>) {
        self.gathered = 0;
        self.outgoing.take_owed(&mut self.session);
        if self.deaf.is_some() || self.outgoing.waiting() == 0 {
            return;
        }
        let before = self.outgoing.waiting();
        match self.outgoing.poll_flush(&mut *self.io, cx) {
            Poll::Ready(Ok(())) => {
                self.session.flushed();
                self.outgoing.release();
            }
            Poll::Ready(Err(error)) => {
                log::debug!("the line takes no more bytes: {error}");
                self.outgoing = Outgoing::default();
                self.deaf = Some(Failure::of_line(&error));
            }
            Poll::Pending => {
                let waiting = self.outgoing.waiting();
                self.session.writing(self.clock.now(), before - waiting, waiting);
            }
        }
    }

    /// Reads once, and understands what has come. True: there may be more.
    pub(super) fn read(&mut self, cx: &mut Context<'_>) -> bool {
        match self.incoming.poll_fill(&mut *self.io, usize::MAX, cx) {
            Poll::Pending => return false,
            Poll::Ready(Ok(1..)) => {}
            Poll::Ready(Ok(0)) => {
                self.streams.finish(Failure::Cut);
                return false;
            }
            Poll::Ready(Err(error)) => {
                self.streams.finish(Failure::of_line(&error));
                return false;
            }
        }
        self.understand(cx);
        true
    }

    fn understand(&mut self, cx: &mut Context<'_>) {
        self.now = self.clock.now();
        let (now, mut answers) = (self.now, 0);
        while let Some(event) = self.incoming.next_event(&mut self.session, now) {
            self.streams.handle(event);
            if self.streams.end.is_some() {
                break;
            }
            if self.session.owes() {
                self.outgoing.take_owed(&mut self.session);
                answers += 1;
                if answers % ANSWERS_AT_ONCE == 0 {
                    self.write(cx);
                }
            }
        }
        self.session.reading(now, self.incoming.is_partial());
    }

    /// Whether time has passed that something was waiting for. Arms the timer, if not.
    pub(super) fn is_due(&mut self, cx: &mut Context<'_>) -> bool {
        let due = [self.session.poll_timeout(), self.lead_until, self.vacant];
        let fired = self.timer.poll(self.clock, due.into_iter().flatten().min(), cx);
        if fired && self.leader.is_some() {
            self.vacant = None;
        }
        fired
    }

    /// Whether the session waits for something that is due.
    pub(super) fn is_late(&self) -> bool {
        self.session.poll_timeout().is_some_and(|at| at <= self.clock.now())
    }

    /// Takes in that time has passed, if it has. True: look again.
    pub(super) fn look_at_time(&mut self, cx: &mut Context<'_>) -> bool {
        let is_due = self.is_due(cx);
        let now = self.clock.now();
        while self.session.poll_timeout().is_some_and(|at| at <= now) {
            let event = self.session.handle_timeout(now);
            self.streams.handle(event);
        }
        is_due
    }

    /// Sends a task.
    pub(super) fn submit(
        &mut self,
        task: &[u8],
        deadline: Option<Instant>,
    ) -> Result<u32, Failure> {
        if let Some(failure) = self.streams.end.as_ref().or(self.deaf.as_ref()) {
            return Err(failure.clone());
        }
        self.outgoing.take_owed(&mut self.session);
        self.now = self.clock.now();
        let now = self.now;
        let deadline = deadline.map(|deadline| self.clock.time_of(deadline));
        let submitted = submit(&mut self.session, &mut self.outgoing, now, task, deadline);
        if let Err(Failure::NotSent(SubmitError::GoingAway)) = submitted {
            self.streams.is_leaving = true;
        }
        let stream = submitted?;
        self.streams.open(stream);
        self.gathered += 1;
        if self.gathered >= self.session.live() / PARTS || self.outgoing.waiting() >= FLUSH {
            self.write_now();
        } else {
            self.wake_driver();
        }
        Ok(stream)
    }

    /// Writes what there is. What the line does not take is the driver's.
    pub(super) fn write_now(&mut self) {
        let driver = self.driver.clone();
        self.write(&mut Context::from_waker(driver.as_ref().unwrap_or(Waker::noop())));
        if self.deaf.is_some() {
            self.wake_driver();
        }
    }

    /// Whether the reader of `stream`, who is being polled, can move the bytes while it waits. Whoever had
    /// them before is told when something has come for it: it may be waiting for this one.
    pub(super) fn may_lead(&mut self, stream: u32) -> bool {
        let may = !self.is_over();
        if may {
            self.leader = Some(stream);
            self.lead_until = (self.session.live() > 1).then(|| self.now.saturating_add(VACANCY));
        }
        may
    }

    /// The reader of `stream` waits no longer.
    pub(super) fn follow(&mut self, stream: u32) {
        if self.leader != Some(stream) {
            return;
        }
        (self.leader, self.lead_until) = (None, None);
        self.incoming.release();
        if self.session.live() > 0 || self.outgoing.waiting() > 0 || self.is_over() {
            return self.wake_driver();
        }
        self.vacant = Some(self.now.saturating_add(VACANCY));
        if self.timer.is_late_for(self.vacant) {
            self.wake_driver();
        }
    }

    /// Whether a reader moves the bytes, or has just done so and nothing is under way.
    pub(super) fn is_led(&self) -> bool {
        let until = if self.leader.is_some() { self.lead_until } else { self.vacant };
        match until {
            Some(until) => until > self.clock.now(),
            None => self.leader.is_some(),
        }
    }

    /// The bytes are the driver's. Who had them and was polled no more is woken when something has come.
    pub(super) fn lapse(&mut self) {
        (self.leader, self.lead_until, self.vacant) = (None, None, None);
    }

    /// The bytes are the driver's; who had them is woken, to take them back.
    pub(super) fn unseat(&mut self) {
        if let Some(stream) = self.leader {
            self.streams.wake(stream);
        }
        self.lapse();
    }

    /// Somebody waits for the connection and not for a stream.
    pub(super) fn rouse_driver(&mut self) {
        self.unseat();
        self.wake_driver();
    }

    /// Takes the line away, and what is still to be sent over it; true: a fault is among it.
    pub(super) fn last_words(&mut self) -> (Box<dyn Io>, Vec<u8>, bool) {
        // Without a failure the sides parted in order, and there is no stream that would be told so.
        self.streams.finish(Failure::NotSent(SubmitError::GoingAway));
        self.outgoing.take_owed(&mut self.session);
        let io = std::mem::replace(&mut self.io, Box::new(join(empty(), empty())));
        let is_fault = matches!(self.streams.end, Some(Failure::Protocol(_)));
        (io, self.outgoing.unsent().to_vec(), is_fault)
    }

    pub(super) fn close(&mut self) {
        self.closed = true;
        self.streams.changed.notify_waiters();
    }

    /// Who is woken when there is something for the driver to do.
    pub(super) fn set_driver(&mut self, waker: &Waker) {
        self.driver.get_or_insert_with(|| waker.clone()).clone_from(waker);
    }

    pub(super) fn wake_driver(&mut self) {
        if let Some(waker) = self.driver.take() {
            waker.wake();
        }
    }
}
