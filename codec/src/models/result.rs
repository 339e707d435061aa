//! What a collector answers.

use alloc::string::String;
use alloc::vec::Vec;

use super::process::ProcessRecord;
use super::time::{Millis, UnixMillis};
use crate::{EventKind, EventSource, FindingKind, proto};

/// All of a task's result.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(into = "proto::DetectionResult", from = "proto::DetectionResult")
)]
pub struct DetectionResult {
    /// That of the task.
    pub task_id: String,
    /// False: the task ran and failed, and `error_message` says why.
    pub success: bool,
    /// Why it failed.
    pub error_message: Option<String>,
    /// Processes that were asked for.
    pub processes: Vec<ProcessRecord>,
    /// For a task that names one file; of several, the first.
    pub hash_result: Option<HashResult>,
    /// What happened while a tree was watched.
    pub events: Vec<ProcessEvent>,
    /// How much of the system the result speaks for.
    pub coverage: Option<Coverage>,
    /// What an owner should look at.
    pub findings: Vec<Finding>,
    /// For a task whose filter picks several files.
    pub hash_results: Vec<HashResult>,
}

/// What a file's bytes came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "proto::HashResult", from = "proto::HashResult"))]
pub struct HashResult {
    /// Hexadecimal.
    pub hash_value: String,
    /// Which hash.
    pub algorithm: String,
    /// Of which file.
    pub file_path: String,
    /// The file could be hashed.
    pub success: bool,
    /// Why not.
    pub error_message: Option<String>,
    /// Absent where nothing was expected.
    pub matched: Option<bool>,
    /// The process that runs the file.
    pub pid: Option<u32>,
    /// Bytes hashed.
    pub size: Option<u64>,
    /// Somebody wrote to it meanwhile.
    pub changed_while_read: bool,
}

/// Something that happened to a process.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "proto::ProcessEvent", from = "proto::ProcessEvent"))]
pub struct ProcessEvent {
    /// What.
    pub kind: EventKind,
    /// When.
    pub time: UnixMillis,
    /// To which.
    pub process: Option<ProcessRecord>,
    /// How it ended.
    pub exit_code: Option<i32>,
    /// By which signal.
    pub signal: Option<u32>,
}

/// How much of the system a result speaks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "proto::Coverage", from = "proto::Coverage"))]
pub struct Coverage {
    /// Processes there were.
    pub seen: u64,
    /// Those that the filter let through.
    pub matched: u64,
    /// Those of which something could not be read for want of rights.
    pub denied: u64,
    /// Those that ended while they were read.
    pub vanished: u64,
    /// Records with a field cut to its limit.
    pub cut: u64,
    /// Records that did not fit a frame.
    pub left_out: u64,
    /// Events that came too fast.
    pub events_dropped: u64,
    /// Where events come from.
    pub source: EventSource,
    /// Between two looks, where events are found by looking.
    pub poll_interval: Millis,
}

/// Something about an executable that its owner should look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "proto::Finding", from = "proto::Finding"))]
pub struct Finding {
    /// What.
    pub kind: FindingKind,
    /// The process that runs it.
    pub pid: Option<u32>,
    /// Which file.
    pub path: String,
    /// What should have been.
    pub expected: Option<String>,
    /// What was.
    pub actual: Option<String>,
    /// In words.
    pub detail: String,
}

impl From<DetectionResult> for proto::DetectionResult {
    fn from(native: DetectionResult) -> Self {
        Self {
            task_id: native.task_id,
            success: native.success,
            error_message: native.error_message,
            processes: all(native.processes),
            hash_result: native.hash_result.map(Into::into),
            events: all(native.events),
            coverage: native.coverage.map(Into::into),
            findings: all(native.findings),
            hash_results: all(native.hash_results),
        }
    }
}

impl From<proto::DetectionResult> for DetectionResult {
    fn from(proto: proto::DetectionResult) -> Self {
        Self {
            task_id: proto.task_id,
            success: proto.success,
            error_message: proto.error_message,
            processes: all(proto.processes),
            hash_result: proto.hash_result.map(Into::into),
            events: all(proto.events),
            coverage: proto.coverage.map(Into::into),
            findings: all(proto.findings),
            hash_results: all(proto.hash_results),
        }
    }
}

impl From<HashResult> for proto::HashResult {
    fn from(native: HashResult) -> Self {
        Self {
            hash_value: native.hash_value,
            algorithm: native.algorithm,
            file_path: native.file_path,
            success: native.success,
            error_message: native.error_message,
            matched: native.matched,
            pid: native.pid,
            size: native.size,
            changed_while_read: native.changed_while_read,
        }
    }
}

impl From<proto::HashResult> for HashResult {
    fn from(proto: proto::HashResult) -> Self {
        Self {
            hash_value: proto.hash_value,
            algorithm: proto.algorithm,
            file_path: proto.file_path,
            success: proto.success,
            error_message: proto.error_message,
            matched: proto.matched,
            pid: proto.pid,
            size: proto.size,
            changed_while_read: proto.changed_while_read,
        }
    }
}

impl From<ProcessEvent> for proto::ProcessEvent {
    fn from(native: ProcessEvent) -> Self {
        Self {
            kind: native.kind.0,
            time: native.time.0,
            process: native.process.map(Into::into),
            exit_code: native.exit_code,
            signal: native.signal,
        }
    }
}

impl From<proto::ProcessEvent> for ProcessEvent {
    fn from(proto: proto::ProcessEvent) -> Self {
        Self {
            kind: EventKind(proto.kind),
            time: UnixMillis(proto.time),
            process: proto.process.map(Into::into),
            exit_code: proto.exit_code,
            signal: proto.signal,
        }
    }
}

impl From<Coverage> for proto::Coverage {
    fn from(native: Coverage) -> Self {
        Self {
            seen: native.seen,
            matched: native.matched,
            denied: native.denied,
            vanished: native.vanished,
            cut: native.cut,
            left_out: native.left_out,
            events_dropped: native.events_dropped,
            source: native.source.0,
            poll_interval_ms: native.poll_interval.0,
        }
    }
}

impl From<proto::Coverage> for Coverage {
    fn from(proto: proto::Coverage) -> Self {
        Self {
            seen: proto.seen,
            matched: proto.matched,
            denied: proto.denied,
            vanished: proto.vanished,
            cut: proto.cut,
            left_out: proto.left_out,
            events_dropped: proto.events_dropped,
            source: EventSource(proto.source),
            poll_interval: Millis(proto.poll_interval_ms),
        }
    }
}

impl From<Finding> for proto::Finding {
    fn from(native: Finding) -> Self {
        let Finding { kind, pid, path, expected, actual, detail } = native;
        Self { kind: kind.0, pid, path, expected, actual, detail }
    }
}

impl From<proto::Finding> for Finding {
    fn from(proto: proto::Finding) -> Self {
        let proto::Finding { kind, pid, path, expected, actual, detail } = proto;
        Self { kind: FindingKind(kind), pid, path, expected, actual, detail }
    }
}

fn all<From, To: core::convert::From<From>>(from: Vec<From>) -> Vec<To> {
    from.into_iter().map(Into::into).collect()
}
