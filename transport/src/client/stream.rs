use std::ops::ControlFlow;
use std::sync::Arc;

use eyelet_codec::session::{Detail, Refusal};
use eyelet_codec::{
    DetectionResult, DetectionResultVisitor, ErrorClass, FaultCode, Finding, HashResult, Limits,
    MessageError, ProcessEvent, ProcessRecord, proto,
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

    /// The whole result, of about `max` bytes in memory at most.
    pub(super) async fn collect(
        mut self,
        max: usize,
    ) -> Result<proto::DetectionResult, ClientError> {
        let mut whole = proto::DetectionResult::default();
        let mut len = 0;
        while let Some(chunk) = self.next().await? {
            len += chunk.check()?;
            if len > max {
                return Err(self.error(Failure::TooLarge { limit: max }));
            }
            if chunk.last {
                // These are the last chunk's to say, and proto3 leaves out a `false`.
                (whole.success, whole.error_message) = (false, None);
            }
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

impl<'s> Chunk<'s> {
    /// Shows each process to `see` while the chunk is decoded, and returns the rest of it.
    ///
    /// # Errors
    /// The chunk is not a result, or breaks a limit; what was seen of it does not count.
    pub fn for_each(
        &mut self,
        see: impl FnMut(&ProcessRecord<'_>),
    ) -> Result<DetectionResult<'s>, ClientError> {
        self.visit(&mut Each(see))
    }

    /// Shows everything that repeats in a chunk to `visitor`, and returns the rest of it.
    ///
    /// # Errors
    /// As [`for_each`](Self::for_each); also when `visitor` breaks off.
    pub fn visit(
        &mut self,
        visitor: &mut impl DetectionResultVisitor<'s>,
    ) -> Result<DetectionResult<'s>, ClientError> {
        let mut counting = Counting { visitor, processes: 0 };
        let result = DetectionResult::decode_each(self.bytes, &Limits::SCHEMA, &mut counting);
        let seen = counting.processes;
        let result = result.map_err(|error| self.refuse(error))?;
        *self.records += seen;
        Ok(result)
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

    /// Bytes that the chunk's owned form takes, about: a record of five has hundreds in memory.
    fn check(&self) -> Result<usize, ClientError> {
        let mut size = Size(self.bytes.len());
        let checked = DetectionResult::decode_each(self.bytes, &Limits::SCHEMA, &mut size);
        checked.map(|_| size.0).map_err(|error| self.refuse(error))
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

struct Size(usize);

impl Size {
    fn add<T>(&mut self, items: usize) -> ControlFlow<()> {
        self.0 = self.0.saturating_add(items.saturating_mul(size_of::<T>()));
        ControlFlow::Continue(())
    }

    fn add_record(&mut self, record: &ProcessRecord<'_>) {
        let arguments = record.command_line.count() + record.command_line_raw.count();
        let _ = self.add::<String>(arguments);
        let _ = self.add::<proto::FieldNote>(record.notes.count());
    }
}

impl<'a> DetectionResultVisitor<'a> for Size {
    fn processes(&mut self, record: &ProcessRecord<'a>) -> ControlFlow<()> {
        self.add_record(record);
        self.add::<proto::ProcessRecord>(1)
    }

    fn events(&mut self, event: &ProcessEvent<'a>) -> ControlFlow<()> {
        event.process.iter().for_each(|record| self.add_record(record));
        self.add::<proto::ProcessEvent>(1)
    }

    fn findings(&mut self, _: &Finding<'a>) -> ControlFlow<()> {
        self.add::<proto::Finding>(1)
    }

    fn hash_results(&mut self, _: &HashResult<'a>) -> ControlFlow<()> {
        self.add::<proto::HashResult>(1)
    }
}

struct Each<F>(F);

impl<'a, F: FnMut(&ProcessRecord<'_>)> DetectionResultVisitor<'a> for Each<F> {
    fn processes(&mut self, record: &ProcessRecord<'a>) -> ControlFlow<()> {
        (self.0)(record);
        ControlFlow::Continue(())
    }
}

/// Counts what a visitor sees.
struct Counting<'v, V> {
    visitor: &'v mut V,
    processes: u64,
}

impl<'a, V: DetectionResultVisitor<'a>> DetectionResultVisitor<'a> for Counting<'_, V> {
    fn processes(&mut self, record: &ProcessRecord<'a>) -> ControlFlow<()> {
        self.processes += 1;
        self.visitor.processes(record)
    }

    fn events(&mut self, event: &ProcessEvent<'a>) -> ControlFlow<()> {
        self.visitor.events(event)
    }

    fn findings(&mut self, finding: &Finding<'a>) -> ControlFlow<()> {
        self.visitor.findings(finding)
    }

    fn hash_results(&mut self, hash: &HashResult<'a>) -> ControlFlow<()> {
        self.visitor.hash_results(hash)
    }
}

/// What the borrowed pass has accepted and prost does not take: there is no such thing.
fn undecodable() -> Refusal {
    Refusal::new(FaultCode::INTERNAL, "two decoders disagree on a result, which is a bug")
}
