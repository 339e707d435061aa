//! Results on their way out: what a handler sends goes into the open chunk at the end of the outgoing
//! bytes.

use std::task::{Context, Poll, ready};

use eyelet_codec::FaultCode;
use eyelet_codec::session::{CONTROL_FRAME, Carried, OpenFrame, Refusal};

use super::core::Core;
use super::waiters::Awaited;
use crate::Fault;

/// A result frame that is being written at the end of the outgoing bytes.
pub(super) struct Chunk {
    stream: u32,
    frame: OpenFrame,
    /// Bytes of the result in it so far.
    len: usize,
    /// Nothing of the stream's result was sent before.
    is_first: bool,
}

/// Where a handler is in its stream.
pub(super) struct Mark {
    pub(super) stream: u32,
    /// A chunk was begun.
    pub(super) begun: bool,
}

/// Where more of a chunk is to be written.
pub(super) struct Room<'b> {
    /// All of the chunk's result; what was written before stands at its start.
    pub(super) buf: &'b mut [u8],
    /// Bytes that were written before.
    pub(super) len: usize,
    /// Nothing of the stream's result was sent or written before.
    pub(super) is_first: bool,
    /// No frame that the agent accepts has more room.
    pub(super) is_largest: bool,
}

/// What was written.
pub(super) enum Wrote {
    /// All there was; so long is the chunk's result now.
    All(usize),
    /// What has to come before; so long is the chunk's result now. The rest goes into the next.
    Part(usize),
    /// Nothing: there is too little room.
    Nothing,
}

/// What became of something that was to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    Done,
    /// It can never fit a frame that this agent accepts.
    TooLarge,
    /// The stream or the line has ended.
    Gone,
}

/// A chunk is sealed above it: bodies under 16,384 bytes keep both lengths in their place, and chunks
/// of this size fill a Unix socket by bytes and not by their number.
pub(super) const CHUNK: usize = 15 * 1024;
/// Room for a usual record; a larger one makes more.
pub(super) const RECORD: usize = 2 * 1024;
/// Written as soon as so much is sealed: waiting until nothing more is ready starves the peer. With 16 tasks
/// of 2 KB in flight that is a quarter off the rate.
const FLUSH: usize = 12 * 1024;
/// A send waits above it: all that a stalled reader costs.
pub(super) const HIGH: usize = 64 * 1024;
/// Chunks of one handler before the others, and the line, have their turn.
const TURN: u32 = 4;

