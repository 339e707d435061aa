use core::time::Duration;

use super::config::REPEATS;
use super::{Event, Link, State};

impl<const WINDOW: usize, const BUFFER: usize> Link<WINDOW, BUFFER> {
    /// When to call [`handle_timeout`](Self::handle_timeout); `None`: no need to.
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.timer
    }

    /// Takes in that time has passed; before [`poll_timeout`](Self::poll_timeout) nothing happens.
    pub fn handle_timeout(&mut self, now: Duration) -> Event<'static> {
        if self.timer.is_none_or(|at| at > now) {
            return Event::Nothing;
        }
        if self.state == State::Connecting {
            (self.owed.reset, self.timer) = (true, Some(self.repeat_at(now)));
            return Event::Nothing;
        }
        self.go_back(now)
    }

    /// Sends everything outstanding again, unless that was in vain too often.
    pub(super) fn go_back(&mut self, now: Duration) -> Event<'static> {
        if self.repeats >= REPEATS {
            self.abort();
            return Event::Ended;
        }
        self.repeats = self.repeats.saturating_add(1);
        self.window.go_back();
        self.timer = Some(self.repeat_at(now));
        Event::Nothing
    }

    pub(super) fn repeat_at(&self, now: Duration) -> Duration {
        now.saturating_add(self.config.repeat)
    }
}
