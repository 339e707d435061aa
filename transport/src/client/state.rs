use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use eyelet_codec::DetectionTask;
use eyelet_codec::session::{Event, Refusal, Session, Slot, SubmitError};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::chunk::Source;
use super::error::{ClientError, Failure};
use super::submission::submit;
use crate::Fault;
use crate::line::{Clock, Outgoing};

/// What the callers and the driver of one connection share.
pub(super) struct State {
    pub(super) session: Session<Vec<Slot>>,
    pub(super) outgoing: Outgoing,
    pub(super) clock: Clock,
    /// By stream; those that nobody listens to any more are gone from here.
    inboxes: HashMap<u32, Inbox>,
    /// Why the connection has ended.
    pub(super) end: Option<Failure>,
    /// The driver has let go of the line.
    closed: bool,
    pub(super) driver: Option<Waker>,
    /// Those who wait for the connection to open or close, or for a place for their task.
    changed: Arc<Notify>,
}

/// What has come on one stream and was not taken yet: at most the credit and a frame.
#[derive(Default)]
pub(super) struct Inbox {
    chunks: VecDeque<Piece>,
    /// The last chunk has come.
    done: bool,
    failure: Option<Failure>,
    waker: Option<Waker>,
}

/// One chunk, and what it takes of its stream's credit until it is let go.
pub(super) struct Piece {
    pub(super) bytes: Vec<u8>,
    pub(super) cost: u64,
    pub(super) last: bool,
}

impl State {
    pub(super) fn new(session: Session<Vec<Slot>>, clock: Clock) -> Self {
        Self {
            session,
            outgoing: Outgoing::default(),
            clock,
            inboxes: HashMap::new(),
            end: None,
            closed: false,
            driver: None,
            changed: Arc::new(Notify::new()),
        }
    }

    /// Takes in what a frame, or time, meant.
    pub(super) fn handle(&mut self, event: Event<'_>) {
        match event {
            Event::Open(_) => self.changed.notify_waiters(),
            Event::Result { stream, result, cost, more } => {
                let piece = Piece { bytes: result.to_vec(), cost, last: !more };
                self.deliver(stream, |inbox| {
                    inbox.chunks.push_back(piece);
                    inbox.done = !more;
                });
                if !more {
                    self.changed.notify_waiters();
                }
            }
            Event::Fault { stream, fault } => {
                let failure = Failure::Task(Fault::from(&fault));
                self.deliver(stream, |inbox| inbox.failure = Some(failure));
                self.changed.notify_waiters();
            }
            Event::Deadline { stream } => {
                self.deliver(stream, |inbox| inbox.failure = Some(Failure::Deadline));
            }
            Event::GoAway(away) => self.not_begun(away.last_stream),
            Event::Closed(fault) => self.finish(Failure::Refused(Fault::from(&fault))),
            Event::Broken(refusal) => self.finish(Failure::Protocol(refusal)),
            _ => {}
        }
    }

    /// The connection has ended; the first reason counts.
    pub(super) fn finish(&mut self, why: Failure) {
        self.end.get_or_insert(why);
        for inbox in self.inboxes.values_mut() {
            if let Some(waker) = inbox.waker.take() {
                waker.wake();
            }
        }
        self.changed.notify_waiters();
    }

    /// The driver has let go of the line.
    pub(super) fn close(&mut self) {
        self.closed = true;
        self.changed.notify_waiters();
    }

    /// Streams above the last that the collector began: their tasks may be sent again elsewhere.
    fn not_begun(&mut self, last_stream: u32) {
        let failure = Failure::NotSent(SubmitError::GoingAway);
        for (_, inbox) in self.inboxes.iter_mut().filter(|(stream, _)| **stream > last_stream) {
            inbox.failure = Some(failure.clone());
            if let Some(waker) = inbox.waker.take() {
                waker.wake();
            }
        }
    }

    fn deliver(&mut self, stream: u32, put: impl FnOnce(&mut Inbox)) {
        let Some(inbox) = self.inboxes.get_mut(&stream) else { return };
        put(inbox);
        if let Some(waker) = inbox.waker.take() {
            waker.wake();
        }
    }

    fn wake_driver(&mut self) {
        if let Some(waker) = self.driver.take() {
            waker.wake();
        }
    }

