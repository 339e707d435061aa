use std::future::poll_fn;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use eyelet_codec::session::{Refusal, SubmitError};
use tokio::time::Instant;

use super::chunk::Source;
use super::error::{ClientError, Failure};
use super::retry::by;
use super::state::{ROUNDS, State};
use super::streams::{Piece, Taken};
use crate::lock::lock;

/// The callers' end of a connection. With the last of them the connection ends.
pub(super) struct Handle {
    shared: Arc<Mutex<State>>,
    endpoint: Option<PathBuf>,
}

impl Handle {
    pub(super) fn new(state: State, endpoint: Option<PathBuf>) -> Self {
        Self { shared: Arc::new(Mutex::new(state)), endpoint }
    }

    pub(super) fn shared(&self) -> Arc<Mutex<State>> {
        self.shared.clone()
    }

    /// Until the collector has said who it is, or why it will not have us.
    pub(super) async fn greeted(&self) -> Result<(), Failure> {
        self.watch(|state| match &state.streams.end {
            _ if state.streams.is_greeted => Some(Ok(())),
            end => end.clone().map(Err),
        })
        .await
    }

    /// Whether the collector has said who it is.
    pub(super) fn is_greeted(&self) -> bool {
        lock(&self.shared).streams.is_greeted
    }

    pub(super) async fn close(&self) {
        self.leave();
        self.watch(|state| state.closed.then_some(())).await;
    }

    /// Looks at the state whenever it has changed, until there is something to say.
    async fn watch<T>(&self, mut look: impl FnMut(&mut State) -> Option<T>) -> T {
        let changed = lock(&self.shared).streams.changed.clone();
        loop {
            let mut change = pin!(changed.notified());
            // Before the look, so that no change between the two is missed.
            change.as_mut().enable();
            {
                let mut state = lock(&self.shared);
                if let Some(seen) = look(&mut state) {
                    return seen;
                }
                state.rouse_driver();
            }
            change.await;
        }
    }

    /// Whether a task may be sent over this connection, as far as is known.
    pub(super) fn takes_tasks(&self) -> bool {
        let state = lock(&self.shared);
        !state.is_over() && !state.streams.is_leaving
    }

    /// Sends an encoded task, as soon as the collector has a place for it.
    pub(super) async fn submit(
        &self,
        task: &[u8],
        deadline: Option<Instant>,
    ) -> Result<u32, Failure> {
        let submit = |state: &mut State| match state.submit(task, deadline) {
            Err(Failure::NotSent(SubmitError::Busy)) => None,
            // The collector has not said yet how large a task may be.
            Err(Failure::NotSent(SubmitError::TooLarge { .. })) if !state.session.is_open() => None,
            done => Some(done),
        };
        if let Some(done) = submit(&mut lock(&self.shared)) {
            return done;
        }
        by(deadline, self.watch(submit)).await
    }

    /// The next chunk of a stream; `None` behind the last.
    pub(super) async fn next(&self, stream: u32) -> Result<Option<Piece>, Failure> {
        let _follow = Follow { handle: self, stream };
        poll_fn(|cx| self.poll_next(stream, cx)).await
    }

    /// Moves the connection's bytes itself if nobody else who waits does: one task fewer to go through.
    fn poll_next(&self, stream: u32, cx: &mut Context<'_>) -> Poll<Taken> {
        let state = &mut *lock(&self.shared);
        state.streams.wait_no_longer(stream);
        for _ in 0..ROUNDS {
            if let Some(taken) = state.streams.take(stream) {
                return Poll::Ready(taken);
            }
            if !state.may_lead(stream) || !state.turn(cx) {
                state.streams.wait(stream, cx.waker());
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// A chunk was let go, so that more may come.
    pub(super) fn consume(&self, stream: u32, cost: u64) {
        let mut state = lock(&self.shared);
        state.session.consume(stream, cost);
        if state.session.owes() {
            state.write_now();
        }
    }

    /// Nobody listens to a stream any more; if it is open, it is cancelled.
    pub(super) fn forget(&self, stream: u32) {
        let mut state = lock(&self.shared);
        state.streams.forget(stream);
        state.session.cancel(stream);
        if state.session.owes() {
            state.wake_driver();
        }
    }

    fn leave(&self) {
        let mut state = lock(&self.shared);
        let now = state.clock.now();
        state.session.shutdown(now);
        state.rouse_driver();
    }
}

impl Source for Handle {
    fn error(&self, failure: Failure) -> ClientError {
        ClientError::new(self.endpoint.as_deref(), failure)
    }

    fn break_off(&self, refusal: Refusal) {
        let mut state = lock(&self.shared);
        let event = state.session.break_off(refusal);
        state.streams.handle(event);
        state.wake_driver();
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Gives the bytes back to the driver when a reader has what it waited for, or waits no longer.
struct Follow<'h> {
    handle: &'h Handle,
    stream: u32,
}

impl Drop for Follow<'_> {
    fn drop(&mut self) {
        lock(&self.handle.shared).follow(self.stream);
    }
}
