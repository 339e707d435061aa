//! quick-protobuf: borrowed text, `Vec`s of what repeats.

use std::borrow::Cow;

use eyelet_codec::{DetectionResult, DetectionTask};
use quick_protobuf::{BytesReader, BytesWriter, MessageRead, MessageWrite, Writer};

use super::{Decode, Encode, Validate};
use crate::field::{Field, show_chunk, show_note, show_record, show_task};
use crate::observer::Observer;

/// What it generates knows itself by this name.
#[allow(warnings, clippy::all, clippy::pedantic)]
mod ipc {
    include!(concat!(env!("OUT_DIR"), "/quick_protobuf/ipc.rs"));
}

#[derive(Default)]
pub(crate) struct QuickProtobuf;

impl Field for ipc::TaskType {
    #[inline(always)]
    fn show(&self, field: u64, to: &mut impl Observer) {
        (*self as i32).show(field, to);
    }
}

impl Field for ipc::NoteKind {
    #[inline(always)]
    fn show(&self, field: u64, to: &mut impl Observer) {
        (*self as i32).show(field, to);
    }
}

show_note!(ipc::FieldNote);

fn read<'a, M: MessageRead<'a>>(bytes: &'a [u8]) -> quick_protobuf::Result<M> {
    M::from_reader(&mut BytesReader::from_bytes(bytes), bytes)
}

impl Decode for QuickProtobuf {
    const WHO: &'static str = "quick-protobuf";

    fn decode_task(&mut self, bytes: &'static [u8], to: &mut impl Observer) {
        let task: ipc::DetectionTask<'_> = read(bytes).expect("a valid task");
        show_task!(task, &task.process_filter, &task.hash_check, to);
    }

    fn decode_chunk(&mut self, bytes: &'static [u8], to: &mut impl Observer) {
        let chunk: ipc::DetectionResult<'_> = read(bytes).expect("a valid chunk");
        chunk.processes.iter().for_each(|record| show_record!(record, to));
        show_chunk!(chunk, to);
    }
}

impl Validate for QuickProtobuf {
    const WHO: &'static str = "quick-protobuf";

    fn check_task(&mut self, bytes: &'static [u8]) -> bool {
        read::<ipc::DetectionTask<'_>>(bytes).is_ok()
    }

    fn check_chunk(&mut self, bytes: &'static [u8]) -> bool {
        read::<ipc::DetectionResult<'_>>(bytes).is_ok()
    }
}

impl Encode for QuickProtobuf {
    const WHO: &'static str = "quick-protobuf";
    type Task = ipc::DetectionTask<'static>;
    type Chunk = ipc::DetectionResult<'static>;

    fn task(task: &DetectionTask<'static>) -> Self::Task {
        ipc::DetectionTask {
            task_id: task.task_id.into(),
            task_type: task.task_type.0.into(),
            process_filter: task.process_filter.map(|filter| ipc::ProcessFilter {
                process_names: filter.process_names.iter().map(Cow::Borrowed).collect(),
                pids: filter.pids.iter().collect(),
                executable_pattern: filter.executable_pattern.unwrap_or_default().into(),
            }),
            metadata: task.metadata.unwrap_or_default().into(),
            ..Default::default()
        }
    }

    fn chunk(chunk: &DetectionResult<'static>) -> Self::Chunk {
        ipc::DetectionResult {
            task_id: chunk.task_id.into(),
            success: chunk.success,
            processes: chunk.processes.iter().map(|record| record_of(&record)).collect(),
            ..Default::default()
        }
    }

    fn encode_task(task: &Self::Task, buf: &mut [u8]) -> usize {
        encode(task, buf)
    }

    fn encode_chunk(chunk: &Self::Chunk, buf: &mut [u8]) -> usize {
        encode(chunk, buf)
    }
}

fn record_of(record: &eyelet_codec::ProcessRecord<'static>) -> ipc::ProcessRecord<'static> {
    ipc::ProcessRecord {
        pid: record.pid,
        ppid: record.ppid.unwrap_or_default(),
        name: record.name.into(),
        executable_path: record.executable_path.unwrap_or_default().into(),
        command_line: record.command_line.iter().map(Cow::Borrowed).collect(),
        start_time: record.start_time.unwrap_or_default(),
        cpu_usage: record.cpu_usage.unwrap_or_default(),
        memory_usage: record.memory_usage.unwrap_or_default(),
        user_id: record.user_id.unwrap_or_default().into(),
        accessible: record.accessible,
        file_exists: record.file_exists,
        collection_time: record.collection_time,
        ..Default::default()
    }
}

/// Its `serialize_into_slice` writes a length first; this does the same without it.
fn encode(message: &impl MessageWrite, buf: &mut [u8]) -> usize {
    let len = message.get_size();
    let room = buf.get_mut(..len).expect("room");
    message.write_message(&mut Writer::new(BytesWriter::new(room))).expect("room");
    len
}
