//! The limits as JSON, for languages whose protobuf does not show options.

use serde::Serialize;

use crate::budget::Budget;
use crate::schema::{Field, Kind, Message, Presence, Schema};
use crate::worst_case;

/// What is absent is not limited, or not so.
#[derive(Serialize)]
struct Cell<'s> {
    field: &'s str,
    number: u32,
    r#type: &'s str,
    #[serde(skip_serializing_if = "is_false")]
    repeated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    oneof: Option<&'s str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_bytes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_items: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_total_bytes: Option<u32>,
    #[serde(skip_serializing_if = "is_false")]
    non_empty: bool,
    #[serde(skip_serializing_if = "is_false")]
    opaque: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_excess: Option<&'static str>,
}

/// The whole file, with a line for each field.
pub(crate) fn file(schema: &Schema, made: &str) -> String {
    let rows: Vec<_> = schema.messages().map(|message| row(schema, message)).collect();
    format!(
        "{{\n\"generated\": {},\n\"package\": {},\n\"messages\": [\n{}\n]\n}}\n",
        json(&made),
        json(&schema.package),
        rows.join(",\n")
    )
}

fn row(schema: &Schema, message: &Message) -> String {
    let cells: Vec<_> = message
        .fields
        .iter()
        .map(|field| format!("\n    {}", json(&cell(message, field))))
        .collect();
    format!(
        "  {{\"message\":{},\"max_encoded_len\":{},\"budget\":{},\"fields\":[{}]}}",
        json(&message.name.schema),
        worst_case::message(schema, message),
        json(&Budget::of(schema, message)),
        cells.join(",")
    )
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("strings and numbers are JSON")
}

fn cell<'s>(message: &'s Message, field: &'s Field) -> Cell<'s> {
    let limits = &field.limits;
    let on_excess = if limits.cut() { "cut" } else { "reject" };
    Cell {
        field: &field.name,
        number: field.number,
        r#type: type_name(&field.kind),
        repeated: field.is_repeated(),
        oneof: oneof(message, field),
        max_bytes: limits.max_bytes,
        max_items: limits.max_items,
        max_total_bytes: limits.max_total_bytes,
        non_empty: field.non_empty(),
        opaque: limits.opaque(),
        on_excess: field.kind.has_length().then_some(on_excess),
    }
}

fn oneof<'s>(message: &'s Message, field: &Field) -> Option<&'s str> {
    let Presence::Member(index) = field.presence else { return None };
    message.oneofs.get(index).map(|oneof| &*oneof.name)
}

fn type_name(kind: &Kind) -> &str {
    match kind {
        Kind::Number(number) => number.schema,
        Kind::Text => "string",
        Kind::Bytes => "bytes",
        Kind::Enumeration(name) | Kind::Message(name) | Kind::Opaque(name) => &name.schema,
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(value: &bool) -> bool {
    !value
}
