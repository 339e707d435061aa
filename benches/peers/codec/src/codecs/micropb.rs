//! micropb, in fixed memory and on the heap.

use eyelet_codec::{DetectionResult, DetectionTask};
use micropb::{MessageDecode, MessageEncode, PbEncoder};

use super::{Decode, Encode, Validate};
use crate::field::{Field, show_chunk, show_note, show_record, show_task};
use crate::observer::Observer;

/// Nothing is known of records that don't fit; see the capacities in build.rs.
#[derive(Default)]
pub(crate) struct Fixed;

#[derive(Default)]
pub(crate) struct Heap;

#[allow(warnings, clippy::all, clippy::pedantic)]
mod fixed {
    include!(concat!(env!("OUT_DIR"), "/micropb/fixed.rs"));
}

#[allow(warnings, clippy::all, clippy::pedantic)]
mod heap {
    include!(concat!(env!("OUT_DIR"), "/micropb/heap.rs"));
}

macro_rules! codec {
    ($codec:ident, $who:literal, $messages:path, $text:expr) => {
        const _: () = {
            use $messages as messages;

            show_note!(messages::FieldNote);

            impl Field for messages::TaskType {
                #[inline(always)]
                fn show(&self, field: u64, to: &mut impl Observer) {
                    self.0.show(field, to);
                }
            }

            impl Field for messages::NoteKind {
                #[inline(always)]
                fn show(&self, field: u64, to: &mut impl Observer) {
                    self.0.show(field, to);
                }
            }

            impl Decode for $codec {
                const WHO: &'static str = $who;

                fn decode_task(&mut self, bytes: &'static [u8], to: &mut impl Observer) {
                    let mut task = messages::DetectionTask::default();
                    task.decode_from_bytes(bytes).expect("a valid task");
                    show_task!(task, task.process_filter(), task.hash_check(), to);
                }

                fn decode_chunk(&mut self, bytes: &'static [u8], to: &mut impl Observer) {
                    let mut chunk = messages::DetectionResult::default();
                    chunk.decode_from_bytes(bytes).expect("a valid chunk");
                    chunk.processes.iter().for_each(|record| show_record!(record, to));
                    show_chunk!(chunk, to);
                }
            }

            impl Validate for $codec {
                const WHO: &'static str = $who;

                fn check_task(&mut self, bytes: &'static [u8]) -> bool {
                    messages::DetectionTask::default().decode_from_bytes(bytes).is_ok()
                }

                fn check_chunk(&mut self, bytes: &'static [u8]) -> bool {
                    messages::DetectionResult::default().decode_from_bytes(bytes).is_ok()
                }
            }

            impl Encode for $codec {
                const WHO: &'static str = $who;
                type Task = messages::DetectionTask;
                type Chunk = messages::DetectionResult;

                fn task(task: &DetectionTask<'static>) -> Self::Task {
                    let mut made = messages::DetectionTask {
                        task_id: $text(task.task_id),
                        task_type: messages::TaskType(task.task_type.0),
                        ..Default::default()
                    };
                    if let Some(filter) = task.process_filter {
                        made.set_process_filter(filter_of(filter));
                    }
                    task.metadata.map(|note| made.set_metadata($text(note)));
                    made
                }

                fn chunk(chunk: &DetectionResult<'static>) -> Self::Chunk {
                    messages::DetectionResult {
                        task_id: $text(chunk.task_id),
                        success: chunk.success,
                        processes: chunk.processes.iter().map(|r| record_of(&r)).collect(),
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
                let mut made = messages::ProcessFilter {
                    process_names: filter.process_names.iter().map($text).collect(),
                    pids: filter.pids.iter().collect(),
                    ..Default::default()
                };
                filter.executable_pattern.map(|glob| made.set_executable_pattern($text(glob)));
                made
            }

            fn record_of(record: &eyelet_codec::ProcessRecord<'static>) -> messages::ProcessRecord {
                let mut made = messages::ProcessRecord {
                    pid: record.pid,
                    name: $text(record.name),
                    command_line: record.command_line.iter().map($text).collect(),
                    accessible: record.accessible,
                    file_exists: record.file_exists,
                    collection_time: record.collection_time,
                    ..Default::default()
                };
                record.ppid.map(|ppid| made.set_ppid(ppid));
                record.executable_path.map(|path| made.set_executable_path($text(path)));
                record.start_time.map(|time| made.set_start_time(time));
                record.cpu_usage.map(|usage| made.set_cpu_usage(usage));
                record.memory_usage.map(|usage| made.set_memory_usage(usage));
                record.user_id.map(|user| made.set_user_id($text(user)));
                made
            }
        };
    };
}

codec!(Fixed, "micropb", fixed, |text: &str| text.try_into().expect("room"));
codec!(Heap, "micropb heap", heap, str::to_owned);

fn encode(message: &impl MessageEncode, buf: &mut [u8]) -> usize {
    let room = buf.len();
    let mut encoder = PbEncoder::new(buf);
    message.encode(&mut encoder).expect("room");
    room - encoder.into_writer().len()
}
