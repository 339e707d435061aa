//! Results on their way out: records go into the open chunk at the end of the outgoing bytes.

use std::task::{Context, Poll};

use eyelet_codec::session::{CONTROL_FRAME, Carried, OpenFrame};
use eyelet_codec::{
    DetectionResult, ErrorKind, FaultCode, MessageError, ProcessRecord, Progress, Pushed,
    ResultWriter,
};

use super::state::Core;
use super::waiters::Awaited;
use crate::Fault;
use crate::fault::cut;

/// A result frame that is being written at the end of the outgoing bytes.
pub(super) struct Chunk {
    stream: u32,
    frame: OpenFrame,
    progress: Progress,
}

/// Where a handler is in its stream.
pub(super) struct Mark<'t> {
    pub(super) stream: u32,
    pub(super) task_id: &'t str,
    /// The task id has been sent, in the first chunk.
    pub(super) begun: bool,
}

/// What became of a record.
#[derive(Clone, Copy)]
pub(super) enum Sent {
    Done,
    /// It can never fit a frame that this agent accepts.
    TooLarge,
    /// The stream or the line has ended.
    Gone,
    Refused(MessageError),
}

/// A chunk is sealed above it: bodies under 16,384 bytes keep both lengths in their place, and chunks
/// of this size fill a Unix socket by bytes and not by their number.
const CHUNK: usize = 15 * 1024;
/// Room for a usual record; a larger one makes more.
const RECORD: usize = 2 * 1024;
/// Room for what a result says once.
const ONCE: usize = 512;
/// A failed task's reason where there is no room for all of it: beside the longest task id it has room
/// in a body of 256 bytes, the smallest that an agent can accept at most.
const REASON: u32 = 64;
/// Written as soon as so much is sealed: waiting until nothing more is ready starves the peer.
const FLUSH: usize = 16 * 1024;
/// A send waits above it: all that a stalled reader costs.
pub(super) const HIGH: usize = 64 * 1024;
/// Chunks of one handler before the others, and the line, have their turn.
const TURN: u32 = 4;

impl Core {
    /// One record into the stream's chunk. Pending without credit, or when too much waits for the line.
    pub(super) fn poll_push(
        &mut self,
        mark: &mut Mark<'_>,
        record: &ProcessRecord<'_>,
        cx: &mut Context<'_>,
    ) -> Poll<Sent> {
        loop {
            if !self.writes_for(mark.stream) {
                match self.poll_begin(mark, cx) {
                    Poll::Ready(true) => {}
                    Poll::Ready(false) => return Poll::Ready(Sent::Gone),
                    Poll::Pending => return Poll::Pending,
                }
            }
            match self.append(record) {
                Ok(Pushed::Done) => {
                    self.seal_if_long();
                    return Poll::Ready(Sent::Done);
                }
                Ok(Pushed::Full) if self.chunk_is_empty() => return Poll::Ready(Sent::TooLarge),
                Ok(Pushed::Full) => self.seal(true),
                Err(error) => return Poll::Ready(Sent::Refused(error)),
            }
        }
    }

    /// An encoded chunk, as its own frame. Errors as of [`poll_push`](Self::poll_push).
    pub(super) fn poll_push_chunk(
        &mut self,
        mark: &mut Mark<'_>,
        encoded: &[u8],
        cx: &mut Context<'_>,
    ) -> Poll<Sent> {
        loop {
            self.seal(true);
            match self.poll_begin(mark, cx) {
                Poll::Ready(true) => {}
                Poll::Ready(false) => return Poll::Ready(Sent::Gone),
                Poll::Pending => return Poll::Pending,
            }
            match self.write_message(encoded.len(), |writer| Ok(writer.put_encoded(encoded))) {
                // The task id, which comes first, goes alone.
                Ok(Pushed::Full) if !self.chunk_is_empty() => continue,
                Ok(Pushed::Full) => return Poll::Ready(Sent::TooLarge),
                Ok(Pushed::Done) => {}
                Err(error) => return Poll::Ready(Sent::Refused(error)),
            }
            self.seal_and_write();
            return Poll::Ready(Sent::Done);
        }
    }

