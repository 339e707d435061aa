use std::error::Error;
use std::fmt::{self, Display, Formatter};
use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Duration;

use eyelet_codec::{FaultCode, MessageError, ProcessRecord, Progress, Pushed, ResultWriter};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use super::Outcome;
use super::results::{Mark, Sent, largest_message};
use super::state::{Shared, lock};
use crate::Fault;

/// Where a handler's records go: straight into the bytes that leave for the agent.
pub struct Sink<'t> {
    core: Shared,
    mark: Mark<'t>,
    left_out: u64,
    /// Work on a thread that was begun and not waited for.
    work: Option<JoinHandle<Produced>>,
}

/// How a producer ended, and how many of its records did not fit a frame.
type Produced = (Result<Outcome, Fault>, u64);

/// Why a record was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// The agent has cancelled or gone; end the work.
    Gone,
    /// The record breaks the schema's limits.
    Record(MessageError),
}

impl<'t> Sink<'t> {
    pub(super) fn new(core: Shared, stream: u32, task_id: &'t str) -> Self {
        Self { core, mark: Mark { stream, task_id, begun: false }, left_out: 0, work: None }
    }

    /// Sends one record. Waits while the agent's credit is spent or the line is full.
    ///
    /// A record that no frame of this agent can hold is left out, and counted in the result's coverage.
    /// Cancel safe: a record is taken whole, or not at all.
    ///
    /// # Errors
    /// The stream has ended, or the record breaks a limit.
    pub async fn send(&mut self, record: &ProcessRecord<'_>) -> Result<(), SendError> {
        let Self { core, mark, left_out, .. } = self;
        let sent = poll_fn(|cx| lock(core).poll_push(mark, record, cx)).await;
        settle(sent, left_out)
    }

    /// Runs `produce` on a thread where it may block, and sends what it makes, a few chunks ahead at
    /// most. When the stream ends early, its next [`Producer::send`] says so; the stream is told to have
    /// ended when it has returned, or 5 s later.
    ///
    /// # Errors
    /// What `produce` returned, or INTERNAL if it panicked.
    pub async fn blocking<F>(&mut self, produce: F) -> Result<Outcome, Fault>
    where
        F: FnOnce(&mut Producer) -> Result<Outcome, Fault> + Send + 'static,
    {
        // One that the handler has given up comes to its end first: a stream has one thread.
        if let Some(given_up) = &mut self.work {
            let _ = given_up.await;
        }
        let threads = lock(&self.core).threads.clone();
        let closed = |_| internal("the connection has ended");
        let turn = threads.acquire_owned().await.map_err(closed)?;
        let (chunks, mut filled) = mpsc::channel(CHUNKS_AHEAD);
        let room = largest_message(&lock(&self.core));
        let Self { core, mark, left_out, work } = self;
        let work = work.insert(spawn_blocking(move || {
            let _turn = turn;
            Producer::new(chunks, room).run(produce)
        }));
        while let Some(chunk) = filled.recv().await {
            let sent = poll_fn(|cx| lock(core).poll_push_chunk(mark, &chunk, cx)).await;
            settle(sent, left_out).map_err(SendError::into_fault)?;
        }
        let produced = work.await;
        self.work = None;
        let (outcome, left_out) = produced.map_err(|_| internal("the task's work panicked"))?;
        self.left_out += left_out;
        outcome
    }

    /// Waits until work on a thread that was given up has stopped (WIRE.md, rule 5). Until then its
    /// stream holds its place, so that cancelling cannot gather threads.
    pub(super) async fn stopped(&mut self) {
        if let Some(work) = self.work.take() {
            // Neither how it ended nor that it did not matters any more.
            let _ = timeout(STOP_WAIT, work).await;
        }
    }

    pub(super) fn poll_finish(
        &mut self,
        outcome: &Outcome,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), MessageError>> {
        let last = outcome.as_wire(self.left_out);
        lock(&self.core).poll_finish(&mut self.mark, &last, cx)
    }
}

fn settle(sent: Sent, left_out: &mut u64) -> Result<(), SendError> {
    match sent {
        Sent::Done => Ok(()),
        Sent::TooLarge => {
            *left_out += 1;
            Ok(())
        }
        Sent::Gone => Err(SendError::Gone),
        Sent::Refused(error) => Err(SendError::Record(error)),
    }
}

/// From a cancel to the end of its stream, within the 5 s that there are (WIRE.md, rule 5).
const STOP_WAIT: Duration = Duration::from_secs(4);
/// Chunks between a producer's thread and its connection.
const CHUNKS_AHEAD: usize = 2;
/// A producer's chunk is handed over above it.
const CHUNK: usize = 15 * 1024;

/// Where work on a thread of its own puts its records.
pub struct Producer {
    chunks: mpsc::Sender<Vec<u8>>,
    buf: Vec<u8>,
    progress: Progress,
    room: usize,
    left_out: u64,
}

impl Producer {
    fn new(chunks: mpsc::Sender<Vec<u8>>, room: usize) -> Self {
        Self { chunks, buf: Vec::new(), progress: Progress::default(), room, left_out: 0 }
    }

    /// Has the thread to itself, if the stream is still there when it comes to run.
    fn run(mut self, produce: impl FnOnce(&mut Self) -> Result<Outcome, Fault>) -> Produced {
        if self.chunks.is_closed() {
            return (Err(SendError::Gone.into_fault()), 0);
        }
        let outcome = produce(&mut self);
        // The agent being gone ends the work as much as its end does.
        let _ = self.flush();
        (outcome, self.left_out)
    }

    /// Sends one record; blocks while too much is under way.
    ///
    /// # Errors
    /// As [`Sink::send`].
    pub fn send(&mut self, record: &ProcessRecord<'_>) -> Result<(), SendError> {
        if self.chunks.is_closed() {
            return Err(SendError::Gone);
        }
        if self.push(record)? == Pushed::Full {
            self.flush()?;
            if self.push(record)? == Pushed::Full {
                self.left_out += 1;
            }
        }
        if self.progress.len() >= CHUNK { self.flush() } else { Ok(()) }
    }

    fn push(&mut self, record: &ProcessRecord<'_>) -> Result<Pushed, SendError> {
        let mut room = (CHUNK + 2 * 1024).min(self.room);
        loop {
            self.buf.resize(room.max(self.buf.len()), 0);
            let mut writer = ResultWriter::resume(&mut self.buf[..room], self.progress);
            let pushed = writer.push(record).map_err(SendError::Record)?;
            self.progress = writer.progress();
            if pushed == Pushed::Done || room == self.room {
                return Ok(pushed);
            }
            room = (2 * room).min(self.room);
        }
    }

    fn flush(&mut self) -> Result<(), SendError> {
        if self.progress.is_empty() {
            return Ok(());
        }
        self.buf.truncate(self.progress.len());
        self.progress = Progress::default();
        self.chunks.blocking_send(std::mem::take(&mut self.buf)).map_err(|_| SendError::Gone)
    }
}

impl SendError {
    fn into_fault(self) -> Fault {
        match self {
            Self::Gone => Fault::new(FaultCode::CANCELLED, "the agent wants no more"),
            Self::Record(error) => internal(error.to_string()),
        }
    }
}

pub(super) fn internal(message: impl Into<String>) -> Fault {
    Fault::new(FaultCode::INTERNAL, message)
}

/// So that a handler can use `?`.
impl From<SendError> for Fault {
    fn from(error: SendError) -> Self {
        error.into_fault()
    }
}

impl Display for SendError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("the agent wants no more"),
            Self::Record(error) => error.fmt(f),
        }
    }
}

impl Error for SendError {}
