//! femtopb: borrowed messages; what repeats is decoded when it is read.

use eyelet_codec::{DetectionResult, DetectionTask};
use femtopb::{EnumValue, Enumeration, Message as _, Packed, Repeated};

use super::{Decode, Encode};
use crate::field::{Field, show_chunk, show_note, show_record, show_task};
use crate::observer::Observer;

#[allow(warnings, clippy::all, clippy::pedantic)]
mod messages {
    include!(concat!(env!("OUT_DIR"), "/femtopb/_.rs"));
}

#[derive(Default)]
pub(crate) struct Femtopb;

impl<E: Enumeration> Field for EnumValue<E> {
    #[inline(always)]
    fn show(&self, field: u64, to: &mut impl Observer) {
        self.to_raw().show(field, to);
    }
}

show_note!(messages::FieldNote<'_>);

impl Decode for Femtopb {
    const WHO: &'static str = "femtopb";

    fn decode_task(&mut self, bytes: &'static [u8], to: &mut impl Observer) {
        let task = messages::DetectionTask::decode(bytes).expect("a valid task");
        show_task!(task, &task.process_filter, &task.hash_check, to);
    }

    fn decode_chunk(&mut self, bytes: &'static [u8], to: &mut impl Observer) {
        let chunk = messages::DetectionResult::decode(bytes).expect("a valid chunk");
        for record in chunk.processes.iter() {
            show_record!(record.expect("a valid record"), to);
        }
        show_chunk!(chunk, to);
    }
}

impl Encode for Femtopb {
    const WHO: &'static str = "femtopb";
    type Task = messages::DetectionTask<'static>;
    type Chunk = messages::DetectionResult<'static>;

    fn task(task: &DetectionTask<'static>) -> Self::Task {
        messages::DetectionTask {
            task_id: task.task_id,
            task_type: messages::TaskType::decode(task.task_type.0),
            process_filter: task.process_filter.map(|filter| messages::ProcessFilter {
                process_names: Repeated::from_slice(
                    filter.process_names.iter().collect::<Vec<_>>().leak(),
                ),
                pids: Packed::from_slice(filter.pids.iter().collect::<Vec<_>>().leak()),
                executable_pattern: filter.executable_pattern,
                ..Default::default()
            }),
            metadata: task.metadata,
            ..Default::default()
        }
    }

    fn chunk(chunk: &DetectionResult<'static>) -> Self::Chunk {
        let records: Vec<_> = chunk.processes.iter().map(|record| record_of(&record)).collect();
        messages::DetectionResult {
            task_id: chunk.task_id,
            success: chunk.success,
            processes: Repeated::from_slice(records.leak()),
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

fn record_of(record: &eyelet_codec::ProcessRecord<'static>) -> messages::ProcessRecord<'static> {
    messages::ProcessRecord {
        pid: record.pid,
        ppid: record.ppid,
        name: record.name,
        executable_path: record.executable_path,
        command_line: Repeated::from_slice(record.command_line.iter().collect::<Vec<_>>().leak()),
        start_time: record.start_time,
        cpu_usage: record.cpu_usage,
        memory_usage: record.memory_usage,
        user_id: record.user_id,
        accessible: record.accessible,
        file_exists: record.file_exists,
        collection_time: record.collection_time,
        ..Default::default()
    }
}

fn encode<'a>(message: &impl femtopb::Message<'a>, mut buf: &mut [u8]) -> usize {
    let room = buf.len();
    message.encode(&mut buf).expect("room");
    room - buf.len()
}
