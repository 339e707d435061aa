//! What a schema must say, and must not, so that memory and frames have a bound.

use std::collections::HashMap;

use crate::schema::{Enumeration, Field, File, Kind, Message, Name, Schema};
use crate::{CodegenError, Place, Refusal, names, worst_case};

/// The largest frame that every peer takes: 64 KiB.
pub(crate) const FRAME: u64 = 64 * 1024;
/// A record travels in a result in a packet: their keys and lengths, the stream and the task's id
/// left out, take less.
const AROUND: u64 = 64;

pub(crate) fn schema(schema: &Schema) -> Result<(), CodegenError> {
    let mut taken: HashMap<_, _> =
        names::PRELUDE.iter().map(|&name| (name.to_owned(), "Rust's prelude".to_owned())).collect();
    for file in &schema.files {
        for message in &file.messages {
            recursion(schema, message, &mut Vec::new())
                .map_err(|r| at(file, &message.name, "", r))?;
        }
    }
    for file in &schema.files {
        type_names(schema, file, &mut taken)?;
        for enumeration in &file.enumerations {
            value_names(enumeration).map_err(|(value, r)| at(file, &enumeration.name, value, r))?;
        }
        for message in &file.messages {
            check_message(schema, message)
                .map_err(|(field, r)| at(file, &message.name, field, r))?;
        }
    }
    Ok(())
}

fn at(file: &File, item: &Name, member: &str, refusal: Refusal) -> CodegenError {
    let (item, member) = (item.schema.clone(), member.to_owned());
    CodegenError::Refused(Place { file: file.path.clone(), item, member }, refusal)
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

/// Nested types lose their dots and may so come to the name of another.
fn type_names(
    schema: &Schema,
    file: &File,
    taken: &mut HashMap<String, String>,
) -> Result<(), CodegenError> {
    let mut take = |rust: &str, item: &Name, what: String| match taken.insert(rust.to_owned(), what)
    {
        None => Ok(()),
        Some(by) => Err(at(file, item, "", Refusal::NameTaken(rust.to_owned(), by))),
    };
    for enumeration in &file.enumerations {
        let name = &enumeration.name;
        take(&name.rust, name, name.schema.clone())?;
    }
    for message in &file.messages {
        let name = &message.name;
        take(&name.rust, name, name.schema.clone())?;
        for oneof in &message.oneofs {
            take(&oneof.rust, name, format!("oneof {} of {}", oneof.name, name.schema))?;
        }
        if !schema.records(message).is_empty() {
            take(
                &format!("{}Visitor", name.rust),
                name,
                format!("the visitor of {}", name.schema),
            )?;
        }
    }
    Ok(())
}

fn value_names(enumeration: &Enumeration) -> Result<(), (&str, Refusal)> {
    let mut taken = HashMap::new();
    for value in &enumeration.values {
        if let Some(by) = taken.insert(&value.rust, &value.name) {
            return Err((&value.name, Refusal::NameTaken(value.rust.clone(), by.clone())));
        }
    }
    Ok(())
}

fn check_message<'m>(schema: &Schema, message: &'m Message) -> Result<(), (&'m str, Refusal)> {
    for field in &message.fields {
        check_field(field).map_err(|refusal| (field.name.as_str(), refusal))?;
    }
    for (field, record) in schema.records(message) {
        let len = worst_case::message(schema, schema.message(record));
        if len + AROUND > FRAME {
            return Err((&field.name, Refusal::RecordTooLarge(record.schema.clone(), len)));
        }
    }
    Ok(())
}

fn check_field(field: &Field) -> Result<(), Refusal> {
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
    let together = worst_case::elements(field);
    let open = field.is_repeated() && field.kind.has_length() && limits.max_total_bytes.is_none();
    if open && together > FRAME {
        return Err(Refusal::NoMaxTotalBytes(together));
    }
    Ok(())
}

fn misplaced(field: &Field) -> Result<(), Refusal> {
    let length = field.kind.has_length();
    let message = matches!(field.kind, Kind::Message(_) | Kind::Opaque);
    for name in field.limits.stated() {
        let (applies, to) = match name {
            "max_items" => (field.is_repeated(), "repeated fields"),
            "max_total_bytes" => (field.is_repeated() && length, "repeated strings and bytes"),
            "opaque" => (message && !field.is_repeated(), "single messages"),
            _ => (length, "strings and bytes"),
        };
        if !applies {
            return Err(Refusal::Misplaced(name, to));
        }
    }
    Ok(())
}
