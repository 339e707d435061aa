use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use eyelet_codec::session::SubmitError;
use tokio::time::timeout;

use super::error::Failure;
use super::state::{State, lock};
use crate::line::{ANSWERS_AT_ONCE, Incoming, Io, LINGER, Outgoing, Timer, hang_up};

/// Moves one connection's bytes until it ends.
pub(super) async fn drive(io: Box<dyn Io>, shared: Arc<Mutex<State>>) {
    let (incoming, timer) = (Incoming::default(), Timer::default());
    let mut driver = Driver { io, incoming, timer, deaf: None };
    poll_fn(|cx| driver.poll(&mut lock(&shared), cx)).await;
    if let Some(failure) = driver.deaf.take() {
        // What the collector said before it went says more (WIRE.md, rule 13).
        let rest = poll_fn(|cx| driver.poll_rest(&mut lock(&shared), cx));
        if timeout(LINGER, rest).await.is_err() {
            lock(&shared).finish(failure);
        }
    }
    let last = {
        let state = &mut *lock(&shared);
        // Without a failure the sides parted in order, and there is no stream that would be told so.
        state.finish(Failure::NotSent(SubmitError::GoingAway));
        state.outgoing.take_owed(&mut state.session);
        state.outgoing.unsent().to_vec()
    };
    if let Err(error) = hang_up(&mut *driver.io, &last).await {
        log::debug!("connection closed badly: {error}");
    }
    lock(&shared).close();
}

struct Driver {
    io: Box<dyn Io>,
    incoming: Incoming,
    timer: Timer,
    /// Why the collector takes no more bytes.
    deaf: Option<Failure>,
}

/// Before other tasks of the thread have their turn.
const ROUNDS: usize = 64;

impl Driver {
    /// Reading goes on whatever the write side does; what may come is bounded by the credit.
    fn poll(&mut self, state: &mut State, cx: &mut Context<'_>) -> Poll<()> {
        state.driver = Some(cx.waker().clone());
        for _ in 0..ROUNDS {
            self.write(state, cx);
            if self.deaf.is_some() {
                return Poll::Ready(());
            }
            let again = self.read(state, cx) | self.look_at_time(state, cx);
            if state.end.is_some() || state.session.is_done() {
                return Poll::Ready(());
            }
            if !again && !state.session.owes() {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn write(&mut self, state: &mut State, cx: &mut Context<'_>) {
        state.outgoing.take_owed(&mut state.session);
        match state.outgoing.poll_flush(&mut *self.io, cx) {
            Poll::Ready(Ok(())) => {
                state.session.flushed();
                state.outgoing.release();
            }
            Poll::Ready(Err(error)) => {
                log::debug!("the line takes no more bytes: {error}");
                state.outgoing = Outgoing::default();
                self.deaf = Some(Failure::of_line(&error));
            }
            Poll::Pending => {}
        }
    }

    /// Ready when the connection has its end.
    fn poll_rest(&mut self, state: &mut State, cx: &mut Context<'_>) -> Poll<()> {
        while state.end.is_none() && self.read(state, cx) {}
        if state.end.is_some() { Poll::Ready(()) } else { Poll::Pending }
    }

    fn read(&mut self, state: &mut State, cx: &mut Context<'_>) -> bool {
        match self.incoming.poll_fill(&mut *self.io, cx) {
            Poll::Pending => return false,
            Poll::Ready(Ok(1..)) => {}
            Poll::Ready(Ok(0)) => {
                state.finish(Failure::Cut);
                return false;
            }
            Poll::Ready(Err(error)) => {
                state.finish(Failure::of_line(&error));
                return false;
            }
        }
        self.understand(state, cx);
        self.incoming.release();
        true
    }

    fn understand(&mut self, state: &mut State, cx: &mut Context<'_>) {
        let (now, mut answers) = (state.clock.now(), 0);
        loop {
            let event = match self.incoming.next_frame(state.session.max_frame()) {
                Ok(None) => break,
                Ok(Some(body)) => state.session.handle_frame(now, body),
                Err(error) => state.session.handle_frame_error(error),
            };
            state.handle(event);
            if state.end.is_some() {
                break;
            }
            if state.session.owes() {
                state.outgoing.take_owed(&mut state.session);
                answers += 1;
                if answers % ANSWERS_AT_ONCE == 0 {
                    self.write(state, cx);
                }
            }
        }
        state.session.reading(now, self.incoming.is_partial());
    }

    fn look_at_time(&mut self, state: &mut State, cx: &mut Context<'_>) -> bool {
        if !self.timer.poll(state.clock, state.session.poll_timeout(), cx) {
            return false;
        }
        let now = state.clock.now();
        while state.session.poll_timeout().is_some_and(|at| at <= now) {
            let event = state.session.handle_timeout(now);
            state.handle(event);
        }
        true
    }
}
