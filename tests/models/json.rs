//! JSON by serde: enums by name, 64-bit numbers exact, bytes in base64, absent fields absent.

use std::fmt::Debug;

use eyelet_codec::models::process::ProcessRecord;
use eyelet_codec::models::result::{Coverage, DetectionResult};
use eyelet_codec::models::task::DetectionTask;
use eyelet_codec::models::time::{UnixMillis, UnixSeconds};
use eyelet_codec::{EventSource, proto};
use proptest::prelude::{prop_assert_eq, proptest};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{config, native};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_task_comes_back_whole_and_its_message_looks_the_same(task in native::task()) {
        let message = proto::DetectionTask::from(task.clone());
        prop_assert_eq!(text(&task), text(&message));
        comes_back(&task);
        comes_back(&message);
    }

    #[test]
    fn a_result_comes_back_whole_and_its_message_looks_the_same(result in native::result()) {
        let message = proto::DetectionResult::from(result.clone());
        prop_assert_eq!(text(&result), text(&message));
        comes_back(&result);
        comes_back(&message);
    }
}

#[test]
fn a_record_looks_as_the_schema_says() {
    let record = ProcessRecord {
        ppid: Some(u32::MAX),
        command_line: vec![b"cat".to_vec(), vec![], b"\xe9".to_vec()],
        start_time: Some(UnixSeconds(i64::MIN)),
        cpu_usage: Some(f64::NAN),
        memory_usage: Some(u64::MAX),
        collection_time: UnixMillis(i64::MAX),
        ..ProcessRecord::new(1, b"c\xe4t")
    };
    let want = concat!(
        r#"{"pid":1,"ppid":4294967295,"name":"c"#,
        "\u{fffd}",
        r#"t","command_line":["cat","",""#,
        "\u{fffd}",
        r#""],"start_time":-9223372036854775808,"cpu_usage":"NaN","#,
        r#""memory_usage":18446744073709551615,"accessible":false,"file_exists":false,"#,
        r#""collection_time":9223372036854775807,"on_disk_mismatch":false,"entity_id":"","#,
        r#""name_raw":"Y+R0","command_line_raw":["Y2F0","","6Q=="],"notes":[]}"#,
    );
    assert_eq!(text(&record), want);
    let back: ProcessRecord = serde_json::from_str(want).unwrap();
    assert!(back.cpu_usage.is_some_and(f64::is_nan));
    assert_eq!(
        ProcessRecord { cpu_usage: None, ..back },
        ProcessRecord { cpu_usage: None, ..record }
    );
}

#[test]
fn what_json_has_no_number_for_is_a_word() {
    for (number, want) in [
        (f64::NAN, json!("NaN")),
        (f64::INFINITY, json!("Infinity")),
        (f64::NEG_INFINITY, json!("-Infinity")),
        (-0.0, json!(-0.0)),
        (f64::MIN_POSITIVE, json!(f64::MIN_POSITIVE)),
        (f64::MAX, json!(f64::MAX)),
    ] {
        let record = ProcessRecord { cpu_usage: Some(number), ..ProcessRecord::new(1, "x") };
        assert_eq!(serde_json::to_value(&record).unwrap()["cpu_usage"], want, "{number}");
        let back: ProcessRecord = serde_json::from_str(&text(&record)).unwrap();
        let (back, sent) = (back.cpu_usage.unwrap(), number);
        assert!(back.to_bits() == sent.to_bits() || back.is_nan() && sent.is_nan(), "{number}");
    }
}