    /// The last packet of a stream, in the chunk still open if there is one. Pending while it needs
    /// credit, or while too much waits for the line.
    pub(super) fn poll_finish(
        &mut self,
        mark: &mut Mark<'_>,
        last: &DetectionResult<'_>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), MessageError>> {
        if self.is_gone(mark.stream) {
            return Poll::Ready(Ok(()));
        }
        if !self.writes_for(mark.stream) && self.poll_room(mark.stream, cx).is_pending() {
            return Poll::Pending;
        }
        if !self.writes_for(mark.stream) || self.put(last)? == Pushed::Full {
            let begun = mark.begun;
            self.begin(mark);
            if self.put(last)? == Pushed::Full {
                self.put_cut(last)?;
            }
            if !self.session.may_finish(mark.stream, self.body_len()) {
                (self.chunk, mark.begun) = (None, begun);
                self.wait_for_credit(mark.stream, cx);
                return Poll::Pending;
            }
        }
        self.seal(false);
        self.forget(mark.stream);
        Poll::Ready(Ok(()))
    }

    /// Ends a stream by a fault. Pending while too much waits for the line: until then the stream holds
    /// its place, so that an agent which does not read cannot have answers pile up here.
    pub(super) fn poll_fail(
        &mut self,
        stream: u32,
        fault: &Fault,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let room = self.poll_room(stream, cx);
        if room.is_ready() {
            self.fail(stream, fault);
        }
        room
    }

    fn fail(&mut self, stream: u32, fault: &Fault) {
        if !self.session.is_open() {
            return;
        }
        self.seal(true);
        self.forget(stream);
        let Some(room) = self.outgoing.room(CONTROL_FRAME).first_chunk_mut() else { return };
        let len = self.session.fail(self.now, stream, &fault.as_wire(), room);
        self.outgoing.seal(len);
        if !self.session.is_open() {
            log::warn!("connection ended: too many tasks that cannot be run");
        }
        self.outgoing.take_owed(&mut self.session);
    }

    fn writes_for(&self, stream: u32) -> bool {
        self.chunk.as_ref().is_some_and(|chunk| chunk.stream == stream)
    }

    fn chunk_is_empty(&self) -> bool {
        self.chunk.as_ref().is_none_or(|chunk| chunk.progress.is_empty())
    }

