//! Large results: chunks that are filled record by record, and records read while they are decoded.

use crate::copy::copy;
use crate::runtime::{Slots, encode_field};
use crate::{
    DetectionResult, DetectionResultVisitor, ErrorKind, Field, Finding, HashResult, Limits,
    Message, MessageError, ProcessEvent, ProcessRecord,
};

/// Fills a caller's buffer with one chunk of a result, record by record.
///
/// Chunks put one behind the other are the encoding of the whole result, so a large one goes out as
/// many. A record that does not fit leaves the chunk as it was. No chunk grows over 128 KiB, however
/// large the buffer: a receiver takes at most so many elements in one message as fit there.
///
/// ```
/// use eyelet_codec::{DetectionResult, Message, ProcessRecord, Pushed, ResultWriter};
///
/// let mut buf = [0; 64];
/// let mut chunk = ResultWriter::new(&mut buf);
/// let record = ProcessRecord { pid: 1, name: "init", ..Default::default() };
/// while chunk.push(&record)? == Pushed::Done {}
/// let len = chunk.len();
/// assert_eq!(DetectionResult::decode(&buf[..len])?.processes.count(), 6);
/// # Ok::<(), eyelet_codec::MessageError>(())
/// ```
#[derive(Debug)]
pub struct ResultWriter<'b> {
    buf: &'b mut [u8],
    progress: Progress,
}

/// No element of a result is encoded in less than two bytes.
const MAX_CHUNK: usize = 2 * DetectionResult::LIMITS.elements as usize;

/// How far a chunk has come, so that it can be gone on with in a buffer that has moved or grown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    len: usize,
    processes: u32,
    events: u32,
    findings: u32,
    hash_results: u32,
    /// Of unknown records, no more of which may come.
    is_whole: bool,
}

/// Whether a record has gone into the chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// It has.
    Done,
    /// It has not: the buffer has no room for it, or the chunk as many records as one may have.
    Full,
}

impl Progress {
    /// Bytes of the chunk so far.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing has been written.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// With the records of `once`.
    fn with(self, once: &DetectionResult<'_>) -> Result<Self, MessageError> {
        let sum = |field, count, more| self.sum(field, count, more);
        let hashes = once.hash_results.count();
        Ok(Self {
            processes: sum(&DetectionResult::PROCESSES, self.processes, once.processes.count())?,
            events: sum(&DetectionResult::EVENTS, self.events, once.events.count())?,
            findings: sum(&DetectionResult::FINDINGS, self.findings, once.findings.count())?,
            hash_results: sum(&DetectionResult::HASH_RESULTS, self.hash_results, hashes)?,
            ..self
        })
    }

    fn sum(self, field: &Field, count: u32, more: usize) -> Result<u32, MessageError> {
        let count = if self.is_whole && more > 0 { field.max_items } else { count };
        let sum = count.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
        if sum > field.max_items {
            return Err(MessageError::items(DetectionResult::DESCRIPTOR, field, sum));
        }
        Ok(sum)
    }

    #[inline]
    fn grow(&mut self, len: usize) {
        self.len = self.len.saturating_add(len);
    }

    /// Records of all kinds so far.
    pub fn records(&self) -> u32 {
        [self.events, self.findings, self.hash_results]
            .iter()
            .fold(self.processes, |sum, count| sum.saturating_add(*count))
    }
}

impl Pushed {
    #[inline]
    fn count_after(self, count: u32) -> u32 {
        count.saturating_add((self == Self::Done).into())
    }
}

impl<'b> ResultWriter<'b> {
    /// Begins a chunk at the start of `buf`.
    pub fn new(buf: &'b mut [u8]) -> Self {
        Self { buf, progress: Progress::default() }
    }

    /// Goes on with a chunk that stands at the start of `buf`.
    pub fn resume(buf: &'b mut [u8], progress: Progress) -> Self {
        Self { buf, progress }
    }

    /// One more process.
    ///
    /// # Errors
    /// A record that breaks the schema's limits; the chunk is as it was.
    #[inline]
    pub fn push(&mut self, record: &ProcessRecord<'_>) -> Result<Pushed, MessageError> {
        let count = self.progress.processes;
        let pushed = self.append(&DetectionResult::PROCESSES, count, record)?;
        self.progress.processes = pushed.count_after(count);
        Ok(pushed)
    }

    /// One more event; errors as of [`push`](Self::push).
    pub fn push_event(&mut self, event: &ProcessEvent<'_>) -> Result<Pushed, MessageError> {
        let count = self.progress.events;
        let pushed = self.append(&DetectionResult::EVENTS, count, event)?;
        self.progress.events = pushed.count_after(count);
        Ok(pushed)
    }

    /// One more finding; errors as of [`push`](Self::push).
    pub fn push_finding(&mut self, finding: &Finding<'_>) -> Result<Pushed, MessageError> {
        let count = self.progress.findings;
        let pushed = self.append(&DetectionResult::FINDINGS, count, finding)?;
        self.progress.findings = pushed.count_after(count);
        Ok(pushed)
    }

    /// One more hash; errors as of [`push`](Self::push).
    pub fn push_hash(&mut self, hash: &HashResult<'_>) -> Result<Pushed, MessageError> {
        let count = self.progress.hash_results;
        let pushed = self.append(&DetectionResult::HASH_RESULTS, count, hash)?;
        self.progress.hash_results = pushed.count_after(count);
        Ok(pushed)
    }

