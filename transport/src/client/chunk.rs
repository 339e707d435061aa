use std::ops::ControlFlow;

use eyelet_codec::session::{Detail, Refusal};
use eyelet_codec::{
    DetectionResult, DetectionResultVisitor, ErrorClass, FaultCode, Finding, HashResult, Limits,
    Message, MessageError, ProcessEvent, ProcessRecord,
};

use super::error::{ClientError, Failure};

/// One chunk of a result, not looked at yet.
pub struct Chunk<'s> {
    source: &'s dyn Source,
    bytes: &'s [u8],
    records: &'s mut u64,
    last: bool,
}

/// The connection that a chunk has come over.
pub(crate) trait Source: Sync {
    /// An error that names the endpoint.
    fn error(&self, failure: Failure) -> ClientError;

    /// The collector's bytes were no result: nothing it sends can be trusted.
    fn break_off(&self, refusal: Refusal);
}

impl<'s> Chunk<'s> {
    /// The chunk that `bytes` are, of a stream that counts its `records`.
    pub(crate) fn new(
        source: &'s dyn Source,
        bytes: &'s [u8],
        last: bool,
        records: &'s mut u64,
    ) -> Self {
        Self { source, bytes, records, last }
    }

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

    /// The chunk as it came. Those of a whole stream, one behind the other, are the result; by rule each
    /// chunk is one, too, without what the last one says once.
    pub fn bytes(&self) -> &'s [u8] {
        self.bytes
    }

    /// The chunk as a message of another schema.
    ///
    /// # Errors
    /// The chunk is no such message, which ends the connection, or breaks a limit.
    pub fn decode<M: Message<'s>>(&self) -> Result<M, ClientError> {
        M::decode(self.bytes).map_err(|error| self.refuse(error))
    }

    /// Encoded bytes of the chunk.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether the chunk says nothing.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// As [`visit`](Self::visit), but what is seen does not count yet; returns the chunk's bytes.
    pub(super) fn check(
        &self,
        visitor: &mut impl DetectionResultVisitor<'s>,
    ) -> Result<&'s [u8], ClientError> {
        let checked = DetectionResult::decode_each(self.bytes, &Limits::SCHEMA, visitor);
        checked.map(|_| self.bytes).map_err(|error| self.refuse(error))
    }

    /// So many records of the stream were seen, this chunk's included.
    pub(super) fn count(self, records: u64) {
        *self.records = records;
    }

    /// With the count of the records before this chunk.
    pub(super) fn error(&self, failure: Failure) -> ClientError {
        self.source.error(failure).after(*self.records)
    }

    /// Bytes that are no result end the connection; those over a limit only their stream, which is
    /// cancelled when the caller drops it (WIRE.md, rule 14).
    fn refuse(&self, error: MessageError) -> ClientError {
        if error.class() == ErrorClass::Malformed {
            let detail = Detail::Message(error);
            self.source.break_off(Refusal { code: FaultCode::MALFORMED, detail });
        }
        self.error(Failure::InvalidResult(error))
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
