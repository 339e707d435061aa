use std::time::Duration;

use eyelet_codec::proto;

use super::Client;
use super::connection::Piece;
use crate::client::{Chunk, ClientError, Failure, Retry, Source, Whole};

/// A result as it comes. Dropping it cancels the task, if it is still under way.
///
/// A task whose connection is lost before anything of its result was given out is sent again, as
/// [`Options::repeat`](super::Options::repeat) and [`Options::backoff`](super::Options::backoff) say.
pub struct Stream<'c> {
    client: &'c mut Client,
    id: u32,
    deadline: Option<Duration>,
    retry: Retry,
    state: State,
    /// What the chunk that was given out last takes of the credit.
    held: u64,
    /// Something was given out.
    begun: bool,
    records: u64,
}

enum State {
    Running,
    Done,
    Failed(Failure),
}

impl<'c> Stream<'c> {
    pub(super) fn new(
        client: &'c mut Client,
        id: u32,
        deadline: Option<Duration>,
        retry: Retry,
    ) -> Self {
        let state = State::Running;
        Self { client, id, deadline, retry, state, held: 0, begun: false, records: 0 }
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

    /// The whole result, of about `max` bytes in memory at most. Nothing of it is given out before all has
    /// come.
    pub(super) fn collect(mut self, max: usize) -> Result<proto::DetectionResult, ClientError> {
        let mut whole = Whole::new(max);
        loop {
            let error = match self.next() {
                Ok(Some(chunk)) => {
                    whole.add(chunk)?;
                    continue;
                }
                Ok(None) => return Ok(whole.into_result()),
                Err(error) => error,
            };
            if !self.send_again(error.failure()) {
                return Err(error);
            }
            (whole, self.state) = (Whole::new(max), State::Running);
            (self.begun, self.records) = (false, 0);
        }
    }

    fn piece(&mut self) -> Result<Piece, Failure> {
        loop {
            match self.client.connection.next(self.id, self.deadline) {
                Err(failure) if !self.begun && self.send_again(&failure) => {}
                next => {
                    self.begun = true;
                    return next.inspect_err(|_| self.client.connection.forget(self.id));
                }
            }
        }
    }

    /// False: that is not to be, or came to nothing.
    fn send_again(&mut self, failure: &Failure) -> bool {
        let Self { client, id, deadline, retry, .. } = self;
        if !client.pause(retry, failure, *deadline) {
            return false;
        }
        client.connection.forget(*id);
        let Ok(sent) = client.send(*deadline, retry) else { return false };
        *id = sent;
        true
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
