//! prost's owned types of the schema, also under the names `Proto..` where a native model has the plain
//! one.
//!
//! [`decode`] is the way in for bytes from a peer: it takes nothing that the borrowed pass has not
//! accepted, and no more memory than four times the bytes and 1 MiB. prost alone takes over two
//! hundred times the bytes of a million empty records.

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

    /// The same message, owned.
    fn of(message: Self::Borrowed<'_>) -> Self;

    /// Bytes that [`of`](Self::of) takes from the heap.
    fn heap(message: &Self::Borrowed<'_>) -> usize;
}

/// Decodes an owned message, after the borrowed pass has accepted its bytes.
///
/// # Errors
/// What the borrowed pass found wrong; [`ErrorKind::Heap`](crate::ErrorKind::Heap) where the message would
/// take more than four times its bytes and 1 MiB from the heap: thousands of records with next to nothing
/// in them do, and can be read borrowed.
pub fn decode<T: Owned>(bytes: &[u8]) -> Result<T, MessageError> {
    let message = T::Borrowed::decode(bytes)?;
    let (limit, needed) =
        (bytes.len().saturating_mul(4).saturating_add(1024 * 1024), T::heap(&message));
    if needed > limit {
        return Err(MessageError::heap(T::Borrowed::DESCRIPTOR, limit, needed));
    }
    Ok(T::of(message))
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

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec;

    use super::*;
    use crate::DetectionResult as Borrowed;
    use crate::ProcessRecord as Record;

    fn of_4096(record: &Record<'_>) -> Result<DetectionResult, MessageError> {
        let (records, mut buf) = (vec![*record; 4096], vec![0; 1024 * 1024]);
        let result = Borrowed { processes: records[..].into(), ..Borrowed::default() };
        let len = result.encode(&mut buf).unwrap();
        decode(&buf[..len])
    }

    #[test]
    fn as_many_records_as_there_may_be_are_owned_if_they_say_what_a_kernel_thread_does() {
        let thread = Record {
            pid: 12,
            ppid: Some(2),
            name: "kworker/0:1",
            start_time: Some(1_795_000_000),
            user_id: Some("0"),
            accessible: true,
            collection_time: 1_795_000_000_000,
            ..Record::default()
        };
        assert_eq!(of_4096(&thread).unwrap().processes.len(), 4096);
    }

    #[test]
    fn records_that_say_next_to_nothing_are_not_owned_by_the_thousand() {
        let error = of_4096(&Record { name: "x", ..Record::default() }).unwrap_err();
        let text = "DetectionResult: owned, 1380352 bytes in memory, at most 1130496";
        assert_eq!(error.to_string(), text);
    }
}
