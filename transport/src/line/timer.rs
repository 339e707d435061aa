use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::Sleep;

use super::Clock;

/// The one timer of a line, armed anew only for something earlier: deadlines lie seconds ahead, and
/// firing early costs one look at the session.
#[derive(Debug, Default)]
pub(crate) struct Timer {
    sleep: Option<Pin<Box<Sleep>>>,
    armed: Option<Duration>,
    /// Whom the timer wakes.
    waker: Option<Waker>,
}

impl Timer {
    /// Arms the timer for `at`, if it does not fire before. True: it has fired, look at the session.
    pub(crate) fn poll(
        &mut self,
        clock: Clock,
        at: Option<Duration>,
        cx: &mut Context<'_>,
    ) -> bool {
        if self.is_late_for(at) {
            self.arm(clock, at);
        }
        let Some(sleep) = &mut self.sleep else { return false };
        let is_known = self.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker()));
        if self.armed.is_none() || is_known && !sleep.is_elapsed() {
            return false;
        }
        self.waker = Some(cx.waker().clone());
        let fired = sleep.as_mut().poll(cx) == Poll::Ready(());
        if fired {
            self.armed = None;
        }
        fired
    }

    /// Whether the timer would not fire by `at`.
    pub(crate) fn is_late_for(&self, at: Option<Duration>) -> bool {
        at.is_some_and(|at| self.armed.is_none_or(|armed| at < armed))
    }

    fn arm(&mut self, clock: Clock, at: Option<Duration>) {
        let Some(at) = at else { return };
        (self.armed, self.waker) = (Some(at), None);
        let deadline = clock.at(at);
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().reset(deadline),
            None => self.sleep = Some(Box::pin(tokio::time::sleep_until(deadline))),
        }
    }
}
