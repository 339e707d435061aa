use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use eyelet_codec::{Coverage, DetectionResult, DetectionTask, FaultCode, TaskType};

use super::{Sink, raw};
use crate::Fault;
use crate::fault::cut;

/// What a collector does with tasks.
///
/// A handler's future is polled by its connection's own task: it may wait, but must not block. Work that
/// blocks belongs in [`Sink::blocking`]. It is dropped at its next await when its agent cancels, its
/// deadline passes or the line ends. A panic faults its own stream only.
pub trait Handler: Send + Sync + 'static {
    /// Works on one task and hands its records to `sink`.
    ///
    /// # Errors
    /// A fault says that the task could not be run or finished; that it ran and failed is an
    /// [`Outcome::failure`].
    fn handle(
        &self,
        task: DetectionTask<'_>,
        sink: &mut Sink<'_>,
    ) -> impl Future<Output = Result<Outcome, Fault>> + Send;
}

impl<H: Handler> Handler for Arc<H> {
    fn handle(
        &self,
        task: DetectionTask<'_>,
        sink: &mut Sink<'_>,
    ) -> impl Future<Output = Result<Outcome, Fault>> + Send {
        H::handle(self, task, sink)
    }
}

/// How a task that was run ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    error: Option<String>,
    coverage: Option<Coverage>,
}

impl Outcome {
    /// It did what was asked.
    pub fn success() -> Self {
        Self::default()
    }

    /// It ran and failed; the reason is cut to 1,024 bytes.
    pub fn failure(reason: impl Into<String>) -> Self {
        Self { error: Some(reason.into()), coverage: None }
    }

    /// How much of the system the result speaks for.
    #[must_use]
    pub fn with_coverage(self, coverage: Coverage) -> Self {
        Self { coverage: Some(coverage), ..self }
    }

    /// What the last chunk says; `left_out` records did not fit a frame.
    pub(super) fn as_wire(&self, left_out: u64) -> DetectionResult<'_> {
        let max = DetectionResult::ERROR_MESSAGE.max_bytes;
        let coverage = match self.coverage {
            None if left_out == 0 => None,
            coverage => {
                let coverage = coverage.unwrap_or_default();
                Some(Coverage { left_out: coverage.left_out.saturating_add(left_out), ..coverage })
            }
        };
        DetectionResult {
            success: self.error.is_none(),
            error_message: self.error.as_deref().map(|error| cut(error, max)),
            coverage,
            ..Default::default()
        }
    }
}

/// A handler of eyelet's own schema, as one of bytes.
pub(super) struct Typed<H> {
    pub(super) handler: H,
    /// Others are refused before the handler sees them; none: it takes all.
    pub(super) known: &'static [TaskType],
}

impl<H: Handler> raw::Handler for Typed<H> {
    async fn handle(&self, task: raw::Task<'_>, sink: &mut raw::Sink) -> Result<(), Fault> {
        let mut records;
        // In a block, since what lives beside a future that is awaited takes its room once more.
        let work = {
            let task = self.decode(&task, sink)?;
            records = Sink::new(sink, task.task_id);
            self.handler.handle(task, &mut records)
        };
        let outcome = work.await?;
        records.finish(&outcome).await
    }
}

impl<H> Typed<H> {
    fn decode<'t>(
        &self,
        task: &raw::Task<'t>,
        sink: &mut raw::Sink,
    ) -> Result<DetectionTask<'t>, Fault> {
        let task = task.decode::<DetectionTask<'t>>()?;
        self.check(&task)?;
        if let Some(millis) = task.deadline_ms {
            sink.set_deadline(Duration::from_millis(millis.into()));
        }
        Ok(task)
    }

    fn check(&self, task: &DetectionTask<'_>) -> Result<(), Fault> {
        if self.known.is_empty() || self.known.contains(&task.task_type) {
            return Ok(());
        }
        let message = format!("no such task here: {:?}", task.task_type);
        let seen = u64::try_from(task.task_type.0).ok();
        Err(Fault { seen, ..Fault::new(FaultCode::UNSUPPORTED, message) })
    }
}