impl Core {
    /// More of a stream's result: so many `records`. Pending without credit, or when too much waits for the
    /// line.
    pub(super) fn poll_write<E>(
        &mut self,
        mark: &mut Mark,
        records: u64,
        cx: &mut Context<'_>,
        mut write: impl FnMut(Room<'_>) -> Result<Wrote, E>,
    ) -> Poll<Result<Sent, E>> {
        loop {
            if !self.writes_for(mark.stream) && !ready!(self.poll_begin(mark, cx)) {
                return Poll::Ready(Ok(Sent::Gone));
            }
            if self.append(&mut write)? {
                self.tally.records += records;
                self.seal_if_long();
                return Poll::Ready(Ok(Sent::Done));
            }
            if self.chunk_is_empty() {
                return Poll::Ready(Ok(Sent::TooLarge));
            }
            self.seal(true);
        }
    }

    /// As [`poll_write`](Self::poll_write), with a chunk of its own, which leaves at once.
    pub(super) fn poll_write_chunk<E>(
        &mut self,
        mark: &mut Mark,
        records: u64,
        cx: &mut Context<'_>,
        write: impl FnMut(Room<'_>) -> Result<Wrote, E>,
    ) -> Poll<Result<Sent, E>> {
        self.seal(true);
        let sent = ready!(self.poll_write(mark, records, cx, write));
        if self.chunk.is_some() {
            self.seal_and_write();
        }
        Poll::Ready(sent)
    }

    /// The last packet of a stream, in the chunk still open if there is one. Pending while it needs
    /// credit, or while too much waits for the line. False: no frame of this agent can hold it.
    pub(super) fn poll_finish<E>(
        &mut self,
        mark: &mut Mark,
        cx: &mut Context<'_>,
        mut write: impl FnMut(Room<'_>) -> Result<Wrote, E>,
    ) -> Poll<Result<bool, E>> {
        if self.is_gone(mark.stream) {
            return Poll::Ready(Ok(true));
        }
        if !self.writes_for(mark.stream) {
            ready!(self.poll_room(mark.stream, cx));
        }
        if !self.writes_for(mark.stream) || !self.append(&mut write)? {
            let begun = mark.begun;
            self.begin(mark);
            if !self.append(&mut write)? {
                self.chunk = None;
                return Poll::Ready(Ok(false));
            }
            if !self.session.may_finish(mark.stream, self.body_len()) {
                (self.chunk, mark.begun) = (None, begun);
                self.wait_for_credit(mark.stream, cx);
                return Poll::Pending;
            }
        }
        self.seal(false);
        self.forget(mark.stream);
        self.tally.tasks_done += 1;
        self.write_if_much();
        Poll::Ready(Ok(true))
    }

    /// Ends a stream by a fault. Pending while too much waits for the line: until then the stream holds
    /// its place, so that an agent which does not read cannot have answers pile up here.
    pub(super) fn poll_fail(
        &mut self,
        stream: u32,
        fault: &Fault,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        ready!(self.poll_room(stream, cx));
        self.fail(stream, fault);
        Poll::Ready(())
    }

    fn fail(&mut self, stream: u32, fault: &Fault) {
        if !self.session.is_open() {
            return;
        }
        self.seal(true);
        self.forget(stream);
        let Some(room) = self.outgoing.room(CONTROL_FRAME).first_chunk_mut() else { return };
        let len = self.session.fail(self.now, stream, &fault.as_wire(), room);
        if len > 0 {
            self.outgoing.seal(len);
            self.tally.fault(fault.code);
        }
        if !self.session.is_open() {
            self.report_broken(&Refusal::new(
                FaultCode::FLOOD,
                "too many tasks that cannot be run",
            ));
        }
        self.outgoing.take_owed(&mut self.session);
    }

    fn writes_for(&self, stream: u32) -> bool {
        self.chunk.as_ref().is_some_and(|chunk| chunk.stream == stream)
    }

    fn chunk_is_empty(&self) -> bool {
        self.chunk.as_ref().is_none_or(|chunk| chunk.len == 0)
    }

    /// Begins a chunk. Everything that may have to wait is asked here, once a chunk and not once a
    /// record. `Ready(false)`: the stream is gone.
    fn poll_begin(&mut self, mark: &mut Mark, cx: &mut Context<'_>) -> Poll<bool> {
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
        ready!(self.poll_room(mark.stream, cx));
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

    fn begin(&mut self, mark: &mut Mark) {
        self.seal(true);
        let room = self.outgoing.room(OpenFrame::MAX_HEAD);
        let Ok(frame) = OpenFrame::begin(room, mark.stream, Carried::Result) else { return };
        let is_first = !std::mem::replace(&mut mark.begun, true);
        self.chunk = Some(Chunk { stream: mark.stream, frame, len: 0, is_first });
    }

    /// Writes more into the open chunk. Room for a usual record is offered first, then ever more. False:
    /// not all of it fits a frame that the agent accepts.
    fn append<E>(
        &mut self,
        write: &mut impl FnMut(Room<'_>) -> Result<Wrote, E>,
    ) -> Result<bool, E> {
        let Some(chunk) = &mut self.chunk else { return Ok(false) };
        let head = chunk.frame.message_start();
        let largest = self.session.max_body().saturating_sub(chunk.frame.body_len(0, true));
        let mut more = RECORD;
        loop {
            let end = (chunk.len + more).min(largest);
            let is_largest = end == largest;
            let room = Room {
                buf: &mut self.outgoing.room(head + end)[head..],
                len: chunk.len,
                is_first: chunk.is_first && chunk.len == 0,
                is_largest,
            };
            match write(room)? {
                Wrote::All(len) => {
                    chunk.len = len;
                    return Ok(true);
                }
                Wrote::Part(len) => {
                    chunk.len = len;
                    return Ok(false);
                }
                Wrote::Nothing if is_largest => return Ok(false),
                Wrote::Nothing => more *= 2,
            }
        }
    }

    fn body_len(&self) -> usize {
        self.chunk.as_ref().map_or(0, |chunk| chunk.frame.body_len(chunk.len, false))
    }

    fn seal_if_long(&mut self) {
        if self.chunk.as_ref().is_some_and(|chunk| chunk.len >= CHUNK) {
            self.seal_and_write();
        }
    }

    /// Ends a handler's chunk. What is sealed leaves as it goes, or the agent idles while we work.
    fn seal_and_write(&mut self) {
        self.seal(true);
        self.turn += 1;
        self.write_if_much();
    }

    fn write_if_much(&mut self) {
        if self.outgoing.waiting() >= FLUSH {
            self.write();
        }
    }

    pub(super) fn seal(&mut self, more: bool) {
        let Some(Chunk { stream, frame, len, .. }) = self.chunk.take() else { return };
        let room = self.outgoing.room(frame.message_start() + len + OpenFrame::MAX_TAIL);
        let body = frame.body_len(len, more);
        match frame.seal(room, len, more) {
            Ok(frame) => self.outgoing.seal(frame),
            Err(error) => log::error!("a result could not be framed, which is a bug: {error}"),
        }
        self.session.reply(self.now, stream, body, more);
    }
}
