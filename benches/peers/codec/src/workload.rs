//! What is encoded and decoded. Everything in it is leaked: it lives as long as the benchmark.

use eyelet_benches::{record, task};
use eyelet_codec::{DetectionResult, DetectionTask, ProcessRecord, Repeated};
use prost::Message;

use crate::codecs::Encode;
use crate::codecs::prost::Prost;

/// A frame of 64 KiB leaves this for a chunk, and some room for what is around it.
const CHUNK: usize = 64 * 1024 - 256;

/// Messages and their encoding.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) messages: Messages,
    /// As prost encodes them.
    pub(crate) encoded: &'static [&'static [u8]],
    /// How many of them are one step of the benchmark: one, taken in turn, or all.
    pub(crate) step: usize,
}

pub(crate) enum Messages {
    Tasks(Vec<DetectionTask<'static>>),
    Chunks(Vec<DetectionResult<'static>>),
}

/// T and R1: one message each, over and over, which teaches it to the branch predictor.
pub(crate) fn small() -> Vec<Workload> {
    vec![
        Workload::new("T", Messages::Tasks(vec![task()]), 1),
        Workload::new("R1", Messages::Chunks(results(1)), 1),
    ]
}

/// R1x512, which cannot be learnt, and R10k.
pub(crate) fn large() -> Vec<Workload> {
    let chunks = chunks(records(10_000));
    let all = chunks.len();
    vec![
        Workload::new("R1x512", Messages::Chunks(results(512)), 1),
        Workload::new("R10k", Messages::Chunks(chunks), all),
    ]
}

fn records(count: u32) -> &'static [ProcessRecord<'static>] {
    (0..count).map(record).collect::<Vec<_>>().leak()
}

/// So many results of ten records.
fn results(count: u32) -> Vec<DetectionResult<'static>> {
    records(10 * count).chunks(10).map(result).collect()
}

impl Workload {
    fn new(name: &'static str, messages: Messages, step: usize) -> Self {
        let encoded: Vec<&'static [u8]> = match &messages {
            Messages::Tasks(tasks) => {
                tasks.iter().map(|task| &*Prost::task(task).encode_to_vec().leak()).collect()
            }
            Messages::Chunks(chunks) => {
                chunks.iter().map(|chunk| &*Prost::chunk(chunk).encode_to_vec().leak()).collect()
            }
        };
        Self { name, messages, encoded: encoded.leak(), step }
    }

    pub(crate) fn has_records(&self) -> bool {
        matches!(self.messages, Messages::Chunks(_))
    }

    /// All texts of each message.
    pub(crate) fn texts(&self) -> Vec<&'static [&'static str]> {
        match &self.messages {
            Messages::Tasks(tasks) => tasks.iter().map(|task| &*texts_of(task).leak()).collect(),
            Messages::Chunks(chunks) => chunks.iter().map(texts_of_all).collect(),
        }
    }
}

fn texts_of(task: &DetectionTask<'static>) -> Vec<&'static str> {
    let filter = task.process_filter.unwrap_or_default();
    let once = [Some(task.task_id), filter.executable_pattern, task.metadata];
    filter.process_names.iter().chain(once.into_iter().flatten()).collect()
}

fn texts_of_all(chunk: &DetectionResult<'static>) -> &'static [&'static str] {
    let mut texts = vec![chunk.task_id];
    for record in chunk.processes.iter() {
        texts.push(record.name);
        texts.extend(record.executable_path);
        texts.extend(record.command_line.iter());
        texts.extend(record.user_id);
    }
    texts.leak()
}

fn result(records: &'static [ProcessRecord<'static>]) -> DetectionResult<'static> {
    DetectionResult {
        task_id: "0b7c1a52-6f0e-4b5f-9a52-0f6a3f1f8f10",
        success: true,
        processes: Repeated::new(records),
        ..Default::default()
    }
}

/// As few as fit all records.
fn chunks(mut records: &'static [ProcessRecord<'static>]) -> Vec<DetectionResult<'static>> {
    let mut chunks = Vec::new();
    while !records.is_empty() {
        let (first, others) = records.split_at(fitting(records));
        chunks.push(result(first));
        records = others;
    }
    chunks
}

/// How many of `records` one chunk holds.
fn fitting(records: &'static [ProcessRecord<'static>]) -> usize {
    let empty = Prost::chunk(&result(&[])).encoded_len();
    let mut len = empty;
    let fits = |record: &&ProcessRecord<'static>| {
        let record = Prost::chunk(&result([**record].to_vec().leak()));
        len += record.encoded_len() - empty;
        len <= CHUNK
    };
    records.iter().take_while(fits).count()
}
