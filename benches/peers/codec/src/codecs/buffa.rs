//! buffa: views that are decoded whole, views whose records are decoded when they are read, and owned
//! messages to encode.

use buffa::{EnumValue, Enumeration, LazyMessageView, Message, MessageView};
use eyelet_codec::{DetectionResult, DetectionTask};

use super::{Decode, Encode, Validate};
use crate::field::{Field, show_chunk, show_note, show_record, show_task};
use crate::observer::Observer;

#[allow(warnings, clippy::all, clippy::pedantic)]
mod messages {
    include!(concat!(env!("OUT_DIR"), "/buffa/mod.rs"));
}

#[derive(Default)]
pub(crate) struct View;

#[derive(Default)]
pub(crate) struct Lazy;

pub(crate) struct Owned;

impl<E: Enumeration> Field for EnumValue<E> {
    #[inline(always)]
    fn show(&self, field: u64, to: &mut impl Observer) {
        self.to_i32().show(field, to);
    }
}

show_note!(messages::FieldNoteView<'_>, messages::FieldNoteLazyView<'_>);

impl Decode for View {
    const WHO: &'static str = "buffa view";

    fn decode_task(&mut self, bytes: &'static [u8], to: &mut impl Observer) {
        let task = messages::DetectionTaskView::decode_view(bytes).expect("a valid task");
        let filter = task.process_filter.is_set().then_some(&task.process_filter);
        let check = task.hash_check.is_set().then_some(&task.hash_check);
        show_task!(task, filter, check, to);
    }

    fn decode_chunk(&mut self, bytes: &'static [u8], to: &mut impl Observer) {
        let chunk = messages::DetectionResultView::decode_view(bytes).expect("a valid chunk");
        chunk.processes.iter().for_each(|record| show_record!(record, to));
        show_chunk!(chunk, to);
    }
}

impl Validate for View {
    const WHO: &'static str = "buffa view";

    fn check_task(&mut self, bytes: &'static [u8]) -> bool {
        messages::DetectionTaskView::decode_view(bytes).is_ok()
    }

    fn check_chunk(&mut self, bytes: &'static [u8]) -> bool {
        messages::DetectionResultView::decode_view(bytes).is_ok()
    }
}

impl Decode for Lazy {
    const WHO: &'static str = "buffa lazy";

    fn decode_task(&mut self, bytes: &'static [u8], to: &mut impl Observer) {
        let task = messages::DetectionTaskLazyView::decode_lazy(bytes).expect("a valid task");
        let filter = task.process_filter.get().expect("a valid filter");
        let check = task.hash_check.get().expect("a valid check");
        show_task!(task, &filter, &check, to);
    }

    fn decode_chunk(&mut self, bytes: &'static [u8], to: &mut impl Observer) {
        let chunk = messages::DetectionResultLazyView::decode_lazy(bytes).expect("a valid chunk");
        for record in &chunk.processes {
            show_record!(record.expect("a valid record"), to);
        }
        show_chunk!(chunk, to);
    }
}

impl Encode for Owned {
    const WHO: &'static str = "buffa";
    type Task = messages::DetectionTask;
    type Chunk = messages::DetectionResult;

    fn task(task: &DetectionTask<'static>) -> Self::Task {
        messages::DetectionTask {
            task_id: task.task_id.to_owned(),
            task_type: task.task_type.0.into(),
            process_filter: task.process_filter.map(filter_of).into(),
            metadata: task.metadata.map(str::to_owned),
            ..Default::default()
        }
    }

    fn chunk(chunk: &DetectionResult<'static>) -> Self::Chunk {
        messages::DetectionResult {
            task_id: chunk.task_id.to_owned(),
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

fn filter_of(filter: eyelet_codec::ProcessFilter<'static>) -> messages::ProcessFilter {
    messages::ProcessFilter {
        process_names: filter.process_names.iter().map(str::to_owned).collect(),
        pids: filter.pids.iter().collect(),
        executable_pattern: filter.executable_pattern.map(str::to_owned),
        ..Default::default()
    }
}

fn record_of(record: &eyelet_codec::ProcessRecord<'static>) -> messages::ProcessRecord {
    messages::ProcessRecord {
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
    message.encode(&mut buf);
    room - buf.len()
}
