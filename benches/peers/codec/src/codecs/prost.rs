//! prost, with the owned types that this project generates for its feature `alloc`.

use eyelet_codec::proto::{
    DetectionResult, DetectionTask, FieldNote, ProcessFilter, ProcessRecord,
};
use prost::Message;

use super::{Decode, Encode, Validate};
use crate::field::{show_chunk, show_note, show_record, show_task};
use crate::observer::Observer;

#[derive(Default)]
pub(crate) struct Prost;

show_note!(FieldNote);

impl Decode for Prost {
    const WHO: &'static str = "prost";

    fn decode_task(&mut self, bytes: &'static [u8], to: &mut impl Observer) {
        let task = <DetectionTask as Message>::decode(bytes).expect("a valid task");
        show_task!(task, &task.process_filter, &task.hash_check, to);
    }

    fn decode_chunk(&mut self, bytes: &'static [u8], to: &mut impl Observer) {
        let chunk = <DetectionResult as Message>::decode(bytes).expect("a valid chunk");
        chunk.processes.iter().for_each(|record| show_record!(record, to));
        show_chunk!(chunk, to);
    }
}

impl Validate for Prost {
    const WHO: &'static str = "prost";

    fn check_task(&mut self, bytes: &'static [u8]) -> bool {
        <DetectionTask as Message>::decode(bytes).is_ok()
    }

    fn check_chunk(&mut self, bytes: &'static [u8]) -> bool {
        <DetectionResult as Message>::decode(bytes).is_ok()
    }
}

impl Encode for Prost {
    const WHO: &'static str = "prost";
    type Task = DetectionTask;
    type Chunk = DetectionResult;

    fn task(task: &eyelet_codec::DetectionTask<'static>) -> DetectionTask {
        DetectionTask {
            task_id: task.task_id.to_owned(),
            task_type: task.task_type.0,
            process_filter: task.process_filter.map(|filter| ProcessFilter {
                process_names: filter.process_names.iter().map(str::to_owned).collect(),
                pids: filter.pids.iter().collect(),
                executable_pattern: filter.executable_pattern.map(str::to_owned),
            }),
            metadata: task.metadata.map(str::to_owned),
            ..Default::default()
        }
    }

    fn chunk(chunk: &eyelet_codec::DetectionResult<'static>) -> DetectionResult {
        DetectionResult {
            task_id: chunk.task_id.to_owned(),
            success: chunk.success,
            processes: chunk.processes.iter().map(|record| record_of(&record)).collect(),
            ..Default::default()
        }
    }

    fn encode_task(task: &DetectionTask, buf: &mut [u8]) -> usize {
        encode(task, buf)
    }

    fn encode_chunk(chunk: &DetectionResult, buf: &mut [u8]) -> usize {
        encode(chunk, buf)
    }
}

fn record_of(record: &eyelet_codec::ProcessRecord<'static>) -> ProcessRecord {
    ProcessRecord {
        pid: record.pid,
        ppid: record.ppid,
        name: record.name.to_owned(),
        executable_path: record.executable_path.map(str::to_owned),
        command_line: record.command_line.iter().map(str::to_owned).collect(),
        start_time: record.start_time,
        cpu_usage: record.cpu_usage,
        memory_usage: record.memory_usage,
        user_id: record.user_id.map(str::to_owned),
        accessible: record.accessible,
        file_exists: record.file_exists,
        collection_time: record.collection_time,
        ..Default::default()
    }
}

fn encode(message: &impl Message, mut buf: &mut [u8]) -> usize {
    let room = buf.len();
    message.encode(&mut buf).expect("room");
    room - buf.len()
}
