//! What a schema must say, and must not, so that memory and frames have a bound.

use crate::schema::{Field, Kind, Message, Schema};
use crate::{CodegenError, Refusal, clashes, notes, worst_case};

/// The largest frame that every peer takes: 64 KiB.
pub(crate) const FRAME: u64 = 64 * 1024;
/// What stands around a record: keys and lengths of the record, its message and the packet, and the
/// packet's own fields.
const AROUND: u64 = 64;

pub(crate) fn schema(schema: &Schema) -> Result<(), CodegenError> {
    // First of all, since nothing that contains itself has a worst case.
    every_message(schema, |message| {
        let refusal = recursion(schema, message, &mut Vec::new()).err();
        refusal.into_iter().map(|refusal| ("", refusal)).collect()
    })?;
    clashes::check(schema)?;
    every_message(schema, fields)?;
    every_message(schema, |message| notes::check(schema, message))?;
    every_message(schema, |message| records(schema, message))
}

/// All that `check` finds, since who adds limits to a schema has many to add.
fn every_message<'s>(
    schema: &'s Schema,
    check: impl Fn(&'s Message) -> Vec<(&'s str, Refusal)>,
) -> Result<(), CodegenError> {
    let mut refused = Vec::new();
    for file in &schema.files {
        for message in &file.messages {
            let found = check(message).into_iter();
            refused.extend(found.map(|(field, r)| (file.member(&message.name, field), r)));
        }
    }
    if refused.is_empty() { Ok(()) } else { Err(CodegenError::Refused(refused)) }
}

fn recursion<'s>(
    schema: &'s Schema,
    message: &'s Message,
    path: &mut Vec<&'s str>,
) -> Result<(), Refusal> {
    let again = path.contains(&message.name.schema.as_str());
    path.push(&message.name.schema);
    if again {
        return Err(Refusal::Recursion(path.join(" > ")));
    }
    for (_, name) in message.embedded() {
        recursion(schema, schema.message(name), path)?;
    }
    path.pop();
    Ok(())
}

fn fields(message: &Message) -> Vec<(&str, Refusal)> {
    let fields = message.fields.iter();
    fields.filter_map(|field| Some((field.name.as_str(), self::field(field).err()?))).collect()
}

fn records<'m>(schema: &Schema, message: &'m Message) -> Vec<(&'m str, Refusal)> {
    let around = AROUND + worst_case::companions(schema, message);
    let records = schema.records(message).into_iter().filter_map(|(field, record)| {
        let len = worst_case::message(schema, schema.message(record));
        let refusal = Refusal::RecordTooLarge(record.schema.clone(), len);
        (len + around > FRAME).then_some((field.name.as_str(), refusal))
    });
    records.collect()
}

fn field(field: &Field) -> Result<(), Refusal> {
    misplaced(field)?;
    let limits = &field.limits;
    let sizes = [
        ("max_bytes", limits.max_bytes),
        ("max_items", limits.max_items),
        ("max_total_bytes", limits.max_total_bytes),
    ];
    if let Some((name, _)) = sizes.into_iter().find(|(_, limit)| *limit == Some(0)) {
        return Err(Refusal::Zero(name));
    }
    if field.kind.has_length() && limits.max_bytes.is_none() {
        return Err(Refusal::NoMaxBytes);
    }
    if field.is_repeated() && limits.max_items.is_none() {
        return Err(Refusal::NoMaxItems);
    }
    let together = worst_case::total_bytes(field);
    let open = field.is_repeated() && field.kind.has_length() && limits.max_total_bytes.is_none();
    if open && together > FRAME {
        return Err(Refusal::NoMaxTotalBytes(together));
    }
    Ok(())
}

fn misplaced(field: &Field) -> Result<(), Refusal> {
    let length = field.kind.has_length();
    let message = matches!(field.kind, Kind::Message(_) | Kind::Opaque(_));
    for name in field.limits.stated() {
        let (applies, to) = match name {
            "max_items" => (field.is_repeated(), "repeated fields"),
            "max_total_bytes" => (field.is_repeated() && length, "repeated strings and bytes"),
            "opaque" => (message && !field.is_repeated(), "single messages"),
            "notes" => (message && field.is_repeated(), "repeated messages"),
            _ => (length, "strings and bytes"),
        };
        if !applies {
            return Err(Refusal::Misplaced(name, to));
        }
    }
    Ok(())
}
