//! Large results: chunks that are filled record by record, and records read while they are decoded.

use core::ops::ControlFlow;

use crate::copy::copy;
use crate::runtime::encode_field;
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
    /// A field over its limit, or no room for them; the chunk is as it was.
    pub fn put(&mut self, once: &DetectionResult<'_>) -> Result<(), MessageError> {
        let len = once.encode(self.rest())?;
        self.progress.grow(len);
        Ok(())
    }

    /// A whole chunk that another writer has filled, as it is.
    pub fn put_encoded(&mut self, chunk: &[u8]) -> Pushed {
        let Some(room) = self.rest().get_mut(..chunk.len()) else { return Pushed::Full };
        copy(chunk, room);
        self.progress.grow(chunk.len());
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
        if count >= field.max_items {
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
    /// Decodes in one walk, with its processes in slots that the caller lends: afterwards they are an
    /// ordinary slice, and reading them cannot fail.
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
    fn processes(&mut self, record: &ProcessRecord<'a>) -> ControlFlow<()> {
        let Some(slot) = self.slots.get_mut(self.len) else { return ControlFlow::Break(()) };
        *slot = *record;
        self.len = self.len.saturating_add(1);
        ControlFlow::Continue(())
    }
}