    /// What a result says once: its task id in the first chunk, its scalars in the last.
    ///
    /// # Errors
    /// A field over its limit, its list with what the chunk has of it already counted together, or no
    /// room for them; the chunk is as it was.
    pub fn put(&mut self, once: &DetectionResult<'_>) -> Result<(), MessageError> {
        let progress = self.progress.with(once)?;
        let len = once.encode(self.rest())?;
        self.progress = progress;
        self.progress.grow(len);
        Ok(())
    }

    /// A whole chunk that another writer has filled, as it is. It is full if there is no room, or if this
    /// chunk has records already; none goes behind them.
    pub fn put_encoded(&mut self, chunk: &[u8]) -> Pushed {
        if self.progress.is_whole || self.progress.records() > 0 {
            return Pushed::Full;
        }
        let Some(room) = self.rest().get_mut(..chunk.len()) else { return Pushed::Full };
        copy(chunk, room);
        self.progress.grow(chunk.len());
        self.progress.is_whole = true;
        Pushed::Done
    }

    /// Bytes of the chunk so far.
    pub fn len(&self) -> usize {
        self.progress.len
    }

    /// Whether nothing has been written.
    pub fn is_empty(&self) -> bool {
        self.progress.is_empty()
    }

    /// How far the chunk has come.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    fn append<'a, M: Message<'a>>(
        &mut self,
        field: &Field,
        count: u32,
        record: &M,
    ) -> Result<Pushed, MessageError> {
        if count >= field.max_items || self.progress.is_whole {
            return Ok(Pushed::Full);
        }
        match encode_field::<DetectionResult, M>(field, record, self.rest()) {
            Ok(len) => {
                self.progress.grow(len);
                Ok(Pushed::Done)
            }
            Err(error) if error.kind() == ErrorKind::Buffer => Ok(Pushed::Full),
            Err(error) => Err(error),
        }
    }

    fn rest(&mut self) -> &mut [u8] {
        let end = self.buf.len().min(MAX_CHUNK);
        self.buf.get_mut(self.progress.len..end).unwrap_or(&mut [])
    }
}

impl DetectionResult<'_> {
    /// Decodes in one walk, with its processes in slots that the caller lends: afterwards they are a slice
    /// ([`Repeated::as_slice`](crate::Repeated::as_slice)).
    ///
    /// # Errors
    /// What was wrong with `bytes`; [`ErrorKind::Stopped`] if there are more processes than slots.
    pub fn decode_into<'s, 'a: 's>(
        bytes: &'a [u8],
        limits: &Limits,
        slots: &'s mut [ProcessRecord<'a>],
    ) -> Result<DetectionResult<'s>, MessageError> {
        let mut lent = Lent { slots, len: 0 };
        let mut result: DetectionResult<'s> =
            DetectionResult::decode_each(bytes, limits, &mut lent)?;
        let Lent { slots, len } = lent;
        let slots: &'s [ProcessRecord<'s>] = slots;
        result.processes = slots.get(..len).unwrap_or(&[]).into();
        Ok(result)
    }
}

struct Lent<'s, 'a> {
    slots: &'s mut [ProcessRecord<'a>],
    len: usize,
}

impl<'a> DetectionResultVisitor<'a> for Lent<'_, 'a> {
    #[inline]
    fn processes_kept_in(&mut self) -> Option<Slots<'_, ProcessRecord<'a>>> {
        Some(Slots { slots: &mut *self.slots, len: &mut self.len })
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn no_chunk_has_more_records_than_one_may_have() {
        let records = vec![record(); 4096];
        let some = |count| DetectionResult {
            processes: records[..count].into(),
            ..DetectionResult::default()
        };
        let mut buf = vec![0; MAX_CHUNK];
        let mut chunk = ResultWriter::new(&mut buf);
        chunk.put(&some(4000)).unwrap();
        let error = chunk.put(&some(97)).unwrap_err();
        assert_eq!((error.kind(), error.limit(), error.seen()), (ErrorKind::MaxItems, 4096, 4097));
        chunk.put(&some(95)).unwrap();
        assert_eq!(chunk.push(&record()), Ok(Pushed::Done));
        assert_eq!(chunk.push(&record()), Ok(Pushed::Full));
        let len = chunk.len();
        assert_eq!(DetectionResult::decode(&buf[..len]).unwrap().processes.count(), 4096);
    }

    #[test]
    fn nothing_goes_into_a_chunk_with_one_that_is_whole() {
        let (mut buf, encoded) = ([0; 64], [0x22, 3, 0x1a, 1, b'x']);
        let mut chunk = ResultWriter::new(&mut buf);
        chunk.put(&DetectionResult { task_id: "t", ..DetectionResult::default() }).unwrap();
        assert_eq!(chunk.put_encoded(&encoded), Pushed::Done);
        assert_eq!(chunk.put_encoded(&encoded), Pushed::Full);
        assert_eq!(chunk.push(&record()), Ok(Pushed::Full));
        let records = [record()];
        let more = DetectionResult { processes: (&records).into(), ..DetectionResult::default() };
        assert_eq!(chunk.put(&more).unwrap_err().kind(), ErrorKind::MaxItems);
        chunk.put(&DetectionResult { success: true, ..DetectionResult::default() }).unwrap();
        let len = chunk.len();
        let read = DetectionResult::decode(&buf[..len]).unwrap();
        assert_eq!((read.task_id, read.success, read.processes.count()), ("t", true, 1));

        let mut buf = [0; 64];
        let mut chunk = ResultWriter::new(&mut buf);
        assert_eq!(chunk.push(&record()), Ok(Pushed::Done));
        assert_eq!(chunk.put_encoded(&encoded), Pushed::Full);
    }

    fn record() -> ProcessRecord<'static> {
        ProcessRecord { name: "x", ..ProcessRecord::default() }
    }
}
