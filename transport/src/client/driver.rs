use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use tokio::time::timeout;

use super::error::Failure;
use super::state::{ROUNDS, State};
use crate::line::{LINGER, hang_up};
use crate::lock::lock;

/// Moves a connection's bytes while no reader does, and has its last words.
pub(super) async fn drive(shared: Arc<Mutex<State>>) {
    let _gone = Gone(&shared);
    poll_fn(|cx| poll_drive(&mut lock(&shared), cx)).await;
    // Apart, so that a connection that goes on holds no room for it.
    Box::pin(part(&shared)).await;
}

/// However the driver ends, be it with its runtime, nobody waits for it.
struct Gone<'s>(&'s Mutex<State>);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        let state = &mut *lock(self.0);
        state.streams.finish(Failure::Cut);
        state.close();
    }
}

/// Ends the connection on this side.
async fn part(shared: &Mutex<State>) {
    let deaf = lock(shared).deaf.clone();
    if let Some(failure) = deaf {
        // What the collector said before it went says more (WIRE.md, rule 13).
        let rest = poll_fn(|cx| poll_rest(&mut lock(shared), cx));
        if timeout(LINGER, rest).await.is_err() {
            lock(shared).streams.finish(failure);
        }
    }
    let (mut io, last, linger) = lock(shared).last_words();
    if let Err(error) = hang_up(&mut *io, &last, linger).await {
        log::debug!("connection closed badly: {error}");
    }
    drop(io);
    lock(shared).close();
}

/// Ready when nothing but last words is left.
fn poll_drive(state: &mut State, cx: &mut Context<'_>) -> Poll<()> {
    state.set_driver(cx.waker());
    for _ in 0..ROUNDS {
        if state.is_over() {
            return Poll::Ready(());
        }
        if !state.is_led() {
            state.lapse();
        } else if !state.is_due(cx) {
            state.write(cx);
            if state.is_over() {
                // The reader who leads the line would wait for its end, which is ours to make.
                return Poll::Ready(());
            }
            return Poll::Pending;
        } else if !state.is_late() {
            continue;
        }
        state.unseat();
        // What was gathered waits for nobody else any more.
        state.write(cx);
        // Time is looked at when what has come was understood: a process that stood still finds both.
        if !state.turn(cx) && !state.look_at_time(cx) {
            return Poll::Pending;
        }
    }
    cx.waker().wake_by_ref();
    Poll::Pending
}

/// Ready when the connection has its end.
fn poll_rest(state: &mut State, cx: &mut Context<'_>) -> Poll<()> {
    while state.streams.end.is_none() && state.read(cx) {}
    if state.streams.end.is_some() { Poll::Ready(()) } else { Poll::Pending }
}
