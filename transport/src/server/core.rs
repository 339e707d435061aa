use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use eyelet_codec::FaultCode;
use eyelet_codec::session::{Departure, OpenFrame, Refusal, Session, Slot};
use tokio::io::{empty, join};
use tokio::sync::Semaphore;

use super::chunk::{Chunk, HIGH};
use super::counters::{Counters, Tally};
use super::greeting::Greeting;
use super::heard::Heard;
use super::waiters::Waiters;
use crate::line::{Clock, Incoming, Io, Outgoing};

/// What a connection's loop and its handlers share. Both run in the connection's one task, so that the
/// lock is never waited for; it is there because a handler's future may move between threads.
pub(super) type Shared = Arc<Mutex<Core>>;

/// Between two looks at an agent that has shut its sending half: it may close the other any time.
const PROBE_EVERY: Duration = Duration::from_secs(2);
/// With the default of 64 connections half of tokio's blocking threads.
const THREADS: usize = 4;

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Core {
    pub(super) io: Box<dyn Io>,
    pub(super) session: Session<Vec<Slot>>,
    pub(super) incoming: Incoming,
    pub(super) outgoing: Outgoing,
    pub(super) clock: Clock,
    /// Read once a wake-up.
    pub(super) now: Duration,
    /// The connection task's own. Writes are polled with it and never with a handler's, which would be
    /// the last one registered, and the loop would sleep on a writable line.
    pub(super) waker: Waker,
    /// Why handlers end before their time, by stream.
    ending: Vec<(u32, FaultCode)>,
    /// Streams that the session has ended while their work goes on.
    overdue: Vec<u32>,
    pub(super) waiters: Waiters,
    pub(super) chunk: Option<Chunk>,
    /// Chunks sealed since the loop last looked around.
    pub(super) turn: u32,
    /// Threads for this agent's blocking work. A producer holds its own for as long as the agent spends
    /// no credit, and must not keep other agents' work from running: tokio has 512 for all.
    threads: Option<Arc<Semaphore>>,
    /// What has happened since the counters were told.
    pub(super) tally: Tally,
    counters: Arc<Counters>,
    /// Until the agent's `Hello` has come.
    greeting: Option<Greeting>,
    /// The server has been told to stop.
    leaving: bool,
    /// The agent sends no more.
    pub(super) ended: bool,
    /// This side has ended the connection by a fault.
    pub(super) is_broken: bool,
    /// The line is broken; nothing more can be sent.
    pub(super) dead: bool,
}

impl Core {
    pub(super) fn new(
        io: Box<dyn Io>,
        session: Session<Vec<Slot>>,
        clock: Clock,
        counters: Arc<Counters>,
        greeting: Option<Greeting>,
    ) -> Self {
        Self {
            io,
            session,
            incoming: Incoming::default(),
            outgoing: Outgoing::default(),
            clock,
            now: clock.now(),
            waker: Waker::noop().clone(),
            ending: Vec::new(),
            overdue: Vec::new(),
            waiters: Waiters::default(),
            chunk: None,
            turn: 0,
            threads: None,
            tally: Tally::default(),
            counters,
            greeting,
            leaving: false,
            ended: false,
            is_broken: false,
            dead: false,
        }
    }

    /// The session's own words go out in turn; a chunk that is being written is sealed first.
    pub(super) fn take_owed(&mut self) {
        if self.session.owes() {
            self.seal(true);
            self.outgoing.take_owed(&mut self.session);
        }
    }

    /// Seals what is being written and writes what the line takes. True: nothing is left.
    pub(super) fn flush(&mut self) -> bool {
        self.seal(true);
        self.write()
    }

    /// Ends the handler of `stream` when it next runs, which is at once.
    pub(super) fn end(&mut self, stream: u32, code: FaultCode) {
        self.ending.push((stream, code));
        self.waiters.wake(stream);
    }

    /// Why the handler of `stream` is to end, if it is.
    pub(super) fn ending(&self, stream: u32) -> Option<FaultCode> {
        self.ending.iter().find(|(id, _)| *id == stream).map(|(_, code)| *code)
    }

    /// Whether the session has ended `stream` without its work.
    pub(super) fn is_overdue(&self, stream: u32) -> bool {
        self.overdue.contains(&stream)
    }

    /// Whether the agent has not said who it is.
    pub(super) fn is_greeting(&self) -> bool {
        self.greeting.is_some()
    }

    /// Permits for threads of this connection.
    pub(super) fn threads(&mut self) -> Arc<Semaphore> {
        self.threads.get_or_insert_with(|| Arc::new(Semaphore::new(THREADS))).clone()
    }

    /// Others have had their turn.
    pub(super) fn new_turn(&mut self) {
        self.turn = 0;
    }

