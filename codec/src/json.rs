//! How the schema's values look in JSON: enums by name, bytes as base64, and the floats that JSON has
//! no number for as words. Generated types name one of these forms for each field that needs one.

mod bytes;
mod enumeration;
mod float;
mod oneof;

use alloc::vec::Vec;
use core::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use bytes::Bytes;
pub use enumeration::{Enumeration, Names};
pub use float::Float;
pub use oneof::oneof;

/// A form that values of `T` have. `Option<F>` and `Vec<F>` are forms of options and lists.
pub trait Form<T> {
    /// Writes `value` in this form.
    fn serialize<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads a value of this form.
    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error>;
}

/// A form as serde's `with` takes it: `#[serde(with = "As::<Option<Bytes>>")]`.
pub struct As<F>(PhantomData<F>);

impl<F> As<F> {
    /// Writes `value` in the form `F`.
    pub fn serialize<T, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error>
    where
        F: Form<T>,
    {
        F::serialize(value, serializer)
    }

    /// Reads a value of the form `F`.
    pub fn deserialize<'de, T, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error>
    where
        F: Form<T>,
    {
        F::deserialize(deserializer)
    }
}

impl<T, F: Form<T>> Form<Option<T>> for Option<F> {
    fn serialize<S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        value.as_ref().map(Formed::<T, F>::new).serialize(serializer)
    }

    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        let read = Option::<Read<T, F>>::deserialize(deserializer)?;
        Ok(read.map(|read| read.0))
    }
}

impl<T, F: Form<T>> Form<Vec<T>> for Vec<F> {
    fn serialize<S: Serializer>(value: &Vec<T>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(value.iter().map(Formed::<T, F>::new))
    }

    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        let read = Vec::<Read<T, F>>::deserialize(deserializer)?;
        Ok(read.into_iter().map(|read| read.0).collect())
    }
}

struct Formed<'v, T, F>(&'v T, PhantomData<F>);

impl<'v, T, F> Formed<'v, T, F> {
    fn new(value: &'v T) -> Self {
        Self(value, PhantomData)
    }
}

impl<T, F: Form<T>> Serialize for Formed<'_, T, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        F::serialize(self.0, serializer)
    }
}

struct Read<T, F>(T, PhantomData<F>);

