use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Sleep;

use super::Clock;

/// The one timer of a line, armed anew only for something earlier: deadlines lie seconds ahead, and
/// firing early costs one look at the session.
#[derive(Debug, Default)]
pub(crate) struct Timer {
    sleep: Option<Pin<Box<Sleep>>>,
    armed: Option<Duration>,
}

impl Timer {
    /// Arms the timer for `at`, if it does not fire before. True: it has fired, look at the session.
    pub(crate) fn poll(
        &mut self,
        clock: Clock,
        at: Option<Duration>,
        cx: &mut Context<'_>,
    ) -> bool {
        if let Some(at) = at
            && self.armed.is_none_or(|armed| at < armed)
        {
            self.arm(clock, at);
        }
        let fired = self.armed.is_some()
            && self.sleep.as_mut().is_some_and(|sleep| sleep.as_mut().poll(cx) == Poll::Ready(()));
        if fired {
            self.armed = None;
        }
        fired
    }

    fn arm(&mut self, clock: Clock, at: Duration) {
        self.armed = Some(at);
        let deadline = clock.at(at);
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().reset(deadline),
            None => self.sleep = Some(Box::pin(tokio::time::sleep_until(deadline))),
        }
    }
}