    /// Takes in what the agent, time or this side meant.
    pub(super) fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Nothing => {}
            Heard::Greeted => self.greeting = None,
            Heard::Task => self.tally.tasks += 1,
            Heard::Refused(code) => self.tally.fault(code),
            Heard::Credit(stream) => self.waiters.wake(stream),
            Heard::Cancel(stream) => self.end(stream, FaultCode::CANCELLED),
            Heard::Deadline(stream) if self.leaving => self.end(stream, FaultCode::GOING_AWAY),
            Heard::Deadline(stream) => self.end(stream, FaultCode::TIMEOUT),
            Heard::Overdue(stream) => {
                log::warn!("a task's work goes on 5 s after its end was due");
                self.tally.fault(self.ending(stream).unwrap_or(FaultCode::CANCELLED));
                self.overdue.push(stream);
                self.waiters.wake(stream);
            }
            Heard::Closed(fault) => {
                log::info!("the agent ended the connection: {fault}");
                self.waiters.wake_all();
            }
            Heard::Broken(refusal) => self.report_broken(&refusal),
        }
    }

    pub(super) fn report_broken(&mut self, refusal: &Refusal) {
        self.is_broken = true;
        self.tally.fault(refusal.code);
        self.counters.log(|| log::warn!("connection ended: {refusal}"));
        self.waiters.wake_all();
    }

    /// Takes no more tasks, and ends when those under way have.
    pub(super) fn leave(&mut self, why: Departure) {
        self.leaving = true;
        self.session.leave(self.clock.now(), why);
        self.waker.wake_by_ref();
    }

    /// Ends the connection by a fault.
    pub(super) fn break_off(&mut self, refusal: Refusal) {
        let broken = Heard::of(&self.session.break_off(refusal));
        self.hear(broken);
    }

    /// Tells the counters what has happened.
    pub(super) fn count(&mut self) {
        self.counters.add(&mut self.tally);
    }

    /// Lets go what only a busy connection needs.
    pub(super) fn release(&mut self) {
        self.outgoing.release();
        self.incoming.release();
        if self.session.live() == 0 {
            self.waiters.release();
        }
    }

    /// The agent sends no more: it may still read (WIRE.md, rule 11), or have gone. An empty write tells,
    /// where bytes that there are may not be due for long.
    pub(super) fn input_ended(&mut self, cx: &mut Context<'_>) {
        self.ended = true;
        self.waiters.wake_all();
        if self.incoming.is_partial() {
            let text = "the line ended inside a frame";
            return self.break_off(Refusal::new(FaultCode::MALFORMED, text));
        }
        self.probe(cx);
    }

    /// Looks whether an agent that sends no more is still there.
    pub(super) fn probe(&mut self, cx: &mut Context<'_>) {
        if let Poll::Ready(Err(error)) = Pin::new(&mut *self.io).poll_write(cx, &[]) {
            log::debug!("the agent has gone: {error}");
            self.dead = true;
            self.waiters.wake_all();
        }
    }

    /// Takes in that time has passed.
    pub(super) fn look_at_time(&mut self, cx: &mut Context<'_>) {
        self.now = self.clock.now();
        while self.session.poll_timeout().is_some_and(|at| at <= self.now) {
            let heard = Heard::of(&self.session.handle_timeout(self.now));
            self.hear(heard);
        }
        if self.ended {
            self.probe(cx);
        }
    }

    /// When to look at the session, or at an agent that sends no more.
    pub(super) fn next_look(&self) -> Option<Duration> {
        let probe = self.ended.then(|| self.now.saturating_add(PROBE_EVERY));
        [self.session.poll_timeout(), probe].into_iter().flatten().min()
    }

    /// The agent is leaving in order and has not read all that it is to get: it takes its time.
    pub(super) fn still_reads(&self) -> bool {
        self.session.is_open() && !self.leaving && self.outgoing.waiting() > 0
    }

    /// Bytes of the largest result that a frame to this agent can carry.
    pub(super) fn largest_message(&self) -> usize {
        self.session.max_body().saturating_sub(OpenFrame::MAX_HEAD)
    }

    pub(super) fn is_gone(&self, stream: u32) -> bool {
        self.dead || self.session.is_cancelled(stream)
    }

    /// Writes what is sealed. True: nothing is left.
    pub(super) fn write(&mut self) -> bool {
        let mut cx = Context::from_waker(&self.waker);
        let before = self.outgoing.waiting();
        if before == 0 {
            return true;
        }
        let written = self.outgoing.poll_flush(&mut *self.io, &mut cx);
        let waiting = self.outgoing.waiting();
        self.tally.bytes_sent += (before - waiting) as u64;
        self.session.writing(self.now, before - waiting, waiting);
        if before > HIGH && waiting <= HIGH {
            self.waiters.wake_for_room();
        }
        match written {
            Poll::Ready(Ok(())) => true,
            Poll::Ready(Err(error)) => {
                log::debug!("the line takes no more bytes: {error}");
                self.dead = true;
                self.waiters.wake_all();
                false
            }
            Poll::Pending => false,
        }
    }

    /// Takes the line away, what is still to be said on it, and whether the agent is to be given time to read
    /// it; `None`: nobody can be told. All else is to go: many connections may end at the same moment, and
    /// each waits for its agent.
    pub(super) fn last_words(&mut self) -> Option<(Box<dyn Io>, Vec<u8>, bool)> {
        self.count();
        self.outgoing.take_owed(&mut self.session);
        let io = std::mem::replace(&mut self.io, Box::new(join(empty(), empty())));
        let last = self.outgoing.unsent().to_vec();
        let linger = self.is_broken || !last.is_empty();
        (!self.dead).then_some((io, last, linger))
    }

    pub(super) fn forget(&mut self, stream: u32) {
        self.waiters.forget(stream);
        self.ending.retain(|(id, _)| *id != stream);
        self.overdue.retain(|id| *id != stream);
    }
}
