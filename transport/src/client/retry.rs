use std::future::Future;
use std::time::Duration;

use eyelet_codec::FaultCode;
use eyelet_codec::session::SubmitError;
use tokio::time::{Instant, sleep, timeout_at};

use super::error::Failure;
use super::{Delays, Options, Repeat};
use crate::endpoint::ConnectError;

/// When one task is to be tried again.
pub(crate) struct Retry {
    delays: Delays,
    repeat: Repeat,
}

/// What a failure leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hope {
    /// The task was not begun, and a new connection would take it.
    Elsewhere,
    /// The task was not begun; later it may be.
    Later,
    /// The task may have been begun, and its connection is lost.
    Lost,
    None,
}

impl Retry {
    pub(crate) fn new(options: &Options) -> Self {
        Self { delays: options.backoff.delays(), repeat: options.repeat }
    }

    /// Waits before the task that has met `failure` is tried again. False: it is not to be, or it would be
    /// over its deadline by then.
    pub(super) async fn pause(&mut self, failure: &Failure, deadline: Option<Instant>) -> bool {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let Some(delay) = self.delay(failure, left) else { return false };
        if !delay.is_zero() {
            sleep(delay).await;
        }
        true
    }

    /// How long to wait before the task that has met `failure` is tried again; `None`: it is not to be, or
    /// what is `left` to it would be over by then.
    pub(crate) fn delay(&mut self, failure: &Failure, left: Option<Duration>) -> Option<Duration> {
        let delay = match Hope::of(failure) {
            // It counts, so that two that send each other away end.
            Hope::Elsewhere => self.delays.next().map(|_| Duration::ZERO),
            Hope::Later => self.delays.next(),
            Hope::Lost if self.repeat == Repeat::Unanswered => self.delays.next(),
            Hope::Lost | Hope::None => None,
        }?;
        if left.is_some_and(|left| left <= delay) {
            return None;
        }
        log::debug!("trying again in {delay:?}: {failure}");
        Some(delay)
    }
}

/// What comes of something that has until `deadline`.
pub(super) async fn by<T>(
    deadline: Option<Instant>,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    match deadline {
        None => work.await,
        Some(deadline) => timeout_at(deadline, work).await.unwrap_or(Err(Failure::Deadline)),
    }
}

impl Hope {
    fn of(failure: &Failure) -> Self {
        match failure {
            Failure::NotSent(SubmitError::GoingAway | SubmitError::Closed) => Self::Elsewhere,
            Failure::Task(fault) if fault.code == FaultCode::GOING_AWAY => Self::Elsewhere,
            Failure::Task(fault) | Failure::Refused(fault) if fault.code == FaultCode::BUSY => {
                Self::Later
            }
            Failure::Connect(error) if is_passing(error) => Self::Later,
            Failure::Refused(fault) if fault.code == FaultCode::TIMEOUT => Self::Lost,
            Failure::Cut | Failure::Line(_) => Self::Lost,
            _ => Self::None,
        }
    }
}

/// Whether the server may be there a moment later.
fn is_passing(error: &ConnectError) -> bool {
    matches!(
        error,
        ConnectError::NotFound(_) | ConnectError::NobodyListens(_) | ConnectError::Busy(_)
    )
}
