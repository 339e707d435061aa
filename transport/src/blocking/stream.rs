use std::time::Duration;

use eyelet_codec::proto;

use super::Client;
use super::connection::Piece;
use crate::client::{Chunk, ClientError, Failure, Source, Whole};

/// A result as it comes. Dropping it cancels the task, if it is still under way.
pub struct Stream<'c> {
    client: &'c mut Client,
    id: u32,
    deadline: Option<Duration>,
    state: State,
    /// What the chunk that was given out last takes of the credit.
    held: u64,
    /// A chunk has come, or the task was sent a second time.
    settled: bool,
    records: u64,
}

enum State {
    Running,
    Done,
    Failed(Failure),
}

impl<'c> Stream<'c> {
    pub(super) fn new(client: &'c mut Client, id: u32, deadline: Option<Duration>) -> Self {
        let state = State::Running;
        Self { client, id, deadline, state, held: 0, settled: false, records: 0 }
    }

    /// The next chunk, or `None` behind the last. It lies where it was read to; the chunk before is let
    /// go, so that more may come.
    ///
    /// # Errors
    /// Why the result is not whole; it says how many records had come.
    #[expect(clippy::should_implement_trait, reason = "an `Iterator` cannot lend what it gives")]
    pub fn next(&mut self) -> Result<Option<Chunk<'_>>, ClientError> {
        self.let_go();
        match &self.state {
            State::Running => {}
            State::Done => return Ok(None),
            State::Failed(failure) => return Err(self.error(failure.clone())),
        }
        let piece = self.piece().map_err(|failure| {
            self.state = State::Failed(failure.clone());
            self.error(failure)
        })?;
        self.held = piece.cost;
        if piece.last {
            self.state = State::Done;
        }
        let Client { connection, origin, .. } = &*self.client;
        let bytes = connection.bytes(&piece);
        Ok(Some(Chunk::new(origin, bytes, piece.last, &mut self.records)))
    }

    /// Records that were read so far.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// The whole result, of about `max` bytes in memory at most.
    pub(super) fn collect(mut self, max: usize) -> Result<proto::DetectionResult, ClientError> {
        let mut whole = Whole::new(max);
        while let Some(chunk) = self.next()? {
            whole.add(chunk)?;
        }
        Ok(whole.into_result())
    }

    /// A task that a collector on its way out has not begun is sent to the next one, once.
    fn piece(&mut self) -> Result<Piece, Failure> {
        let mut next = self.client.connection.next(self.id, self.deadline);
        if let Err(failure) = &next
            && !self.settled
            && self.client.may_send_again(failure)
        {
            self.id = self.client.send_again(self.deadline)?;
            next = self.client.connection.next(self.id, self.deadline);
        }
        self.settled = true;
        next.inspect_err(|failure| {
            if let Failure::Deadline = failure {
                self.client.connection.forget(self.id);
            }
        })
    }

    /// The chunk that was given out last is not needed any more.
    fn let_go(&mut self) {
        let Client { connection, origin, .. } = &mut *self.client;
        if let Some(refusal) = origin.malformed.take() {
            connection.break_off(refusal);
            self.state = State::Failed(Failure::Protocol(refusal));
        }
        let held = std::mem::take(&mut self.held);
        if held > 0 {
            connection.consume(self.id, held);
        }
    }

    fn error(&self, failure: Failure) -> ClientError {
        self.client.origin.error(failure).after(self.records)
    }
}

impl Drop for Stream<'_> {
    fn drop(&mut self) {
        self.held = 0;
        self.let_go();
        if !matches!(self.state, State::Done) {
            self.client.connection.forget(self.id);
        }
    }
}
