//! From a borrowed message to prost's.

use crate::fields::Scope;
use crate::schema::{Enumeration, Field, Kind, Message, Name, Part, Presence, Schema};
use crate::{ALLOWED, Options, OwnedTypes, names};

/// The whole module.
pub(crate) fn file(schema: &Schema, options: &Options) -> String {
    let codec = &options.codec;
    let messages = schema.files.iter().flat_map(|file| {
        let scope = Scope { schema, module: "owned" };
        let convertible = |message: &&Message| !schema.holds_opaque(message);
        let messages = file.messages.iter().filter(convertible);
        messages
            .map(move |message| conversion(&scope, message, codec) + &owned(&scope, message, codec))
    });
    let named = schema.files.iter().filter(|_| options.owned == OwnedTypes::ProstAndSerde);
    let enumerations = named.flat_map(|file| &file.enumerations);
    let enumerations = enumerations.map(|enumeration| names_of(enumeration, codec));
    let items: Vec<_> = messages.chain(enumerations).collect();
    format!(
        "//! From the borrowed messages to prost's types.
        //!
        //! A message with an opaque field has no conversion: what those bytes hold is yet to be checked.

        {ALLOWED}\n\n{}",
        items.join("\n")
    )
}

fn conversion(scope: &Scope, message: &Message, codec: &str) -> String {
    let borrowed = scope.message_type(&message.name).replace("'a", "'_");
    let owned = names::owned(&message.name.schema);
    let members: Vec<_> = message
        .parts()
        .map(|part| match part {
            Part::Field(field) => format!("{}: {}", names::snake(&field.name), value(field, codec)),
            Part::Oneof(oneof) => chosen(message, oneof),
        })
        .collect();
    let argument = if members.is_empty() { "_" } else { "message" };
    format!(
        "impl From<{borrowed}> for super::prost::{owned} {{
            fn from({argument}: {borrowed}) -> Self {{
                Self {{ {} }}
            }}
        }}\n",
        members.join(", ")
    )
}

/// By which prost's type is decoded only after the borrowed message has been.
fn owned(scope: &Scope, message: &Message, codec: &str) -> String {
    let terms: Vec<_> = message.parts().filter_map(|part| heap(message, &part, codec)).collect();
    let argument = if terms.is_empty() { "_" } else { "message" };
    let heap = terms.into_iter().reduce(|sum, term| format!("{sum}.saturating_add({term})"));
    let heap = heap.unwrap_or_else(|| "0".to_owned());
    format!(
        "
        impl {codec}::proto::Owned for super::prost::{} {{
            type Borrowed<'a> = {};

            fn of(message: Self::Borrowed<'_>) -> Self {{
                message.into()
            }}

            fn heap({argument}: &Self::Borrowed<'_>) -> usize {{
                {heap}
            }}
        }}\n",
        names::owned(&message.name.schema),
        scope.message_type(&message.name),
    )
}

/// What a part of a message takes from the heap; `None` if nothing.
fn heap(message: &Message, part: &Part, codec: &str) -> Option<String> {
    match part {
        Part::Field(field) => heap_of_field(field, codec),
        Part::Oneof(oneof) => heap_of_chosen(message, *oneof, codec),
    }
}

fn heap_of_field(field: &Field, codec: &str) -> Option<String> {
    let value = format!("message.{}", names::snake(&field.name));
    if field.is_repeated() {
        return Some(format!("{codec}::heap::{}({value})", list(field)));
    }
    let one = heap_of_one(field, "value", codec)?;
    Some(match field.presence {
        Presence::Optional => format!("{value}.map_or(0, |value| {one})"),
        _ => heap_of_one(field, &value, codec)?,
    })
}

fn list(field: &Field) -> String {
    match &field.kind {
        Kind::Text | Kind::Bytes => "values".to_owned(),
        Kind::Number(_) | Kind::Enumeration(_) => "numbers".to_owned(),
        Kind::Message(name) | Kind::Opaque(name) => {
            format!("messages::<super::prost::{}>", names::owned(&name.schema))
        }
    }
}

fn heap_of_one(field: &Field, value: &str, codec: &str) -> Option<String> {
    match &field.kind {
        Kind::Number(_) | Kind::Enumeration(_) => None,
        Kind::Text | Kind::Bytes => Some(format!("{value}.len()")),
        Kind::Message(name) | Kind::Opaque(name) => {
            let name = names::owned(&name.schema);
            Some(format!("<super::prost::{name} as {codec}::proto::Owned>::heap(&{value})"))
        }
    }
}

fn heap_of_chosen(message: &Message, oneof: usize, codec: &str) -> Option<String> {
    let borrowed = format!("super::{}::{}", message.name.module, message.oneofs[oneof].rust);
    let arms: Vec<_> = message
        .members(oneof)
        .filter_map(|field| {
            let one = heap_of_one(field, "value", codec)?;
            Some(format!("{borrowed}::{}(value) => {one},", names::camel(&field.name)))
        })
        .collect();
    let others = if arms.len() < message.members(oneof).count() { "_ => 0," } else { "" };
    let name = names::snake(&message.oneofs[oneof].name);
    let heap =
        format!("message.{name}.map_or(0, |value| match value {{ {}{others} }})", arms.concat());
    (!arms.is_empty()).then_some(heap)
}

fn value(field: &Field, codec: &str) -> String {
    let value = format!("message.{}", names::snake(&field.name));
    let element = match &field.kind {
        Kind::Number(_) => None,
        Kind::Enumeration(_) => Some("|value| value.0"),
        _ => Some("Into::into"),
    };
    match (field.presence, element) {
        (Presence::Repeated, element) => {
            let own = element.unwrap_or("core::convert::identity");
            format!("{codec}::heap::collect({value}, {own})")
        }
        (Presence::Optional, Some(element)) => format!("{value}.map({element})"),
        (_, None) => value,
        (_, Some(_)) => one(field, &value),
    }
}

fn one(field: &Field, value: &str) -> String {
    match &field.kind {
        Kind::Number(_) => value.to_owned(),
        Kind::Enumeration(_) => format!("{value}.0"),
        _ => format!("{value}.into()"),
    }
}

fn chosen(message: &Message, oneof: usize) -> String {
    let Name { rust: _, module, schema } = &message.name;
    let borrowed = format!("super::{module}::{}", message.oneofs[oneof].rust);
    let oneof_name = &message.oneofs[oneof].name;
    let owned = format!(
        "super::prost::{}",
        names::owned(&format!("{schema}.{}", names::camel(oneof_name)))
    );
    let arms = message.members(oneof).map(|field| {
        let variant = names::camel(&field.name);
        format!("{borrowed}::{variant}(value) => {owned}::{variant}({}),\n", one(field, "value"))
    });
    let name = names::snake(oneof_name);
    format!("{name}: message.{name}.map(|value| match value {{ {} }})", arms.collect::<String>())
}

fn names_of(enumeration: &Enumeration, codec: &str) -> String {
    format!(
        "#[cfg(feature = \"serde\")]
        impl {codec}::json::Names for super::prost::{} {{
            fn name(number: i32) -> Option<&'static str> {{
                Self::try_from(number).ok().map(|value| value.as_str_name())
            }}

            fn number(name: &str) -> Option<i32> {{
                Self::from_str_name(name).map(i32::from)
            }}
        }}\n",
        names::owned(&enumeration.name.schema)
    )
}
