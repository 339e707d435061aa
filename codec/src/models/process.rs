//! Processes, and which of them a task is about.

use alloc::string::String;
use alloc::vec::Vec;

use super::text;
use super::time::{UnixMillis, UnixSeconds};
use crate::{NoteKind, ProcessRecord as Schema, proto};

/// One process. An absent field is one that could not be told; `notes` may say why.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "proto::ProcessRecord", from = "proto::ProcessRecord"))]
pub struct ProcessRecord {
    /// Process id.
    pub pid: u32,
    /// The parent's.
    pub ppid: Option<u32>,
    /// As the system has it; on Linux at most 15 bytes, of a kernel worker 63.
    pub name: Vec<u8>,
    /// Where the executable was when it was started.
    pub executable_path: Option<Vec<u8>>,
    /// Arguments, the program's name first; empty ones are arguments too.
    pub command_line: Vec<Vec<u8>>,
    /// When it was started.
    pub start_time: Option<UnixSeconds>,
    /// Percent of one CPU since it was started.
    pub cpu_usage: Option<f64>,
    /// Resident set in bytes.
    pub memory_usage: Option<u64>,
    /// Hexadecimal.
    pub executable_hash: Option<String>,
    /// Of `executable_hash`.
    pub hash_algorithm: Option<String>,
    /// The effective user: decimal on Unix, a SID on Windows.
    pub user_id: Option<String>,
    /// Everything asked for could be read.
    pub accessible: bool,
    /// The executable is still in the place it was started from.
    pub file_exists: bool,
    /// When this was read.
    pub collection_time: UnixMillis,
    /// The file at `executable_path` is no longer the one that runs.
    pub on_disk_mismatch: bool,
    /// Stays apart from a later process of the same pid.
    pub entity_id: String,
    /// Why fields are absent, or not all there.
    pub notes: Vec<FieldNote>,
}

/// Why a field of a [`ProcessRecord`] is absent, or not all there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "proto::FieldNote", from = "proto::FieldNote"))]
pub struct FieldNote {
    /// The field's number in the schema's `ProcessRecord`.
    pub field: u32,
    /// What is the matter with it.
    pub kind: NoteKind,
}

/// Which processes: kinds are joined by AND, values of one kind by OR. The default is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "proto::ProcessFilter", from = "proto::ProcessFilter"))]
pub struct ProcessFilter {
    /// Whole names, by case.
    pub process_names: Vec<String>,
    /// Process ids.
    pub pids: Vec<u32>,
    /// A glob over the executable's path: `*` does not cross a `/`, `**` does.
    pub executable_pattern: Option<String>,
}

impl ProcessRecord {
    /// A process of which no more than this is known.
    pub fn new(pid: u32, name: impl Into<Vec<u8>>) -> Self {
        Self { pid, name: name.into(), ..Self::default() }
    }
}

impl From<ProcessRecord> for proto::ProcessRecord {
    fn from(native: ProcessRecord) -> Self {
        let (name, name_raw) = text::split(native.name, &Schema::NAME);
        let path = native.executable_path.map(|path| text::split(path, &Schema::EXECUTABLE_PATH));
        let (executable_path, executable_path_raw) = path.unzip();
        let (command_line, command_line_raw) =
            text::split_all(native.command_line, &Schema::COMMAND_LINE);
        Self {
            pid: native.pid,
            ppid: native.ppid,
            name,
            executable_path,
            command_line,
            start_time: native.start_time.map(|UnixSeconds(seconds)| seconds),
            cpu_usage: native.cpu_usage,
            memory_usage: native.memory_usage,
            executable_hash: native.executable_hash,
            hash_algorithm: native.hash_algorithm,
            user_id: native.user_id,
            accessible: native.accessible,
            file_exists: native.file_exists,
            collection_time: native.collection_time.0,
            on_disk_mismatch: native.on_disk_mismatch,
            entity_id: native.entity_id,
            name_raw,
            executable_path_raw: executable_path_raw.flatten(),
            command_line_raw,
            notes: native.notes.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<proto::ProcessRecord> for ProcessRecord {
    fn from(proto: proto::ProcessRecord) -> Self {
        let path = match (proto.executable_path, proto.executable_path_raw) {
            (None, raw) => raw,
            (Some(path), raw) => Some(text::join(path, raw)),
        };
        Self {
            pid: proto.pid,
            ppid: proto.ppid,
            name: text::join(proto.name, proto.name_raw),
            executable_path: path,
            command_line: text::join_all(proto.command_line, proto.command_line_raw),
            start_time: proto.start_time.map(UnixSeconds),
            cpu_usage: proto.cpu_usage,
            memory_usage: proto.memory_usage,
            executable_hash: proto.executable_hash,
            hash_algorithm: proto.hash_algorithm,
            user_id: proto.user_id,
            accessible: proto.accessible,
            file_exists: proto.file_exists,
            collection_time: UnixMillis(proto.collection_time),
            on_disk_mismatch: proto.on_disk_mismatch,
            entity_id: proto.entity_id,
            notes: proto.notes.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<FieldNote> for proto::FieldNote {
    fn from(FieldNote { field, kind }: FieldNote) -> Self {
        Self { field, kind: kind.0 }
    }
}

impl From<proto::FieldNote> for FieldNote {
    fn from(proto::FieldNote { field, kind }: proto::FieldNote) -> Self {
        Self { field, kind: NoteKind(kind) }
    }
}

impl From<ProcessFilter> for proto::ProcessFilter {
    fn from(native: ProcessFilter) -> Self {
        let ProcessFilter { process_names, pids, executable_pattern } = native;
        Self { process_names, pids, executable_pattern }
    }
}

impl From<proto::ProcessFilter> for ProcessFilter {
    fn from(proto: proto::ProcessFilter) -> Self {
        let proto::ProcessFilter { process_names, pids, executable_pattern } = proto;
        Self { process_names, pids, executable_pattern }
    }
}
