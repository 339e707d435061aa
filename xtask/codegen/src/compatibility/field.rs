use crate::schema::{Field, Kind, Message, Presence};
use crate::worst_case;

use super::Change;

/// What became of a field that has kept number and name; each with the message that it is in.
pub(super) fn compare(released: (&Message, &Field), now: (&Message, &Field)) -> Vec<Change> {
    let (was, is) = (released.1, now.1);
    let types = (type_of(&was.kind), type_of(&is.kind));
    if types.0 != types.1 {
        return vec![Change::Type(types.0, types.1)];
    }
    let presences = (presence(released.0, was), presence(now.0, is));
    if presences.0 != presences.1 {
        return vec![Change::Presence(presences.0, presences.1)];
    }
    let opaque = (was.limits.opaque(), is.limits.opaque());
    let json_name = (was.json_name != is.json_name)
        .then(|| Change::JsonName(was.json_name.clone(), is.json_name.clone()));
    [json_name, (opaque.0 != opaque.1).then_some(Change::Opaque(opaque.0, opaque.1))]
        .into_iter()
        .chain(limits(was, is))
        .chain([non_empty(was, is)])
        .flatten()
        .collect()
}

fn type_of(kind: &Kind) -> String {
    match kind {
        Kind::Number(number) => number.schema.to_owned(),
        Kind::Text => "string".to_owned(),
        Kind::Bytes => "bytes".to_owned(),
        Kind::Enumeration(name) => format!("enum {}", name.schema),
        Kind::Message(name) | Kind::Opaque(name) => format!("message {}", name.schema),
    }
}

fn presence(message: &Message, field: &Field) -> String {
    match field.presence {
        Presence::Implicit => "neither optional nor repeated".to_owned(),
        Presence::Optional => "optional".to_owned(),
        Presence::Repeated => "repeated".to_owned(),
        Presence::Member(oneof) => format!("in oneof {}", message.oneofs[oneof].name),
    }
}

fn limits(was: &Field, is: &Field) -> [Option<Change>; 3] {
    // A total that elements by their number and length cannot reach limits nothing.
    let same_total = worst_case::total_bytes(was) == worst_case::total_bytes(is);
    [
        limit("max_bytes", was.limits.max_bytes, is.limits.max_bytes),
        limit("max_items", was.limits.max_items, is.limits.max_items),
        limit("max_total_bytes", was.limits.max_total_bytes, is.limits.max_total_bytes)
            .filter(|_| !same_total),
    ]
}

fn limit(limit: &'static str, was: Option<u32>, is: Option<u32>) -> Option<Change> {
    match (was, is) {
        (Some(was), None) => Some(Change::Raised { limit, was, is }),
        (Some(was), Some(larger)) if was < larger => Some(Change::Raised { limit, was, is }),
        (Some(larger), Some(is)) if larger > is => Some(Change::Lowered { limit, was, is }),
        (None, Some(is)) => Some(Change::Lowered { limit, was, is }),
        _ => None,
    }
}

fn non_empty(was: &Field, is: &Field) -> Option<Change> {
    match (was.non_empty(), is.non_empty()) {
        (false, true) => Some(Change::NonEmpty),
        (true, false) => Some(Change::MayBeEmpty),
        _ => None,
    }
}