impl<'de, T, F: Form<T>> Deserialize<'de> for Read<T, F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        F::deserialize(deserializer).map(|value| Self(value, PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};
    use alloc::vec;

    use super::*;
    use crate::proto::packet::Body;
    use crate::proto::{
        Coverage, DetectionTask, Fault, FieldNote, HashResult, Hello, NoteKind, Packet, Ping,
        ProcessRecord, TaskType,
    };

    fn both_ways<T: Serialize + for<'de> Deserialize<'de> + PartialEq + core::fmt::Debug>(
        value: &T,
        json: &str,
    ) {
        assert_eq!(serde_json::to_string(value).unwrap(), json);
        assert_eq!(serde_json::from_str::<T>(json).unwrap(), *value);
    }

    fn refusal<T: for<'de> Deserialize<'de> + core::fmt::Debug>(json: &str) -> String {
        serde_json::from_str::<T>(json).unwrap_err().to_string()
    }

    #[test]
    fn every_field_has_its_name_and_form() {
        let record = ProcessRecord {
            pid: u32::MAX,
            ppid: Some(0),
            name: "sh".into(),
            command_line: vec!["sh".into(), String::new()],
            start_time: Some(i64::MIN),
            cpu_usage: Some(2.5),
            memory_usage: Some(u64::MAX),
            accessible: true,
            name_raw: Some(vec![0xff, 0xfe, 0xfd, 0xfc]),
            command_line_raw: vec![vec![], vec![0xfb]],
            notes: vec![
                FieldNote { field: 7, kind: NoteKind::Denied.into() },
                FieldNote { field: 0, kind: -7 },
            ],
            ..ProcessRecord::default()
        };
        let json = concat!(
            r#"{"pid":4294967295,"ppid":0,"name":"sh","command_line":["sh",""],"#,
            r#""start_time":-9223372036854775808,"cpu_usage":2.5,"#,
            r#""memory_usage":18446744073709551615,"accessible":true,"file_exists":false,"#,
            r#""collection_time":0,"on_disk_mismatch":false,"entity_id":"","#,
            r#""name_raw":"//79/A==","command_line_raw":["","+w=="],"#,
            r#""notes":[{"field":7,"kind":"NOTE_KIND_DENIED"},{"field":0,"kind":-7}]}"#,
        );
        both_ways(&record, json);
    }

    #[test]
    fn what_is_absent_is_left_out_and_may_be_missing() {
        both_ways(&DetectionTask::default(), r#"{"task_id":"","task_type":"ENUMERATE_PROCESSES"}"#);
        assert_eq!(serde_json::from_str::<DetectionTask>("{}").unwrap(), DetectionTask::default());
        let told = HashResult { matched: Some(false), size: Some(0), ..HashResult::default() };
        let json = r#"{"hash_value":"","algorithm":"","file_path":"","success":false,"matched":false,"size":0,"changed_while_read":false}"#;
        both_ways(&told, json);
    }

    #[test]
    fn floats_that_json_has_no_number_for_are_words() {
        let record = |cpu_usage| ProcessRecord { cpu_usage, ..ProcessRecord::default() };
        for (usage, json) in [
            (f64::INFINITY, r#""Infinity""#),
            (f64::NEG_INFINITY, r#""-Infinity""#),
            (f64::NAN, r#""NaN""#),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (1e300, "1e+300"),
        ] {
            let written = serde_json::to_string(&record(Some(usage))).unwrap();
            assert!(written.contains(&alloc::format!(r#""cpu_usage":{json},"#)), "{written}");
            let read = serde_json::from_str::<ProcessRecord>(&written).unwrap();
            assert_eq!(read.cpu_usage.map(f64::to_bits), Some(usage.to_bits()));
        }
        let whole = serde_json::from_str::<ProcessRecord>(r#"{"cpu_usage":-3}"#).unwrap();
        assert_eq!(whole.cpu_usage, Some(-3.0));
        let null = serde_json::from_str::<ProcessRecord>(r#"{"cpu_usage":null}"#).unwrap();
        assert_eq!(null.cpu_usage, None);
        assert!(refusal::<ProcessRecord>(r#"{"cpu_usage":"nan"}"#).contains(r#"string "nan""#));
    }

    #[test]
    fn a_narrow_float_keeps_its_digits_and_its_range() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Narrow(#[serde(with = "As::<Float>")] f32);
        both_ways(&Narrow(0.1), "0.1");
        both_ways(&Narrow(f32::MAX), "3.4028235e+38");
        both_ways(&Narrow(f32::NEG_INFINITY), r#""-Infinity""#);
        assert!(refusal::<Narrow>("1e39").contains("a float of 32 bits"));
    }

    #[test]
    fn an_enum_is_read_by_name_and_by_number() {
        let kind = |json| serde_json::from_str::<DetectionTask>(json).map(|task| task.task_type);
        let verify = TaskType::VerifyExecutable.into();
        for (json, number) in [
            (r#"{"task_type":"VERIFY_EXECUTABLE"}"#, verify),
            (r#"{"task_type":3}"#, verify),
            (r#"{"task_type":2147483647}"#, i32::MAX),
            (r#"{"task_type":-1}"#, -1),
        ] {
            assert_eq!(kind(json).unwrap(), number, "{json}");
        }
        for json in
            [r#"{"task_type":"VERIFY"}"#, r#"{"task_type":2147483648}"#, r#"{"task_type":1.5}"#]
        {
            let said = refusal::<DetectionTask>(json);
            assert!(said.contains("a name or number of the enum"), "{said}");
        }
    }

    #[test]
    fn integers_are_exact_and_never_cut() {
        let coverage = Coverage { seen: (1 << 53) + 1, ..Coverage::default() };
        let json = serde_json::to_string(&coverage).unwrap();
        assert!(json.starts_with(r#"{"seen":9007199254740993,"#), "{json}");
        assert_eq!(serde_json::from_str::<Coverage>(&json).unwrap(), coverage);
        assert!(refusal::<ProcessRecord>(r#"{"pid":4294967296}"#).contains("4294967296"));
    }

    #[test]
    fn bytes_are_base64_and_nothing_else() {
        let read = |json| serde_json::from_str::<ProcessRecord>(json).map(|record| record.name_raw);
        assert_eq!(read(r#"{"name_raw":""}"#).unwrap(), Some(vec![]));
        for json in [
            r#"{"name_raw":"+w="}"#,
            r#"{"name_raw":"+w"}"#,
            r#"{"name_raw":"-w=="}"#,
            r#"{"name_raw":[1]}"#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_member_of_a_oneof_stands_among_the_fields() {
        let packet = |body| Packet { stream: 1, more: false, body };
        both_ways(&packet(None), r#"{"stream":1,"more":false}"#);
        both_ways(
            &packet(Some(Body::Ping(Ping { nonce: u64::MAX }))),
            r#"{"stream":1,"more":false,"ping":{"nonce":18446744073709551615}}"#,
        );
        both_ways(
            &packet(Some(Body::Task(DetectionTask::default()))),
            r#"{"stream":1,"more":false,"task":{"task_id":"","task_type":"ENUMERATE_PROCESSES"}}"#,
        );
        let tasks = vec![TaskType::MonitorProcessTree.into(), 9];
        both_ways(
            &packet(Some(Body::Hello(Hello { credit: 5, tasks, ..Hello::default() }))),
            concat!(
                r#"{"stream":1,"more":false,"hello":{"version_min":0,"version_max":0,"max_frame":0,"#,
                r#""max_streams":0,"credit":5,"software":"","tasks":["MONITOR_PROCESS_TREE",9],"#,
                r#""role":"ROLE_UNSPECIFIED"}}"#
            ),
        );
        let unknown = r#"{"later":[1,{"a":null}],"fault":{"seen":2}}"#;
        let fault = Fault { seen: Some(2), ..Fault::default() };
        let read = serde_json::from_str::<Packet>(unknown).unwrap();
        assert_eq!(read, Packet { body: Some(Body::Fault(fault)), ..Packet::default() });
    }

    #[test]
    fn a_wrong_member_of_a_oneof_is_no_absent_one() {
        for (json, said) in [
            (r#"{"ping":{"nonce":-1}}"#, "integer `-1`"),
            (r#"{"ping":7}"#, "invalid type: integer `7`"),
            (r#"{"cancel":{},"ping":{}}"#, "`ping` is the second member of its oneof"),
        ] {
            let error = refusal::<Packet>(json);
            assert!(error.contains(said), "{json}: {error}");
        }
    }
}
