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
        messages.map(move |message| conversion(&scope, message) + &owned(&scope, message, codec))
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

fn conversion(scope: &Scope, message: &Message) -> String {
    let borrowed = scope.message_type(&message.name).replace("'a", "'_");
    let owned = names::owned(&message.name.schema);
    let members: Vec<_> = message
        .parts()
        .map(|part| match part {
            Part::Field(field) => format!("{}: {}", names::snake(&field.name), value(field)),
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
    format!(
        "
        impl {codec}::proto::Owned for super::prost::{} {{
            type Borrowed<'a> = {};
        }}\n",
        names::owned(&message.name.schema),
        scope.message_type(&message.name),
    )
}

fn value(field: &Field) -> String {
    let value = format!("message.{}", names::snake(&field.name));
    let element = match &field.kind {
        Kind::Number(_) => None,
        Kind::Enumeration(_) => Some("|value| value.0"),
        _ => Some("Into::into"),
    };
    match (field.presence, element) {
        (Presence::Repeated, Some(element)) => format!("{value}.iter().map({element}).collect()"),
        (Presence::Repeated, None) => format!("{value}.iter().collect()"),
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
