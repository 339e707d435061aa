//! `refusals.json`: what is refused, where, and why.

use std::collections::BTreeMap;

use eyelet_codec::Limits;
use serde_json::Value;

use crate::kind::{KINDS, assert_refused};
use crate::notation::{bytes, text, vectors};
use crate::schema::message;

#[test]
fn every_refusal_names_its_message_its_field_and_its_kind() {
    let mut kinds = BTreeMap::new();
    for vector in vectors("refusals.json") {
        let (name, want) = (text(&vector, "name"), &vector["refused"]);
        let decode = message(text(&vector, "message")).by_us;
        match decode(&bytes(&vector["wire"]), &limits(&vector)) {
            Ok(read) => panic!("{name} was accepted: {}", read.meaning.json),
            Err(error) => assert_refused(error, want, name),
        }
        *kinds.entry(text(want, "kind").to_owned()).or_insert(0) += 1;
    }
    println!("{kinds:?}");
    for (kind, _) in KINDS {
        assert!(kinds.contains_key(kind), "no vector is refused for {kind}");
    }
}

#[test]
fn what_a_receiver_would_refuse_is_not_encoded() {
    let mut count = 0;
    for vector in vectors("refusals.json") {
        if let Some(json) = vector.get("json") {
            let by_type = message(text(&vector, "message"));
            let error = (by_type.encode)(json, 2 * by_type.max_len).unwrap_err();
            assert_refused(error, &vector["refused"], text(&vector, "name"));
            count += 1;
        }
    }
    assert!(count > 0);
    println!("{count} messages over a limit");
}

/// Those of the schema but for what the vector says.
fn limits(vector: &Value) -> Limits {
    let bound = |key: &str, own: u32| {
        let lower = vector.get("bounds").and_then(|bounds| bounds.get(key)).and_then(Value::as_u64);
        lower.map_or(own, |lower| u32::try_from(lower).unwrap())
    };
    let own = Limits::SCHEMA;
    Limits {
        bytes: bound("bytes", own.bytes),
        elements: bound("elements", own.elements),
        depth: bound("depth", own.depth),
    }
}
