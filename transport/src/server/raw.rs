//! Tasks and results as bytes, for another schema than eyelet's own on the same transport.
//!
//! Frames, streams, credit, deadlines and faults are the same; what a task asks and what a result says is
//! between the two applications. A client sends any [`Message`] by
//! [`Client::stream`](crate::Client::stream), and decodes what comes back by `Chunk::decode`.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use eyelet_codec::session::Refusal;
use eyelet_codec::{ErrorKind, FaultCode, Message, MessageError};
use tokio::task::JoinHandle;

use super::Options;
use super::chunk::{Mark, RECORD, Room, Sent, Wrote};
use super::core::Shared;
use super::waiters::Awaited;
use crate::Fault;
use crate::endpoint::Listener;
use crate::lock::lock;

pub use super::sink::SendError;

/// What a collector does with tasks that it decodes itself. Everything that is said of
/// [`server::Handler`](super::Handler) holds here.
pub trait Handler: Send + Sync + 'static {
    /// Works on one task and hands its result to `sink`.
    ///
    /// # Errors
    /// A fault says that the task could not be run or finished.
    fn handle(
        &self,
        task: Task<'_>,
        sink: &mut Sink,
    ) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// As [`server::serve_with`](super::serve_with).
///
/// # Errors
/// The listener itself failed.
pub async fn serve<H: Handler>(
    listener: Listener,
    handler: H,
    options: Options,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    super::accept::serve(listener, Arc::new(handler), options, shutdown).await
}

/// One encoded task.
pub struct Task<'t> {
    bytes: &'t [u8],
    core: &'t Shared,
}

impl<'t> Task<'t> {
    pub(super) fn new(bytes: &'t [u8], core: &'t Shared) -> Self {
        Self { bytes, core }
    }

    /// Nothing of it has been looked at.
    pub fn bytes(&self) -> &'t [u8] {
        self.bytes
    }

    /// The task as a message of its schema.
    ///
    /// # Errors
    /// The fault to end the task with. Bytes that are no such message end the connection (WIRE.md, rule
    /// 14).
    pub fn decode<M: Message<'t>>(&self) -> Result<M, Fault> {
        M::decode(self.bytes).map_err(|error| self.refuse(error))
    }

    fn refuse(&self, error: MessageError) -> Fault {
        let refusal = Refusal::of_task(error);
        if refusal.code == FaultCode::MALFORMED {
            lock(self.core).break_off(refusal);
        }
        refusal.with_fault(|fault| Fault::from(fault))
    }
}

/// Where a handler's result goes: straight into the bytes that leave for the agent.
///
/// What is sent are encoded messages, one behind the other; together they are the result, as protobuf
/// merges them.
pub struct Sink {
    pub(super) core: Shared,
    pub(super) mark: Mark,
    /// Work on a thread that was begun and not waited for.
    pub(super) work: Option<JoinHandle<()>>,
    last: Vec<u8>,
}

impl Sink {
    pub(super) fn new(core: Shared, stream: u32) -> Self {
        Self { core, mark: Mark { stream, begun: false }, work: None, last: Vec::new() }
    }

    /// Sends a part of the result, in one chunk with others where there is room. Waits while the agent's
    /// credit is spent or the line is full.
    ///
    /// Parts of one chunk are one message to who decodes it: where the schema limits how many of something
    /// a message may have, [`send_chunk`](Self::send_chunk) as many at a time.
    ///
    /// Cancel safe: a part is taken whole, or not at all.
    ///
    /// # Errors
    /// The stream has ended, the part breaks a limit, or it is too large for any frame of this agent.
    pub async fn send<'a>(&mut self, part: &impl Message<'a>) -> Result<(), SendError> {
        let Self { core, mark, .. } = self;
        let write = |room: Room<'_>| encode(&mut *room.buf, room.len, part);
        let sent = poll_fn(|cx| lock(core).poll_write(mark, 1, cx, write)).await;
        settle(sent)
    }

    /// As [`send`](Self::send), with a chunk to itself.
    ///
    /// # Errors
    /// As of [`send`](Self::send).
    pub async fn send_chunk<'a>(&mut self, part: &impl Message<'a>) -> Result<(), SendError> {
        let Self { core, mark, .. } = self;
        let write = |room: Room<'_>| encode(&mut *room.buf, room.len, part);
        let sent = poll_fn(|cx| lock(core).poll_write_chunk(mark, 1, cx, write)).await;
        settle(sent)
    }

    /// What the terminal packet says, behind all that was sent: what a result says once belongs there
    /// (WIRE.md, rule 5).
    ///
    /// # Errors
    /// The part breaks a limit.
    pub fn set_last<'a>(&mut self, part: &impl Message<'a>) -> Result<(), SendError> {
        self.last = vec![0; RECORD];
        loop {
            let len = self.last.len();
            match part.encode(&mut self.last) {
                Ok(len) => {
                    self.last.truncate(len);
                    return Ok(());
                }
                Err(error) if error.kind() == ErrorKind::Buffer => self.last.resize(2 * len, 0),
                Err(error) => return Err(SendError::Record(error)),
            }
        }
    }

    /// Has the task ended by TIMEOUT when so much time has passed since it came.
    pub fn set_deadline(&mut self, after: Duration) {
        let core = &mut *lock(&self.core);
        core.session.set_deadline(self.mark.stream, core.now.saturating_add(after));
    }

    /// Waits until work on a thread that was given up has stopped, or the session has ended the stream
    /// without it (WIRE.md, rule 5). Until then its stream holds its place, so that cancelling cannot
    /// gather threads.
    pub(super) async fn stopped(&mut self) {
        let Some(mut work) = self.work.take() else { return };
        let (core, stream) = (&self.core, self.mark.stream);
        poll_fn(|cx| {
            let mut core = lock(core);
            if core.is_overdue(stream) {
                return Poll::Ready(());
            }
            core.waiters.wait(stream, Awaited::End, cx.waker());
            // How it ended, and that it did not matter, is of no interest any more.
            Pin::new(&mut work).poll(cx).map(drop)
        })
        .await;
    }

    /// The terminal packet. False: no frame of this agent can hold it.
    pub(super) fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        let Self { core, mark, last, .. } = self;
        let finished = lock(core).poll_finish(mark, cx, |room| {
            Ok::<_, Infallible>(copy(&mut *room.buf, room.len, last))
        });
        finished.map(|Ok(fits)| fits)
    }
}

fn settle(sent: Result<Sent, MessageError>) -> Result<(), SendError> {
    match sent.map_err(SendError::Record)? {
        Sent::Done => Ok(()),
        Sent::TooLarge => Err(SendError::TooLarge),
        Sent::Gone => Err(SendError::Gone),
    }
}

/// Behind the first `len` bytes.
fn encode<'a>(buf: &mut [u8], len: usize, part: &impl Message<'a>) -> Result<Wrote, MessageError> {
    match part.encode(&mut buf[len..]) {
        Ok(more) => Ok(Wrote::All(len + more)),
        Err(error) if error.kind() == ErrorKind::Buffer => Ok(Wrote::Nothing),
        Err(error) => Err(error),
    }
}

/// Behind the first `len` bytes.
fn copy(buf: &mut [u8], len: usize, part: &[u8]) -> Wrote {
    let end = len + part.len();
    let Some(place) = buf.get_mut(len..end) else { return Wrote::Nothing };
    place.copy_from_slice(part);
    Wrote::All(end)
}