    /// Begins a chunk. Everything that may have to wait is asked here, once a chunk and not once a
    /// record. `Ready(false)`: the stream is gone.
    fn poll_begin(&mut self, mark: &mut Mark<'_>, cx: &mut Context<'_>) -> Poll<bool> {
        if self.is_gone(mark.stream) {
            return Poll::Ready(false);
        }
        if self.turn >= TURN {
            self.turn = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if !self.session.may_reply(mark.stream) {
            self.wait_for_credit(mark.stream, cx);
            return Poll::Pending;
        }
        if self.poll_room(mark.stream, cx).is_pending() {
            return Poll::Pending;
        }
        self.begin(mark);
        Poll::Ready(true)
    }

    /// An agent that has shut its sending half gets what its credit is good for, and no more.
    fn wait_for_credit(&mut self, stream: u32, cx: &mut Context<'_>) {
        self.waiters.wait(stream, Awaited::Credit, cx.waker());
        if self.ended {
            self.end(stream, FaultCode::CANCELLED);
        }
    }

    fn poll_room(&mut self, stream: u32, cx: &mut Context<'_>) -> Poll<()> {
        if self.outgoing.waiting() > HIGH && !self.dead {
            self.waiters.wait(stream, Awaited::Room, cx.waker());
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    fn begin(&mut self, mark: &mut Mark<'_>) {
        self.seal(true);
        let room = self.outgoing.room(CHUNK + RECORD);
        let Ok(frame) = OpenFrame::begin(room, mark.stream, Carried::Result) else { return };
        self.chunk = Some(Chunk { stream: mark.stream, frame, progress: Progress::default() });
        if !std::mem::replace(&mut mark.begun, true) {
            // A task id that was decoded is within its limit, and the room is larger than any.
            let _ = self.put(&DetectionResult { task_id: mark.task_id, ..Default::default() });
        }
    }

    fn put(&mut self, once: &DetectionResult<'_>) -> Result<Pushed, MessageError> {
        self.write_message(ONCE, |writer| match writer.put(once) {
            Ok(()) => Ok(Pushed::Done),
            Err(error) if error.kind() == ErrorKind::Buffer => Ok(Pushed::Full),
            Err(error) => Err(error),
        })
    }

    /// What a frame that the agent accepts has room for (WIRE.md, rule 7).
    fn put_cut(&mut self, last: &DetectionResult<'_>) -> Result<(), MessageError> {
        let error_message = last.error_message.map(|text| cut(text, REASON));
        let last = DetectionResult { error_message, hash_result: None, ..*last };
        if self.put(&last)? == Pushed::Full {
            self.put(&DetectionResult { error_message: None, ..last })?;
        }
        Ok(())
    }

    fn append(&mut self, record: &ProcessRecord<'_>) -> Result<Pushed, MessageError> {
        self.write_message(RECORD, |writer| writer.push(record))
    }

    /// Writes more of the open chunk's message. Room for `len` bytes is offered first, then ever more:
    /// `Full` is what a frame that the agent accepts cannot hold.
    fn write_message(
        &mut self,
        mut len: usize,
        mut write: impl FnMut(&mut ResultWriter<'_>) -> Result<Pushed, MessageError>,
    ) -> Result<Pushed, MessageError> {
        let Some(chunk) = &mut self.chunk else { return Ok(Pushed::Full) };
        let head = chunk.frame.message_start();
        let largest = self.session.max_body().saturating_sub(chunk.frame.body_len(0, true));
        loop {
            let end = (chunk.progress.len() + len).min(largest);
            let room = &mut self.outgoing.room(head + end)[head..];
            let mut writer = ResultWriter::resume(room, chunk.progress);
            if write(&mut writer)? == Pushed::Done {
                chunk.progress = writer.progress();
                return Ok(Pushed::Done);
            }
            if end == largest {
                return Ok(Pushed::Full);
            }
            len *= 2;
        }
    }

    fn body_len(&self) -> usize {
        self.chunk.as_ref().map_or(0, |chunk| chunk.frame.body_len(chunk.progress.len(), false))
    }

    fn seal_if_long(&mut self) {
        if self.chunk.as_ref().is_some_and(|chunk| chunk.progress.len() >= CHUNK) {
            self.seal_and_write();
        }
    }

    /// Ends a handler's chunk. What is sealed leaves as it goes, or the agent idles while we work.
    fn seal_and_write(&mut self) {
        self.seal(true);
        self.turn += 1;
        if self.outgoing.waiting() >= FLUSH {
            self.write();
        }
    }

    pub(super) fn seal(&mut self, more: bool) {
        let Some(Chunk { stream, frame, progress }) = self.chunk.take() else { return };
        let len = progress.len();
        let room = self.outgoing.room(frame.message_start() + len + OpenFrame::MAX_TAIL);
        let body = frame.body_len(len, more);
        match frame.seal(room, len, more) {
            Ok(frame) => self.outgoing.seal(frame),
            Err(error) => log::error!("a result could not be framed, which is a bug: {error}"),
        }
        self.session.reply(self.now, stream, body, more);
    }
}

/// Bytes of the largest result that a frame to this agent can carry.
pub(super) fn largest_message(core: &Core) -> usize {
    core.session.max_body().saturating_sub(OpenFrame::MAX_HEAD)
}
