use std::sync::Arc;

use eyelet_codec::proto;

use super::chunk::{Chunk, Source};
use super::error::{ClientError, Failure};
use super::handle::Handle;
use super::streams::Piece;
use super::whole::Whole;

/// A result as it comes. Dropping it cancels the task, if it is still under way.
pub struct Stream {
    handle: Arc<Handle>,
    id: u32,
    /// Held by the chunk that was given out last.
    piece: Option<Piece>,
    records: u64,
}

impl Stream {
    pub(super) fn new(handle: Arc<Handle>, id: u32) -> Self {
        Self { handle, id, piece: None, records: 0 }
    }

    /// The next chunk, or `None` behind the last. The chunk before is let go, so that more may come.
    ///
    /// Cancel safe: no chunk is lost when the future is dropped.
    ///
    /// # Errors
    /// Why the result is not whole; it says how many records had come.
    pub async fn next(&mut self) -> Result<Option<Chunk<'_>>, ClientError> {
        if let Some(piece) = self.piece.take() {
            self.handle.consume(self.id, piece.cost);
        }
        let next = self.handle.next(self.id).await;
        self.piece = next.map_err(|failure| self.error(failure))?;
        let Self { handle, piece, records, .. } = self;
        Ok(piece.as_ref().map(|piece| Chunk::new(&**handle, &piece.bytes, piece.last, records)))
    }

    /// Records that were read so far.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// The whole result, of about `max` bytes in memory at most.
    pub(super) async fn collect(
        mut self,
        max: usize,
    ) -> Result<proto::DetectionResult, ClientError> {
        let mut whole = Whole::new(max);
        while let Some(chunk) = self.next().await? {
            whole.add(chunk)?;
        }
        Ok(whole.into_result())
    }

    fn error(&self, failure: Failure) -> ClientError {
        self.handle.error(failure).after(self.records)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.handle.forget(self.id);
    }
}
