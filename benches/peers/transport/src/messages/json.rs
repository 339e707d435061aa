//! Structs for JSON, which borrow their texts. What is absent is left out.

use eyelet_codec::ProcessRecord;
use serde::{Deserialize, Serialize};
use zlink::introspect::Type;

use crate::glance::{Glance, see_record, see_result, see_task};
use crate::wish::Wish;

/// A task as it is sent.
#[derive(Debug, Serialize, Type)]
pub(crate) struct Task<'a> {
    task_id: &'a str,
    task_type: i32,
    process_filter: Filter<'a>,
    metadata: Option<&'a str>,
}

#[derive(Debug, Serialize, Type)]
pub(crate) struct Filter<'a> {
    process_names: Vec<&'a str>,
    pids: &'a [u32],
    executable_pattern: Option<&'a str>,
}

/// A task as it arrives.
#[derive(Clone, Debug, Deserialize, Type)]
pub(crate) struct OwnedTask {
    pub(crate) task_id: String,
    task_type: i32,
    process_filter: Option<OwnedFilter>,
    hash_check: Option<HashCheck>,
    metadata: Option<String>,
    duration_ms: Option<u32>,
    deadline_ms: Option<u32>,
}

#[derive(Clone, Debug, Deserialize, Type)]
struct OwnedFilter {
    process_names: Vec<String>,
    pids: Vec<u32>,
    executable_pattern: Option<String>,
}

#[derive(Clone, Debug, Deserialize, Type)]
struct HashCheck {
    expected_hash: String,
    hash_algorithm: String,
    executable_path: String,
}

/// A result, or a chunk of one.
#[derive(Debug, Serialize, Deserialize, Type)]
pub(crate) struct Reply<'a> {
    pub(crate) task_id: String,
    pub(crate) success: bool,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    error_message: Option<&'a str>,
    #[serde(borrow)]
    processes: Vec<Record<'a>>,
}

#[derive(Debug, Default, Serialize, Deserialize, Type)]
#[serde(default)]
struct Record<'a> {
    pid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    ppid: Option<u32>,
    name: &'a str,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    executable_path: Option<&'a str>,
    #[serde(borrow)]
    command_line: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu_usage: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory_usage: Option<u64>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    executable_hash: Option<&'a str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    hash_algorithm: Option<&'a str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    accessible: bool,
    file_exists: bool,
    collection_time: i64,
    on_disk_mismatch: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    entity_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_raw: Option<Vec<u8>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    executable_path_raw: Option<Vec<u8>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    command_line_raw: Vec<Vec<u8>>,
}

impl<'a> Task<'a> {
    pub(crate) fn new(pids: &'a [u32; 6]) -> Self {
        let task = Wish::task(pids);
        let filter = task.process_filter.unwrap_or_default();
        Self {
            task_id: task.task_id,
            task_type: task.task_type.0,
            process_filter: Filter {
                process_names: filter.process_names.iter().collect(),
                pids,
                executable_pattern: filter.executable_pattern,
            },
            metadata: task.metadata,
        }
    }
}

impl OwnedTask {
    /// Reads all of it, and what it asks for.
    pub(crate) fn wish(&self) -> Wish {
        let mut glance = Glance::default();
        see_task!(*self, &mut glance);
        std::hint::black_box((glance, self.task_type));
        let filter = self.process_filter.as_ref().expect("a filter");
        Wish::of(filter.pids.iter().copied())
    }
}

impl Reply<'static> {
    pub(crate) fn new(task_id: String, success: bool, wish: Wish) -> Self {
        let processes = wish.records().map(Record::new).collect();
        Self { task_id, success, error_message: None, processes }
    }
}

impl Reply<'_> {
    /// Reads all of it.
    pub(crate) fn see(&self, glance: &mut Glance) {
        self.processes.iter().for_each(|record| see_record!(*record, glance));
        see_result!(*self, glance);
    }
}

impl Record<'static> {
    fn new(record: &ProcessRecord<'static>) -> Self {
        Self {
            pid: record.pid,
            ppid: record.ppid,
            name: record.name,
            executable_path: record.executable_path,
            command_line: record.command_line.iter().collect(),
            start_time: record.start_time,
            cpu_usage: record.cpu_usage,
            memory_usage: record.memory_usage,
            user_id: record.user_id,
            accessible: record.accessible,
            file_exists: record.file_exists,
            collection_time: record.collection_time,
            ..Self::default()
        }
    }
}