#[test]
fn an_enum_is_its_name_and_an_unknown_one_its_number() {
    for (number, want) in [
        (0, json!("EVENT_SOURCE_UNSPECIFIED")),
        (2, json!("EVENT_SOURCE_KERNEL")),
        (3, json!(3)),
        (-1, json!(-1)),
        (i32::MAX, json!(i32::MAX)),
        (i32::MIN, json!(i32::MIN)),
    ] {
        let coverage = Coverage { source: EventSource(number), ..Default::default() };
        assert_eq!(serde_json::to_value(coverage).unwrap()["source"], want);
        comes_back(&coverage);
    }
    let known_by_number: Coverage = serde_json::from_str(r#"{"source":2}"#).unwrap();
    assert_eq!(known_by_number.source, EventSource::KERNEL);
    let hello = proto::Hello { tasks: vec![0, 3, 9], role: 1, ..Default::default() };
    let names = json!(["ENUMERATE_PROCESSES", "VERIFY_EXECUTABLE", 9]);
    assert_eq!(serde_json::to_value(&hello).unwrap()["tasks"], names);
    assert_eq!(serde_json::to_value(&hello).unwrap()["role"], "ROLE_AGENT");
    comes_back(&hello);
}

#[test]
fn absent_stays_absent_and_what_is_there_stays_there() {
    let record = ProcessRecord::new(1, "x");
    let Value::Object(fields) = serde_json::to_value(&record).unwrap() else { panic!("no object") };
    let absent = [
        "ppid",
        "executable_path",
        "start_time",
        "cpu_usage",
        "memory_usage",
        "executable_hash",
        "hash_algorithm",
        "user_id",
        "name_raw",
        "executable_path_raw",
    ];
    for name in absent {
        assert!(!fields.contains_key(name), "{name}");
    }
    let of_zeros = ProcessRecord {
        ppid: Some(0),
        executable_path: Some(vec![]),
        start_time: Some(UnixSeconds(0)),
        cpu_usage: Some(0.0),
        memory_usage: Some(0),
        user_id: Some(String::new()),
        ..record
    };
    comes_back(&of_zeros);
    assert_eq!(serde_json::from_str::<DetectionResult>("{}").unwrap(), DetectionResult::default());
    let null: DetectionTask = serde_json::from_str(r#"{"metadata":null}"#).unwrap();
    assert_eq!(null, DetectionTask::default());
}

#[test]
fn every_body_of_a_packet_comes_back() {
    use proto::packet::Body;
    let fault =
        proto::Fault { code: 9, limit: Some(u64::MAX), seen: Some(0), ..Default::default() };
    for (body, name) in [
        (Body::Hello(proto::Hello { credit: u64::MAX, ..Default::default() }), "hello"),
        (Body::Task(proto::DetectionTask::new_enumerate_processes("t", None)), "task"),
        (Body::Result(proto::DetectionResult::failure("t", "no")), "result"),
        (Body::Fault(fault), "fault"),
        (Body::Credit(proto::Credit { total: u64::MAX }), "credit"),
        (Body::Cancel(proto::Cancel {}), "cancel"),
        (Body::Ping(proto::Ping { nonce: u64::MAX }), "ping"),
        (Body::Pong(proto::Ping { nonce: 1 }), "pong"),
        (Body::GoAway(proto::GoAway { reason: "r".into(), last_stream: 7 }), "go_away"),
    ] {
        let packet = proto::Packet { stream: u32::MAX, more: true, body: Some(body) };
        let value = serde_json::to_value(&packet).unwrap();
        assert!(value[name].is_object(), "{name}: {value}");
        comes_back(&packet);
    }
    comes_back(&proto::Packet::default());
}

#[test]
fn what_the_schema_cannot_hold_is_refused_and_not_replaced() {
    for (case, json) in [
        ("a name that no value has", r#"{"task":{"task_type":"FORMAT_DISK"}}"#),
        ("an enum over 32 bits", r#"{"task":{"task_type":2147483648}}"#),
        ("a uint32 over 32 bits", r#"{"stream":4294967296}"#),
        ("a number below 0", r#"{"stream":-1}"#),
        ("a fraction", r#"{"stream":1.5}"#),
        ("a uint64 over 64 bits", r#"{"credit":{"total":18446744073709551616}}"#),
        ("no base64", r#"{"result":{"processes":[{"name_raw":"Y2Fm6Q="}]}}"#),
        ("no word for a number", r#"{"result":{"processes":[{"cpu_usage":"inf"}]}}"#),
        ("two bodies", r#"{"cancel":{},"credit":{"total":1}}"#),
    ] {
        let read = serde_json::from_str::<proto::Packet>(json);
        assert!(read.is_err(), "{case}: {read:?}");
    }
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

#[track_caller]
fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    assert_eq!(serde_json::from_str::<T>(&text(value)).as_ref().ok(), Some(value));
    let through_value = serde_json::to_value(value).and_then(serde_json::from_value::<T>);
    assert_eq!(through_value.as_ref().ok(), Some(value));
}
