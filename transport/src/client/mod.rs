//! An agent's side: tasks, and results as they come.

mod chunk;
mod driver;
mod error;
mod handle;
mod options;
mod state;
mod stream;
mod streams;
mod submission;
mod whole;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eyelet_codec::session::{Role, Session};
use eyelet_codec::{DetectionTask, proto};

use self::handle::Handle;
use self::state::State;
use crate::endpoint;
use crate::line::{Clock, Io};
use crate::peer::Peer;

pub(crate) use self::chunk::Source;
pub(crate) use self::submission::{encode, submit_encoded};
pub(crate) use self::whole::Whole;

pub use self::chunk::Chunk;
pub use self::error::{ClientError, Failure};
pub use self::options::Options;
pub use self::stream::Stream;

/// A connection to a collector, over which any number of tasks may be under way. Cheap to clone; the
/// connection ends with its last clone and stream.
#[derive(Clone)]
pub struct Client {
    handle: Arc<Handle>,
    options: Arc<Options>,
    peer: Option<Peer>,
}

impl Client {
    /// Connects to the collector at `endpoint`, whose owner is checked before the first byte is sent.
    ///
    /// Must be called within a tokio runtime, which drives the connection.
    ///
    /// # Errors
    /// Why the endpoint, the server or the version is not the right one.
    pub async fn connect(endpoint: impl AsRef<Path>) -> Result<Self, ClientError> {
        Self::connect_with(endpoint, Options::default()).await
    }

    /// As [`connect`](Self::connect), with other options.
    pub async fn connect_with(
        endpoint: impl AsRef<Path>,
        options: Options,
    ) -> Result<Self, ClientError> {
        let path = endpoint.as_ref();
        let (stream, peer) = endpoint::connect(path, &options.server)
            .await
            .map_err(|error| ClientError::new(Some(path), Failure::Connect(Arc::new(error))))?;
        Self::open(Box::new(stream), Some(path.to_owned()), Some(peer), options).await
    }

    /// Speaks over a line that is there already: a pair in memory, a pipe, an inherited socket. Who is on
    /// the other end is for the caller to know.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn over(line: impl Io + 'static, options: Options) -> Result<Self, ClientError> {
        Self::open(Box::new(line), None, None, options).await
    }

    /// Who the collector is, where the system can tell.
    pub fn peer(&self) -> Option<Peer> {
        self.peer
    }

    /// Runs a task and returns its whole result.
    ///
    /// Dropping the future cancels the task.
    ///
    /// # Errors
    /// Why there is no result; [`Failure::TooLarge`] over [`Options::max_result`]. A task that ran and
    /// failed is a result, with `success` false.
    pub async fn call(
        &self,
        task: &DetectionTask<'_>,
    ) -> Result<proto::DetectionResult, ClientError> {
        self.stream(task).await?.collect(self.options.max_result).await
    }

    /// Begins a task, whose result comes in chunks. Dropping the stream cancels the task.
    ///
    /// Waits while as many tasks are under way as the collector works on at once. Cancel safe: a task
    /// whose future is dropped was not sent.
    ///
    /// # Errors
    /// Why the task could not be sent.
    pub async fn stream(&self, task: &DetectionTask<'_>) -> Result<Stream, ClientError> {
        let submitted = self.handle.submit(task, self.options.deadline).await;
        let id = submitted.map_err(|failure| self.handle.error(failure))?;
        Ok(Stream::new(self.handle.clone(), id))
    }

    /// Ends the connection in order: tells the collector, and waits until the line is closed.
    pub async fn close(self) {
        self.handle.close().await;
    }

    async fn open(
        io: Box<dyn Io>,
        endpoint: Option<PathBuf>,
        peer: Option<Peer>,
        options: Options,
    ) -> Result<Self, ClientError> {
        let clock = Clock::start();
        let session = Session::new(Role::Agent, options.session, Vec::new(), clock.now());
        let handle = Arc::new(Handle::new(State::new(io, session, clock), endpoint));
        tokio::spawn(driver::drive(handle.shared()));
        handle.opened().await.map_err(|failure| handle.error(failure))?;
        Ok(Self { handle, options: Arc::new(options), peer })
    }
}
