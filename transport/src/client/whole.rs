use std::ops::ControlFlow;

use eyelet_codec::session::Refusal;
use eyelet_codec::{
    DetectionResultVisitor, FaultCode, Finding, HashResult, ProcessEvent, ProcessRecord, proto,
};

use super::chunk::Chunk;
use super::error::{ClientError, Failure};

/// A whole result that is put together from its chunks, of about `max` bytes in memory at most.
pub(crate) struct Whole {
    result: proto::DetectionResult,
    len: usize,
    max: usize,
}

impl Whole {
    pub(crate) fn new(max: usize) -> Self {
        Self { result: proto::DetectionResult::default(), len: 0, max }
    }

    /// Adds the next chunk, and has its stream count the records.
    pub(crate) fn add(&mut self, chunk: Chunk<'_>) -> Result<(), ClientError> {
        let mut size = Size(chunk.len());
        let bytes = chunk.check(&mut size)?;
        self.len = self.len.saturating_add(size.0);
        if self.len > self.max {
            return Err(chunk.error(Failure::TooLarge { limit: self.max }));
        }
        if chunk.is_last() {
            // These are the last chunk's to say, and proto3 leaves out a `false`.
            (self.result.success, self.result.error_message) = (false, None);
        }
        let merged = prost::Message::merge(&mut self.result, bytes);
        merged.map_err(|_| chunk.error(Failure::Protocol(undecodable())))?;
        chunk.count(self.result.processes.len() as u64);
        Ok(())
    }

    pub(crate) fn into_result(self) -> proto::DetectionResult {
        self.result
    }
}

/// Bytes that a chunk's owned form takes, about: a record of five has hundreds in memory.
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

/// What the borrowed pass has accepted and prost does not take: there is no such thing.
fn undecodable() -> Refusal {
    Refusal::new(FaultCode::INTERNAL, "two decoders disagree on a result, which is a bug")
}
