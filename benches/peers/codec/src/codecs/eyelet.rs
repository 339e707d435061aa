//! This project's codec, in each of the ways it reads a result. Limits are not known when the
//! benchmark is compiled.

use std::hint::black_box;
use std::ops::ControlFlow;

use eyelet_codec::{
    DetectionResult, DetectionResultVisitor, DetectionTask, FieldNote, Limits, Message,
    ProcessRecord, Pushed, ResultWriter, TaskType,
};

use super::{Decode, Encode, Validate};
use crate::field::{Field, show_chunk, show_note, show_record, show_task};
use crate::observer::Observer;

show_note!(FieldNote);

impl Field for TaskType {
    #[inline(always)]
    fn show(&self, field: u64, to: &mut impl Observer) {
        self.0.show(field, to);
    }
}

impl Field for eyelet_codec::NoteKind {
    #[inline(always)]
    fn show(&self, field: u64, to: &mut impl Observer) {
        self.0.show(field, to);
    }
}

/// Records are seen while the message is decoded.
pub(crate) struct Visitor(Limits);

impl Default for Visitor {
    fn default() -> Self {
        Self(black_box(Limits::SCHEMA))
    }
}

struct Shown<'o, O>(&'o mut O);

impl<'a, O: Observer> DetectionResultVisitor<'a> for Shown<'_, O> {
    #[inline]
    fn processes(&mut self, record: &ProcessRecord<'a>) -> ControlFlow<()> {
        show_record!(record, &mut *self.0);
        ControlFlow::Continue(())
    }
}

impl Decode for Visitor {
    const WHO: &'static str = "eyelet";

    fn decode_task(&mut self, bytes: &'static [u8], to: &mut impl Observer) {
        let task = DetectionTask::decode_with(bytes, &self.0).expect("a valid task");
        show_task!(task, &task.process_filter, &task.hash_check, to);
    }

    fn decode_chunk(&mut self, bytes: &'static [u8], to: &mut impl Observer) {
        let mut shown = Shown(to);
        let chunk =
            DetectionResult::decode_each(bytes, &self.0, &mut shown).expect("a valid chunk");
        show_chunk!(chunk, shown.0);
    }
}

/// Records are decoded into lent slots, and read there.
pub(crate) struct Slots {
    limits: Limits,
    slots: Vec<ProcessRecord<'static>>,
}

impl Default for Slots {
    fn default() -> Self {
        let slots = vec![ProcessRecord::default(); 1_024];
        Self { limits: black_box(Limits::SCHEMA), slots }
    }
}

impl Decode for Slots {
    const WHO: &'static str = "eyelet slots";

    fn decode_task(&mut self, bytes: &'static [u8], to: &mut impl Observer) {
        Visitor(self.limits).decode_task(bytes, to);
    }

    fn decode_chunk(&mut self, bytes: &'static [u8], to: &mut impl Observer) {
        let chunk = DetectionResult::decode_into(bytes, &self.limits, &mut self.slots)
            .expect("a valid chunk");
        let records = chunk.processes.as_slice().expect("slots");
        records.iter().for_each(|record| show_record!(record, to));
        show_chunk!(chunk, to);
    }
}

/// The whole message is checked first, and its records are decoded again to be read.
pub(crate) struct Walk(Limits);

impl Default for Walk {
    fn default() -> Self {
        Self(black_box(Limits::SCHEMA))
    }
}

impl Decode for Walk {
    const WHO: &'static str = "eyelet checked, then walked";

    fn decode_task(&mut self, bytes: &'static [u8], to: &mut impl Observer) {
        Visitor(self.0).decode_task(bytes, to);
    }

    fn decode_chunk(&mut self, bytes: &'static [u8], to: &mut impl Observer) {
        let chunk = DetectionResult::decode_with(bytes, &self.0).expect("a valid chunk");
        chunk.processes.iter().for_each(|record| show_record!(record, to));
        show_chunk!(chunk, to);
    }
}

impl Validate for Walk {
    const WHO: &'static str = "eyelet";

    fn check_task(&mut self, bytes: &'static [u8]) -> bool {
        DetectionTask::decode_with(bytes, &self.0).is_ok()
    }

    fn check_chunk(&mut self, bytes: &'static [u8]) -> bool {
        DetectionResult::decode_with(bytes, &self.0).is_ok()
    }
}

/// A message that borrows what it says.
pub(crate) struct Borrowed;

impl Encode for Borrowed {
    const WHO: &'static str = "eyelet";
    type Task = DetectionTask<'static>;
    type Chunk = DetectionResult<'static>;

    fn task(task: &DetectionTask<'static>) -> DetectionTask<'static> {
        *task
    }

    fn chunk(chunk: &DetectionResult<'static>) -> DetectionResult<'static> {
        *chunk
    }

    fn encode_task(task: &DetectionTask<'static>, buf: &mut [u8]) -> usize {
        task.encode(buf).expect("a valid task")
    }

    fn encode_chunk(chunk: &DetectionResult<'static>, buf: &mut [u8]) -> usize {
        chunk.encode(buf).expect("a valid chunk")
    }
}

/// A chunk that grows record by record.
pub(crate) struct Writer;

impl Encode for Writer {
    const WHO: &'static str = "eyelet writer";
    type Task = DetectionTask<'static>;
    type Chunk = DetectionResult<'static>;

    fn task(task: &DetectionTask<'static>) -> DetectionTask<'static> {
        *task
    }

    fn chunk(chunk: &DetectionResult<'static>) -> DetectionResult<'static> {
        *chunk
    }

    fn encode_task(task: &DetectionTask<'static>, buf: &mut [u8]) -> usize {
        Borrowed::encode_task(task, buf)
    }

    fn encode_chunk(chunk: &DetectionResult<'static>, buf: &mut [u8]) -> usize {
        let mut writer = ResultWriter::new(buf);
        let once = DetectionResult { processes: [].as_slice().into(), ..*chunk };
        writer.put(&once).expect("a valid chunk");
        for record in chunk.processes.iter() {
            assert_eq!(writer.push(&record), Ok(Pushed::Done));
        }
        writer.len()
    }
}
