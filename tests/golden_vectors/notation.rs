//! The files of `proto/vectors/`, as their README says they are to be read.

use std::fs;
use std::path::PathBuf;

use serde_json::{Map, Value};

/// All vectors of a file, with their runs written out.
pub(crate) fn vectors(file: &str) -> Vec<Value> {
    let text = fs::read_to_string(directory().join(file)).unwrap();
    let vectors: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert!(!vectors.is_empty(), "{file}");
    vectors.into_iter().map(written_out).collect()
}

pub(crate) fn directory() -> PathBuf {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../proto/vectors").into()
}

/// Bytes in hex, in one piece or several.
pub(crate) fn bytes(hex: &Value) -> Vec<u8> {
    match hex {
        Value::Array(parts) => parts.iter().flat_map(bytes).collect(),
        Value::String(digits) => {
            let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
            assert!(rest.is_empty(), "half a byte");
            pairs.iter().map(|[high, low]| digit(*high) << 4 | digit(*low)).collect()
        }
        other => panic!("no bytes: {other}"),
    }
}

pub(crate) fn text<'v>(vector: &'v Value, key: &str) -> &'v str {
    vector[key].as_str().unwrap_or_else(|| panic!("no {key} in {vector}"))
}

pub(crate) fn list<'v>(vector: &'v Value, key: &str) -> &'v [Value] {
    vector[key].as_array().unwrap_or_else(|| panic!("no {key} in {vector}"))
}

pub(crate) fn number<T: TryFrom<u64, Error: std::fmt::Debug>>(vector: &Value, key: &str) -> T {
    let number = vector[key].as_u64().unwrap_or_else(|| panic!("no {key} in {vector}"));
    number.try_into().unwrap()
}

fn digit(character: u8) -> u8 {
    let digit = char::from(character).to_digit(16).expect("a hexadecimal digit");
    u8::try_from(digit).unwrap()
}

fn written_out(value: Value) -> Value {
    match value {
        Value::Object(map) => match times(&map, "repeat") {
            Some((text, times)) => text.as_str().expect("text").repeat(times).into(),
            None => map.into_iter().map(|(key, value)| (key, written_out(value))).collect(),
        },
        Value::Array(elements) => elements.into_iter().flat_map(elements_of).collect(),
        other => other,
    }
}

fn elements_of(element: Value) -> Vec<Value> {
    match element.as_object().and_then(|map| times(map, "items")) {
        Some((item, times)) => vec![written_out(item.clone()); times],
        None => vec![written_out(element)],
    }
}

/// `{"repeat": .., "times": ..}`, or the same with `items`.
fn times<'m>(map: &'m Map<String, Value>, key: &str) -> Option<(&'m Value, usize)> {
    let times = map.get("times").filter(|_| map.len() == 2)?;
    Some((map.get(key)?, usize::try_from(times.as_u64()?).ok()?))
}

#[test]
fn runs_are_written_out() {
    let short = r#"{"a": {"repeat": "xy", "times": 2}, "b": [1, {"items": {"c": {"repeat": "z", "times": 3}}, "times": 2}]}"#;
    let long = r#"{"a": "xyxy", "b": [1, {"c": "zzz"}, {"c": "zzz"}]}"#;
    let read = |text| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(written_out(read(short)), read(long));
    let wire = written_out(read(r#"["00", {"repeat": "0aFf", "times": 2}, ""]"#));
    assert_eq!(bytes(&wire), [0, 10, 255, 10, 255]);
}
