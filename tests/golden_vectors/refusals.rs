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
    let (refused, ways) = (kinds.values().sum::<u64>(), kinds.len());
    println!("figure: {refused} messages wrong in {ways} ways, 0 accepted");
    for (kind, _) in KINDS {
        assert!(kinds.contains_key(kind), "no vector is refused for {kind}");
    }
}

#[test]
fn what_a_receiver_would_refuse_is_refused_or_cut_and_said() {
    let (mut refused, mut cut) = (0, 0);
    for vector in vectors("refusals.json") {
        let Some(json) = vector.get("json") else { continue };
        let (by_type, name) = (message(text(&vector, "message")), text(&vector, "name"));
        match (by_type.encode)(json, 2 * by_type.max_len) {
            Err(error) => {
                assert_refused(error, &vector["refused"], name);
                refused += 1;
            }
            Ok(wire) => {
                let seen = (by_type.by_us)(&wire, &Limits::SCHEMA).unwrap().meaning.json;
                let seen = seen.to_string();
                assert!(seen.contains("NOTE_KIND_CUT") || seen.contains('…'), "{name}");
                cut += 1;
            }
        }
    }
    assert!(refused > 0 && cut > 0);
    println!("of messages over a limit {refused} were refused and {cut} cut");
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
        ..Limits::SCHEMA
    }
}
