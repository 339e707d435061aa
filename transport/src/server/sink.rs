use std::error::Error;
use std::fmt::{self, Display, Formatter};
use std::future::poll_fn;

use eyelet_codec::{
    DetectionResult, ErrorKind, FaultCode, MessageError, ProcessRecord, Progress, Pushed,
    ResultWriter,
};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::chunk::{Room, Sent, Wrote};
use super::producer::{CHUNKS_AHEAD, Produced, Producer};
use super::{Outcome, raw};
use crate::Fault;
use crate::fault::cut;
use crate::lock::lock;

/// Where a handler's records go: straight into the bytes that leave for the agent.
pub struct Sink<'t> {
    raw: &'t mut raw::Sink,
    task_id: &'t str,
    /// In the open chunk, if that is this stream's.
    progress: Progress,
    left_out: u64,
}

/// Why something was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// The agent has cancelled or gone; end the work.
    Gone,
    /// It breaks the schema's limits.
    Record(MessageError),
    /// No frame that this agent accepts can hold it.
    TooLarge,
}

/// A failed task's reason where there is no room for all of it: beside the longest task id it has room
/// in a body of 256 bytes, the smallest that an agent can accept at most.
const REASON: u32 = 64;

impl<'t> Sink<'t> {
    pub(super) fn new(raw: &'t mut raw::Sink, task_id: &'t str) -> Self {
        Self { raw, task_id, progress: Progress::default(), left_out: 0 }
    }

    /// Sends one record. Waits while the agent's credit is spent or the line is full.
    ///
    /// A record that no frame of this agent can hold is left out, and counted in the result's coverage.
    /// Cancel safe: a record is taken whole, or not at all.
    ///
    /// # Errors
    /// The stream has ended, or the record breaks a limit.
    pub async fn send(&mut self, record: &ProcessRecord<'_>) -> Result<(), SendError> {
        let Self { raw, task_id, progress, left_out } = self;
        let raw::Sink { core, mark, .. } = &mut **raw;
        let sent = poll_fn(|cx| {
            let write = |mut room: Room<'_>| {
                write(&mut room, task_id, progress, |writer| writer.push(record))
            };
            lock(core).poll_write(mark, 1, cx, write)
        });
        match sent.await.map_err(SendError::Record)? {
            Sent::Done => {}
            Sent::TooLarge => *left_out += 1,
            Sent::Gone => return Err(SendError::Gone),
        }
        Ok(())
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
        if let Some(given_up) = &mut self.raw.work {
            let _ = given_up.await;
        }
        let (threads, room) = {
            let core = &mut *lock(&self.raw.core);
            (core.threads(), core.largest_message())
        };
        let closed = |_| internal("the connection has ended");
        let turn = threads.acquire_owned().await.map_err(closed)?;
        let (produced, mut made) = mpsc::channel(CHUNKS_AHEAD);
        self.raw.work = Some(spawn_blocking(move || {
            let _turn = turn;
            Producer::new(produced, room).run(produce);
        }));
        let mut ended = Err(internal("the task's work panicked"));
        while let Some(made) = made.recv().await {
            match made {
                Produced::Chunk(chunk, records) => self.send_chunk(&chunk, records).await?,
                Produced::End(outcome, left_out) => {
                    self.left_out += left_out;
                    ended = outcome;
                }
            }
        }
        self.raw.work = None;
        ended
    }

    /// An encoded chunk, as its own frame.
    async fn send_chunk(&mut self, chunk: &[u8], records: u64) -> Result<(), SendError> {
        let Self { raw, task_id, progress, left_out } = self;
        let raw::Sink { core, mark, .. } = &mut **raw;
        let sent = poll_fn(|cx| {
            let write = |mut room: Room<'_>| {
                write(&mut room, task_id, progress, |writer| Ok(writer.put_encoded(chunk)))
            };
            lock(core).poll_write_chunk(mark, records, cx, write)
        });
        match sent.await.map_err(SendError::Record)? {
            Sent::Done => {}
            Sent::TooLarge => *left_out += records,
            Sent::Gone => return Err(SendError::Gone),
        }
        Ok(())
    }

    /// The last packet. What does not fit a frame of this agent is cut (WIRE.md, rule 7).
    pub(super) async fn finish(mut self, outcome: &Outcome) -> Result<(), Fault> {
        let last = outcome.as_wire(self.left_out);
        let Self { raw, task_id, progress, .. } = &mut self;
        let raw::Sink { core, mark, .. } = &mut **raw;
        let finished = poll_fn(|cx| {
            let write = |mut room: Room<'_>| write_last(&mut room, task_id, progress, &last);
            lock(core).poll_finish(mark, cx, write)
        });
        finished.await.map_err(|error| internal(error.to_string()))?;
        Ok(())
    }
}

