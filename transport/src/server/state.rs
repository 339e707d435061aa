use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use eyelet_codec::FaultCode;
use eyelet_codec::session::{Event, Refusal, Session, Slot};
use tokio::sync::Semaphore;

use super::results::{Chunk, HIGH};
use super::waiters::Waiters;
use crate::Fault;
use crate::line::{Clock, Incoming, Io, Outgoing};

/// What a connection's loop and its handlers share. Both run in the connection's one task, so that the
/// lock is never waited for; it is there because a handler's future may move between threads.
pub(super) type Shared = Arc<Mutex<Core>>;

/// A panic under the lock is a bug of ours; it must not turn every later call into a panic.
pub(super) fn lock(core: &Mutex<Core>) -> MutexGuard<'_, Core> {
    core.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Between two looks at an agent that has shut its sending half: it may close the other any time.
const PROBE_EVERY: Duration = Duration::from_secs(2);
/// With the default of 64 connections half of tokio's blocking threads.
const THREADS: usize = 4;

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
    pub(super) waiters: Waiters,
    pub(super) chunk: Option<Chunk>,
    /// Chunks sealed since the loop last looked around.
    pub(super) turn: u32,
    /// Threads for this agent's blocking work. A producer holds its own for as long as the agent spends
    /// no credit, and must not keep other agents' work from running: tokio has 512 for all.
    pub(super) threads: Arc<Semaphore>,
    /// The server has been told to stop.
    leaving: bool,
    /// The agent sends no more.
    pub(super) ended: bool,
    /// The line is broken; nothing more can be sent.
    pub(super) dead: bool,
}

impl Core {
    pub(super) fn new(io: Box<dyn Io>, session: Session<Vec<Slot>>, clock: Clock) -> Self {
        Self {
            io,
            session,
            incoming: Incoming::default(),
            outgoing: Outgoing::default(),
            clock,
            now: clock.now(),
            waker: Waker::noop().clone(),
            ending: Vec::new(),
            waiters: Waiters::default(),
            chunk: None,
            turn: 0,
            threads: Arc::new(Semaphore::new(THREADS)),
            leaving: false,
            ended: false,
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

    /// Others have had their turn.
    pub(super) fn new_turn(&mut self) {
        self.turn = 0;
    }

    /// Takes in what time, or this side, meant for the session.
    pub(super) fn handle(&mut self, event: &Event<'_>) {
        report(event);
        match event {
            Event::Deadline { stream } if self.leaving => self.end(*stream, FaultCode::GOING_AWAY),
            Event::Deadline { stream } => self.end(*stream, FaultCode::TIMEOUT),
            Event::Broken(_) => self.waiters.wake_all(),
            _ => {}
        }
    }

    /// Takes no more tasks, and ends when those under way have.
    pub(super) fn shutdown(&mut self) {
        self.leaving = true;
        self.session.shutdown(self.clock.now());
    }

    /// Ends the connection by a fault.
    pub(super) fn break_off(&mut self, refusal: Refusal) {
        let event = self.session.break_off(refusal);
        self.handle(&event);
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

    /// When to look at the session, or at an agent that sends no more.
    pub(super) fn next_look(&self) -> Option<Duration> {
        let probe = self.ended.then(|| self.now.saturating_add(PROBE_EVERY));
        [self.session.poll_timeout(), probe].into_iter().flatten().min()
    }

    /// The agent is leaving in order and has not read all that it is to get: it takes its time.
    pub(super) fn still_reads(&self) -> bool {
        self.session.is_open() && !self.leaving && self.outgoing.waiting() > 0
    }

    pub(super) fn is_gone(&self, stream: u32) -> bool {
        self.dead || self.session.is_cancelled(stream)
    }

    /// Writes what is sealed. True: nothing is left.
    pub(super) fn write(&mut self) -> bool {
        let mut cx = Context::from_waker(&self.waker);
        let full = self.outgoing.waiting() > HIGH;
        let written = self.outgoing.poll_flush(&mut *self.io, &mut cx);
        if full && self.outgoing.waiting() <= HIGH {
            self.waiters.wake_for_room();
        }
        match written {
            Poll::Ready(Ok(())) => {
                self.session.flushed();
                true
            }
            Poll::Ready(Err(error)) => {
                log::debug!("the line takes no more bytes: {error}");
                self.dead = true;
                self.waiters.wake_all();
                false
            }
            Poll::Pending => false,
        }
    }

    pub(super) fn forget(&mut self, stream: u32) {
        self.waiters.forget(stream);
        self.ending.retain(|(id, _)| *id != stream);
    }
}

/// Tells the log how a connection ended.
pub(super) fn report(event: &Event<'_>) {
    match event {
        Event::Broken(refusal) => log::warn!("connection ended: {refusal}"),
        Event::Closed(fault) => {
            log::info!("the agent ended the connection: {}", Fault::from(fault));
        }
        _ => {}
    }
}