    fn submit(
        &mut self,
        task: &DetectionTask<'_>,
        deadline: Option<Duration>,
    ) -> Result<u32, Failure> {
        if let Some(end) = &self.end {
            return Err(end.clone());
        }
        let now = self.clock.now();
        let stream = submit(&mut self.session, &mut self.outgoing, now, task, deadline)?;
        self.inboxes.insert(stream, Inbox::default());
        self.wake_driver();
        Ok(stream)
    }
}

/// The callers' end of a connection. With the last of them the connection ends.
pub(super) struct Handle {
    shared: Arc<Mutex<State>>,
    endpoint: Option<PathBuf>,
}

/// A panic under the lock is a bug of ours; it must not turn every later call into a panic.
pub(super) fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Handle {
    pub(super) fn new(state: State, endpoint: Option<PathBuf>) -> Self {
        Self { shared: Arc::new(Mutex::new(state)), endpoint }
    }

    pub(super) fn shared(&self) -> Arc<Mutex<State>> {
        self.shared.clone()
    }

    /// Until the collector's `Hello` has come.
    pub(super) async fn opened(&self) -> Result<(), Failure> {
        self.watch(|state| match &state.end {
            _ if state.session.is_open() => Some(Ok(())),
            end => end.clone().map(Err),
        })
        .await
    }

    pub(super) async fn close(&self) {
        self.leave();
        self.watch(|state| state.closed.then_some(())).await;
    }

    /// Looks at the state whenever it has changed, until there is something to say.
    async fn watch<T>(&self, mut look: impl FnMut(&mut State) -> Option<T>) -> T {
        let changed = lock(&self.shared).changed.clone();
        loop {
            let mut change = pin!(changed.notified());
            // Before the look, so that no change between the two is missed.
            change.as_mut().enable();
            if let Some(seen) = look(&mut lock(&self.shared)) {
                return seen;
            }
            change.await;
        }
    }

    /// Sends a task, as soon as the collector has a place for it; its deadline counts from now.
    pub(super) async fn submit(
        &self,
        task: &DetectionTask<'_>,
        wait: Option<Duration>,
    ) -> Result<u32, Failure> {
        let now = lock(&self.shared).clock.now();
        let deadline = wait.map(|wait| now.saturating_add(wait));
        let submitted = self.watch(|state| match state.submit(task, deadline) {
            Err(Failure::NotSent(SubmitError::Busy)) => None,
            done => Some(done),
        });
        match wait {
            None => submitted.await,
            Some(wait) => timeout(wait, submitted).await.unwrap_or(Err(Failure::Deadline)),
        }
    }

    /// The next chunk of a stream; `None` behind the last. Chunks that have come are given out before
    /// what ended the stream or the connection is told.
    pub(super) async fn next(&self, stream: u32) -> Result<Option<Piece>, Failure> {
        poll_fn(|cx| {
            let mut state = lock(&self.shared);
            let state = &mut *state;
            let Some(inbox) = state.inboxes.get_mut(&stream) else { return Poll::Ready(Ok(None)) };
            if let Some(piece) = inbox.chunks.pop_front() {
                return Poll::Ready(Ok(Some(piece)));
            }
            if inbox.done {
                return Poll::Ready(Ok(None));
            }
            if let Some(failure) = inbox.failure.as_ref().or(state.end.as_ref()) {
                return Poll::Ready(Err(failure.clone()));
            }
            inbox.waker = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }

    /// A chunk was let go, so that more may come.
    pub(super) fn consume(&self, stream: u32, cost: u64) {
        let mut state = lock(&self.shared);
        state.session.consume(stream, cost);
        if state.session.owes() {
            state.wake_driver();
        }
    }

    /// Nobody listens to a stream any more; if it is open, it is cancelled.
    pub(super) fn forget(&self, stream: u32) {
        let mut state = lock(&self.shared);
        state.inboxes.remove(&stream);
        state.session.cancel(stream);
        state.wake_driver();
    }

    fn leave(&self) {
        let mut state = lock(&self.shared);
        let now = state.clock.now();
        state.session.shutdown(now);
        state.wake_driver();
    }
}

impl Source for Handle {
    fn error(&self, failure: Failure) -> ClientError {
        ClientError::new(self.endpoint.as_deref(), failure)
    }

    fn break_off(&self, refusal: Refusal) {
        let mut state = lock(&self.shared);
        let event = state.session.break_off(refusal);
        state.handle(event);
        state.wake_driver();
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.leave();
    }
}