/// Writes more of the chunk's result, which begins with the task id if it is the first.
fn write(
    room: &mut Room<'_>,
    task_id: &str,
    progress: &mut Progress,
    write: impl Fn(&mut ResultWriter<'_>) -> Result<Pushed, MessageError>,
) -> Result<Wrote, MessageError> {
    if room.len == 0 {
        *progress = Progress::default();
    }
    let mut writer = ResultWriter::resume(room.buf, *progress);
    if room.is_first && put_id(&mut writer, task_id)? == Pushed::Full {
        return Ok(Wrote::Nothing);
    }
    let id = writer.progress();
    match write(&mut writer)? {
        Pushed::Done => {
            *progress = writer.progress();
            Ok(Wrote::All(progress.len()))
        }
        // The task id, which comes first, goes alone.
        Pushed::Full if room.is_first && room.is_largest => {
            *progress = id;
            Ok(Wrote::Part(progress.len()))
        }
        Pushed::Full => Ok(Wrote::Nothing),
    }
}

fn write_last(
    room: &mut Room<'_>,
    task_id: &str,
    progress: &mut Progress,
    last: &DetectionResult<'_>,
) -> Result<Wrote, MessageError> {
    let (is_fresh, is_first, is_largest) = (room.len == 0, room.is_first, room.is_largest);
    let started = if is_fresh { Progress::default() } else { *progress };
    let mut writer = ResultWriter::resume(room.buf, started);
    if is_first && put_id(&mut writer, task_id)? == Pushed::Full {
        return Ok(Wrote::Nothing);
    }
    let error_message = last.error_message.map(|text| cut(text, REASON));
    let shorter = DetectionResult { error_message, hash_result: None, ..*last };
    let shortest = DetectionResult { error_message: None, ..shorter };
    // A frame of its own that is as large as can be is the last there is.
    let ways: &[_] = if is_fresh && is_largest { &[*last, shorter, shortest] } else { &[*last] };
    for last in ways {
        if put(&mut writer, last)? == Pushed::Done {
            return Ok(Wrote::All(writer.progress().len()));
        }
    }
    Ok(Wrote::Nothing)
}

fn put_id(writer: &mut ResultWriter<'_>, task_id: &str) -> Result<Pushed, MessageError> {
    put(writer, &DetectionResult { task_id, ..Default::default() })
}

fn put(writer: &mut ResultWriter<'_>, once: &DetectionResult<'_>) -> Result<Pushed, MessageError> {
    match writer.put(once) {
        Ok(()) => Ok(Pushed::Done),
        Err(error) if error.kind() == ErrorKind::Buffer => Ok(Pushed::Full),
        Err(error) => Err(error),
    }
}

impl SendError {
    pub(super) fn into_fault(self) -> Fault {
        match self {
            Self::Gone => Fault::new(FaultCode::CANCELLED, "the agent wants no more"),
            error => internal(error.to_string()),
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
            Self::TooLarge => f.write_str("too large for a frame of this agent"),
        }
    }
}

impl Error for SendError {}
