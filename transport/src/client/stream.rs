use std::ops::ControlFlow;
use std::sync::Arc;

use eyelet_codec::session::{Detail, Refusal};
use eyelet_codec::{
    DetectionResult, DetectionResultVisitor, ErrorClass, FaultCode, Limits, Message, MessageError,
    ProcessRecord, proto,
};

use super::error::{ClientError, Failure};
use super::state::{Handle, Piece};

/// A result as it comes. Dropping it cancels the task, if it is still under way.
pub struct Stream {
    handle: Arc<Handle>,
    id: u32,
    /// Held by the chunk that was given out last.
    piece: Option<Piece>,
    records: u64,
}

/// One chunk of a result, not looked at yet.
pub struct Chunk<'s> {
    handle: &'s Handle,
    bytes: &'s [u8],
    records: &'s mut u64,
    last: bool,
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
        Ok(piece.as_ref().map(|piece| Chunk {
            handle,
            bytes: &piece.bytes,
            records,
            last: piece.last,
        }))
    }

    /// Records that were read so far.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// The whole result, of at most `max` bytes.
    pub(super) async fn collect(
        mut self,
        max: usize,
    ) -> Result<proto::DetectionResult, ClientError> {
        let mut whole = proto::DetectionResult::default();
        let mut len = 0;
        while let Some(chunk) = self.next().await? {
            len += chunk.bytes.len();
            if len > max {
                return Err(self.error(Failure::TooLarge { limit: max }));
            }
            chunk.check()?;
            let merged = prost::Message::merge(&mut whole, chunk.bytes);
            merged.map_err(|_| self.error(Failure::Protocol(undecodable())))?;
            self.records = whole.processes.len() as u64;
        }
        Ok(whole)
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

impl Chunk<'_> {
    /// Shows each process to `see` while the chunk is decoded, and returns the rest of it.
    ///
    /// # Errors
    /// The chunk is not a result, or breaks a limit; what was seen of it does not count.
    pub fn for_each(
        &mut self,
        mut see: impl FnMut(&ProcessRecord<'_>),
    ) -> Result<DetectionResult<'_>, ClientError> {
        let mut each = Each { see: &mut see, seen: 0 };
        let result = DetectionResult::decode_each(self.bytes, &Limits::SCHEMA, &mut each);
        let seen = each.seen;
        let result = result.map_err(|error| self.refuse(error))?;
        *self.records += seen;
        Ok(result)
    }

    /// Shows everything that repeats in a chunk to `visitor`, and returns the rest of it.
    ///
    /// # Errors
    /// As [`for_each`](Self::for_each); also when `visitor` breaks off.
    pub fn visit<'c>(
        &'c self,
        visitor: &mut impl DetectionResultVisitor<'c>,
    ) -> Result<DetectionResult<'c>, ClientError> {
        DetectionResult::decode_each(self.bytes, &Limits::SCHEMA, visitor)
            .map_err(|error| self.refuse(error))
    }

    /// Whether this is the last chunk, with what a result says once.
    pub fn is_last(&self) -> bool {
        self.last
    }

    /// Encoded bytes of the chunk.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether the chunk says nothing.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    fn check(&self) -> Result<(), ClientError> {
        DetectionResult::decode(self.bytes).map(drop).map_err(|error| self.refuse(error))
    }

    /// Bytes that are no result end the connection; those over a limit only their stream, which is
    /// cancelled when the caller drops it (WIRE.md, rule 14).
    fn refuse(&self, error: MessageError) -> ClientError {
        if error.class() == ErrorClass::Malformed {
            let detail = Detail::Message(error);
            self.handle.break_off(Refusal { code: FaultCode::MALFORMED, detail });
        }
        self.handle.error(Failure::InvalidResult(error)).after(*self.records)
    }
}

struct Each<'f, F> {
    see: &'f mut F,
    seen: u64,
}

impl<'a, F: FnMut(&ProcessRecord<'_>)> DetectionResultVisitor<'a> for Each<'_, F> {
    fn processes(&mut self, record: &ProcessRecord<'a>) -> ControlFlow<()> {
        (self.see)(record);
        self.seen += 1;
        ControlFlow::Continue(())
    }
}

/// What the borrowed pass has accepted and prost does not take: there is no such thing.
fn undecodable() -> Refusal {
    Refusal::new(FaultCode::INTERNAL, "two decoders disagree on a result, which is a bug")
}
