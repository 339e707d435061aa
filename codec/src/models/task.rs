//! What an agent asks.

use alloc::string::String;

use super::process::ProcessFilter;
use super::time::Millis;
use crate::{TaskType, proto};

/// One piece of work for a collector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "proto::DetectionTask", from = "proto::DetectionTask"))]
pub struct DetectionTask {
    /// Correlates result and task; echoed.
    pub task_id: String,
    /// What to do.
    pub task_type: TaskType,
    /// To which processes; absent: all.
    pub process_filter: Option<ProcessFilter>,
    /// What to hash.
    pub hash_check: Option<HashCheck>,
    /// Passed on, not interpreted.
    pub metadata: Option<String>,
    /// How long `MONITOR_PROCESS_TREE` goes on.
    pub duration: Option<Millis>,
    /// When the task is given up, counted from its arrival.
    pub deadline: Option<Millis>,
}

/// What to hash, and what it should come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "proto::HashCheck", from = "proto::HashCheck"))]
pub struct HashCheck {
    /// Hexadecimal; empty: compute only.
    pub expected_hash: String,
    /// Empty: sha256.
    pub hash_algorithm: String,
    /// Empty: what the filter's processes run. UTF-8, as the schema has no other form of it.
    pub executable_path: String,
}

impl From<DetectionTask> for proto::DetectionTask {
    fn from(native: DetectionTask) -> Self {
        Self {
            task_id: native.task_id,
            task_type: native.task_type.0,
            process_filter: native.process_filter.map(Into::into),
            hash_check: native.hash_check.map(Into::into),
            metadata: native.metadata,
            duration_ms: native.duration.map(|Millis(millis)| millis),
            deadline_ms: native.deadline.map(|Millis(millis)| millis),
        }
    }
}

impl From<proto::DetectionTask> for DetectionTask {
    fn from(proto: proto::DetectionTask) -> Self {
        Self {
            task_id: proto.task_id,
            task_type: TaskType(proto.task_type),
            process_filter: proto.process_filter.map(Into::into),
            hash_check: proto.hash_check.map(Into::into),
            metadata: proto.metadata,
            duration: proto.duration_ms.map(Millis),
            deadline: proto.deadline_ms.map(Millis),
        }
    }
}

impl From<HashCheck> for proto::HashCheck {
    fn from(native: HashCheck) -> Self {
        let HashCheck { expected_hash, hash_algorithm, executable_path } = native;
        Self { expected_hash, hash_algorithm, executable_path }
    }
}

impl From<proto::HashCheck> for HashCheck {
    fn from(proto: proto::HashCheck) -> Self {
        let proto::HashCheck { expected_hash, hash_algorithm, executable_path } = proto;
        Self { expected_hash, hash_algorithm, executable_path }
    }
}
