//! The Rust snippets of the documents that this project began with, as tests, in their order. They are
//! changed in the crate's name: `daemoneye_lib` is `eyelet_codec`. What is added is assertions, and what
//! a snippet leaves open, under a comment that says so.
//!
//! `IpcConfig { endpoint_path: .. }` is not among them: there is no such type yet.

use std::fmt::Debug;

use eyelet_codec::proto::{
    DetectionResult, DetectionTask, Owned, ProtoHashCheck, ProtoHashResult, ProtoProcessFilter,
    ProtoProcessRecord, ProtoTaskType,
};

// "Type Conversions".
#[test]
fn convert_process_record() {
    use eyelet_codec::models::process::ProcessRecord;
    use eyelet_codec::proto::ProtoProcessRecord;

    // Convert native to protobuf
    let native_process = ProcessRecord::new(1234, "firefox".to_string());
    let proto_process: ProtoProcessRecord = native_process.into();

    assert_eq!((proto_process.pid, proto_process.name.as_str()), (1234, "firefox"));

    // Convert protobuf to native
    let converted_back: ProcessRecord = proto_process.into();

    assert_eq!(converted_back, ProcessRecord::new(1234, "firefox".to_string()));
}

// "Helper Methods".
#[test]
fn create_tasks_and_results() {
    // Create enumeration task
    let task = DetectionTask::new_enumerate_processes("task-123", None);

    assert_eq!(task.task_type(), ProtoTaskType::EnumerateProcesses);
    assert_eq!((task.task_id.as_str(), &task.process_filter), ("task-123", &None));
    comes_back(&task);

    // Create hash check task
    let hash_check = ProtoHashCheck {
        expected_hash: "abc123...".to_string(),
        hash_algorithm: "sha256".to_string(),
        executable_path: "/usr/bin/firefox".to_string(),
    };
    let task = DetectionTask::new_hash_check("task-456", hash_check);

    assert_eq!(task.task_type(), ProtoTaskType::CheckProcessHash);
    comes_back(&task);

    // Create results
    let processes = vec![];
    let success = DetectionResult::success("task-123", processes);
    let failure = DetectionResult::failure("task-123", "Permission denied");

    assert!(success.success && success.error_message.is_none());
    assert!(!failure.success);
    assert_eq!(failure.error_message.as_deref(), Some("Permission denied"));
    comes_back(&success);
    comes_back(&failure);
}

// "Basic Process Enumeration".
#[test]
fn basic_process_enumeration() -> Result<(), Box<dyn std::error::Error>> {
    // Left open: where `decode` comes from, and what has come back.
    use prost::Message as _;
    let firefox =
        ProtoProcessRecord { pid: 1234, name: "firefox".to_string(), ..Default::default() };
    let response_bytes = DetectionResult::success("enum-001", vec![firefox]).encode_to_vec();

    let task = DetectionTask::new_enumerate_processes("enum-001", None);
    let bytes = prost::Message::encode_to_vec(&task);

    assert_eq!(bytes, b"\x0a\x08enum-001");

    // Send via IPC transport...
    // Deserialize response
    let result = DetectionResult::decode(&response_bytes[..])?;
    if result.success {
        for process in result.processes {
            println!("Process: {} (PID: {})", process.name, process.pid);

            assert_eq!((process.name.as_str(), process.pid), ("firefox", 1234));
        }
    }
    Ok(())
}

// "Filtered Process Collection".
#[test]
fn filtered_process_collection() {
    let filter = ProtoProcessFilter {
        process_names: vec!["firefox".to_string(), "chrome".to_string()],
        pids: vec![],
        executable_pattern: Some("/usr/bin/*".to_string()),
    };
    let task = DetectionTask::new_enumerate_processes("filtered-001", Some(filter));

    comes_back(&task);
}

// "Hash Verification".
#[test]
fn hash_verification() {
    let hash_check = ProtoHashCheck {
        expected_hash: "a1b2c3d4...".to_string(),
        hash_algorithm: "sha256".to_string(),
        executable_path: "/usr/bin/suspicious".to_string(),
    };
    let task = DetectionTask::new_hash_check("verify-001", hash_check);

    comes_back(&task);
}

// "Module Structure" lists a type that no snippet makes. Left open: all of this test.
#[test]
fn hash_result() {
    let mut result = DetectionResult::success("verify-001", vec![]);
    result.hash_result = Some(ProtoHashResult {
        hash_value: "a1b2c3d4...".to_string(),
        algorithm: "sha256".to_string(),
        file_path: "/usr/bin/suspicious".to_string(),
        success: true,
        ..Default::default()
    });

    comes_back(&result);
}

/// "Serialization/deserialization round-trips": by prost, and after the borrowed codec has looked.
#[track_caller]
fn comes_back<T: Owned + PartialEq + Debug>(message: &T) {
    let bytes = message.encode_to_vec();
    assert_eq!(T::decode(&bytes[..]).as_ref(), Ok(message));
    assert_eq!(eyelet_codec::proto::decode(&bytes).as_ref(), Ok(message));
}
