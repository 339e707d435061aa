//! prost's owned types of the schema, also under the names `Proto..` where a native model has the plain
//! one.
//!
//! [`decode`] is the way in for bytes from a peer: it takes nothing that the borrowed pass has not
//! accepted. prost alone would set memory aside at a hundred times the input.

use alloc::string::String;
use alloc::vec::Vec;

use crate::{Message, MessageError};

pub use crate::generated::prost::*;

pub use crate::generated::prost::{
    Coverage as ProtoCoverage, Finding as ProtoFinding, HashCheck as ProtoHashCheck,
    HashResult as ProtoHashResult, ProcessEvent as ProtoProcessEvent,
    ProcessFilter as ProtoProcessFilter, ProcessRecord as ProtoProcessRecord,
    TaskType as ProtoTaskType,
};

/// An owned message and its borrowed counterpart. The generator writes it for every message, unless
/// there are opaque bytes in it, which are yet to be checked.
pub trait Owned: prost::Message + Default {
    /// The same message of the same schema.
    type Borrowed<'a>: Message<'a>;
}

/// Decodes an owned message, after the borrowed pass has accepted its bytes.
///
/// # Errors
/// What the borrowed pass found wrong.
pub fn decode<T: Owned>(bytes: &[u8]) -> Result<T, MessageError> {
    T::Borrowed::decode(bytes)?;
    // A property test holds the two decoders together.
    T::decode(bytes).map_err(|_| MessageError::disagreement(T::Borrowed::DESCRIPTOR))
}

impl DetectionTask {
    /// Lists processes, all of them without a filter.
    pub fn new_enumerate_processes(
        task_id: impl Into<String>,
        filter: Option<ProcessFilter>,
    ) -> Self {
        Self {
            task_id: task_id.into(),
            task_type: TaskType::EnumerateProcesses.into(),
            process_filter: filter,
            ..Self::default()
        }
    }

    /// Hashes a file and compares.
    pub fn new_hash_check(task_id: impl Into<String>, hash_check: HashCheck) -> Self {
        Self {
            task_id: task_id.into(),
            task_type: TaskType::CheckProcessHash.into(),
            hash_check: Some(hash_check),
            ..Self::default()
        }
    }
}

impl DetectionResult {
    /// A task that did what was asked.
    pub fn success(task_id: impl Into<String>, processes: Vec<ProcessRecord>) -> Self {
        Self { task_id: task_id.into(), success: true, processes, ..Self::default() }
    }

    /// A task that ran and failed.
    pub fn failure(task_id: impl Into<String>, error_message: impl Into<String>) -> Self {
        Self {
            task_id: task_id.into(),
            success: false,
            error_message: Some(error_message.into()),
            ..Self::default()
        }
    }
}
