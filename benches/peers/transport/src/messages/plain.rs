//! Plain structs for serde: the fields of the schema that a task and a process list have.

use serde::{Deserialize, Serialize};

use crate::glance::{Glance, see_record, see_result, see_task};
use crate::wish::Wish;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) task_id: String,
    pub(crate) task_type: i32,
    pub(crate) process_filter: Option<Filter>,
    pub(crate) hash_check: Option<HashCheck>,
    pub(crate) metadata: Option<String>,
    pub(crate) duration_ms: Option<u32>,
    pub(crate) deadline_ms: Option<u32>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Filter {
    pub(crate) process_names: Vec<String>,
    pub(crate) pids: Vec<u32>,
    pub(crate) executable_pattern: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct HashCheck {
    pub(crate) expected_hash: String,
    pub(crate) hash_algorithm: String,
    pub(crate) executable_path: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Reply {
    pub(crate) task_id: String,
    pub(crate) success: bool,
    pub(crate) error_message: Option<String>,
    pub(crate) processes: Vec<Record>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Record {
    pub(crate) pid: u32,
    pub(crate) ppid: Option<u32>,
    pub(crate) name: String,
    pub(crate) executable_path: Option<String>,
    pub(crate) command_line: Vec<String>,
    pub(crate) start_time: Option<i64>,
    pub(crate) cpu_usage: Option<f64>,
    pub(crate) memory_usage: Option<u64>,
    pub(crate) executable_hash: Option<String>,
    pub(crate) hash_algorithm: Option<String>,
    pub(crate) user_id: Option<String>,
    pub(crate) accessible: bool,
    pub(crate) file_exists: bool,
    pub(crate) collection_time: i64,
    pub(crate) on_disk_mismatch: bool,
    pub(crate) entity_id: String,
    pub(crate) name_raw: Option<Vec<u8>>,
    pub(crate) executable_path_raw: Option<Vec<u8>>,
    pub(crate) command_line_raw: Vec<Vec<u8>>,
}

impl Task {
    pub(crate) fn new(wish: Wish) -> Self {
        let pids = wish.pids();
        let task = Wish::task(&pids);
        Self {
            task_id: task.task_id.to_owned(),
            task_type: task.task_type.0,
            process_filter: task.process_filter.map(|filter| Filter {
                process_names: filter.process_names.iter().map(str::to_owned).collect(),
                pids: filter.pids.iter().collect(),
                executable_pattern: filter.executable_pattern.map(str::to_owned),
            }),
            hash_check: None,
            metadata: task.metadata.map(str::to_owned),
            duration_ms: None,
            deadline_ms: None,
        }
    }

    /// Reads all of it, and builds what it asks for.
    pub(crate) fn answer(self) -> Reply {
        let mut glance = Glance::default();
        see_task!(self, &mut glance);
        std::hint::black_box(glance);
        let pids = self.process_filter.into_iter().flat_map(|filter| filter.pids);
        let processes = Wish::of(pids).records().map(Record::new).collect();
        Reply { task_id: self.task_id, success: true, error_message: None, processes }
    }
}

impl Reply {
    /// Reads all of it.
    pub(crate) fn see(&self, glance: &mut Glance) {
        self.processes.iter().for_each(|record| see_record!(*record, glance));
        see_result!(*self, glance);
    }
}

impl Record {
    fn new(record: &eyelet_codec::ProcessRecord<'_>) -> Self {
        Self {
            pid: record.pid,
            ppid: record.ppid,
            name: record.name.to_owned(),
            executable_path: record.executable_path.map(str::to_owned),
            command_line: record.command_line.iter().map(str::to_owned).collect(),
            start_time: record.start_time,
            cpu_usage: record.cpu_usage,
            memory_usage: record.memory_usage,
            executable_hash: None,
            hash_algorithm: None,
            user_id: record.user_id.map(str::to_owned),
            accessible: record.accessible,
            file_exists: record.file_exists,
            collection_time: record.collection_time,
            on_disk_mismatch: false,
            entity_id: String::new(),
            name_raw: None,
            executable_path_raw: None,
            command_line_raw: Vec::new(),
        }
    }
}
