//! An agent's side: tasks, and results as they come.

mod backoff;
mod chunk;
mod driver;
mod error;
mod handle;
mod link;
mod options;
mod retry;
mod state;
mod stream;
mod streams;
mod submission;
mod whole;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use eyelet_codec::{DetectionTask, Message, proto};

use self::link::Link;
use crate::line::Io;
use crate::peer::Peer;

pub use self::backoff::{Backoff, Delays};
pub use self::chunk::Chunk;
pub(crate) use self::chunk::Source;
pub use self::error::{ClientError, Failure};
pub use self::options::{Options, Repeat};
pub(crate) use self::retry::Retry;
pub use self::stream::Stream;
pub(crate) use self::submission::{encode, submit};
pub(crate) use self::whole::Whole;

/// A collector, over whose connection any number of tasks may be under way. Cheap to clone; the
/// connection ends with its last clone and stream.
///
/// Where the connection was lost or the collector has ended it, the next task makes a new one, with the
/// same checks, and waits for a collector that is away as [`Options::backoff`] says.
#[derive(Clone)]
pub struct Client {
    link: Arc<Link>,
}

impl Client {
    /// Connects to the collector at `endpoint`, whose owner is checked before the first byte is sent.
    ///
    /// It is not waited for the collector's greeting, since the first task need not wait for it either; a
    /// collector that has no place left, or speaks another version, is told by the first task or by
    /// [`greet`](Self::greet). Tries once.
    ///
    /// Must be called within a tokio runtime, which drives the connection.
    ///
    /// # Errors
    /// Why the endpoint or the server is not the right one.
    pub async fn connect(endpoint: impl AsRef<Path>) -> Result<Self, ClientError> {
        Self::connect_with(endpoint, Options::default()).await
    }

    /// As [`connect`](Self::connect), with other options.
    ///
    /// # Errors
    /// As of [`connect`](Self::connect).
    pub async fn connect_with(
        endpoint: impl AsRef<Path>,
        options: Options,
    ) -> Result<Self, ClientError> {
        let link = Arc::new(Link::to(endpoint.as_ref(), options));
        link.handle().await.map_err(|failure| link.error(failure))?;
        Ok(Self { link })
    }

    /// Speaks over a line that is there already: a pair in memory, a pipe, an inherited socket. Who is on
    /// the other end is for the caller to know. When the line has ended, so has the client.
    ///
    /// Must be called within a tokio runtime.
    pub fn over(line: impl Io + 'static, options: Options) -> Self {
        Self { link: Arc::new(Link::over(Box::new(line), options)) }
    }

    /// Waits until the collector has said who it is.
    ///
    /// # Errors
    /// Why it will not have us, or we not it.
    pub async fn greet(&self) -> Result<(), ClientError> {
        self.link.greet().await.map_err(|failure| self.link.error(failure))
    }

    /// Who the collector is, where the system can tell.
    pub fn peer(&self) -> Option<Peer> {
        self.link.peer()
    }

    /// Runs a task and returns its whole result.
    ///
    /// Dropping the future cancels the task. Where the connection is lost the task is sent again, as
    /// [`Options::repeat`] says, whatever has come of its result.
    ///
    /// # Errors
    /// Why there is no result; [`Failure::TooLarge`] over [`Options::max_result`]. A task that ran and
    /// failed is a result, with `success` false.
    pub async fn call(
        &self,
        task: &DetectionTask<'_>,
    ) -> Result<proto::DetectionResult, ClientError> {
        let Options { deadline, max_result, .. } = self.link.options;
        self.begin(task, deadline).await?.collect(max_result).await
    }

    /// Begins a task, of eyelet's schema or another, whose result comes in chunks. Dropping the stream
    /// cancels the task.
    ///
    /// Waits while as many tasks are under way as the collector works on at once. Cancel safe: a task
    /// whose future is dropped was not sent, or is cancelled.
    ///
    /// # Errors
    /// Why the task could not be sent.
    pub async fn stream<'a>(&self, task: &impl Message<'a>) -> Result<Stream, ClientError> {
        self.begin(task, self.link.options.stream_deadline).await
    }

    async fn begin<'a>(
        &self,
        task: &impl Message<'a>,
        deadline: Option<Duration>,
    ) -> Result<Stream, ClientError> {
        let mut bytes = Vec::new();
        let encoded = encode(&mut bytes, task);
        encoded.map_err(|error| self.link.error(Failure::InvalidTask(error)))?;
        Stream::begin(self.link.clone(), bytes, deadline).await
    }

    /// Ends the connection in order, that of all clones: tells the collector, waits for what is under way, 5 s
    /// at most, and until the line is closed. A clone that is used again connects anew.
    pub async fn close(self) {
        self.link.close().await;
    }
}
