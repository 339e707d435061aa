//! How each kind of field looks as a type, is read and is written.

use crate::schema::{Field, Kind, Message, Name, Part, Presence, Schema};
use crate::{names, notes};

/// A module being written.
pub(crate) struct Scope<'s> {
    pub(crate) schema: &'s Schema,
    pub(crate) module: &'s str,
}

impl Scope<'_> {
    pub(crate) fn lifetime(&self, message: &Message) -> &'static str {
        if self.schema.borrows(message) { "<'a>" } else { "" }
    }

    pub(crate) fn oneof_lifetime(&self, message: &Message, oneof: usize) -> &'static str {
        let borrows = message.members(oneof).any(|field| self.schema.field_borrows(field));
        if borrows { "<'a>" } else { "" }
    }

    pub(crate) fn field_type(&self, field: &Field) -> String {
        let value = self.value_type(field);
        match (field.presence, &field.kind) {
            (Presence::Repeated, _) => format!("runtime::Repeated<'a, {value}>"),
            (
                Presence::Implicit,
                Kind::Number(_) | Kind::Enumeration(_) | Kind::Text | Kind::Bytes,
            ) => value,
            _ => format!("Option<{value}>"),
        }
    }

    pub(crate) fn value_type(&self, field: &Field) -> String {
        match &field.kind {
            Kind::Number(number) => number.rust.to_owned(),
            Kind::Text => "&'a str".to_owned(),
            Kind::Bytes | Kind::Opaque(_) => "&'a [u8]".to_owned(),
            Kind::Enumeration(name) => self.path(name),
            Kind::Message(name) => self.message_type(name),
        }
    }

    pub(crate) fn message_type(&self, name: &Name) -> String {
        self.path(name) + self.lifetime(self.schema.message(name))
    }

    pub(crate) fn path(&self, name: &Name) -> String {
        if name.module == self.module {
            return name.rust.clone();
        }
        format!("super::{}::{}", name.module, name.rust)
    }
}

/// The body of `read`; `on_record` says what happens to a repeated field's message.
pub(crate) fn read(
    scope: &Scope,
    message: &Message,
    on_record: impl Fn(&Scope, &Field, &Name) -> String,
) -> String {
    let tallies = message.fields.iter().filter(|field| field.is_repeated());
    let tallies: String = tallies
        .map(|field| format!("let mut {} = runtime::Tally::default();\n", tally(field)))
        .collect();
    let arms: String = message
        .fields
        .iter()
        .map(|field| {
            let step = match (&field.kind, field.presence) {
                (Kind::Message(name), Presence::Repeated) => on_record(scope, field, name),
                _ => read_field(message, field),
            };
            format!("{} => {step},\n", field.number)
        })
        .collect();
    let body = if arms.is_empty() {
        "while reader.field()?.is_some() { reader.skip()?; }\n".to_owned()
    } else {
        format!(
            "while let Some(number) = reader.field()? {{
                match number {{ {arms} _ => reader.skip()?, }}
            }}\n"
        )
    };
    let required: String = message.fields.iter().filter_map(require).collect();
    format!("{tallies}{body}{required}Ok(())")
}

/// A repeated field's message, only looked at.
pub(crate) fn record(scope: &Scope, field: &Field, name: &Name) -> String {
    format!(
        "{{
            reader.item_message::<{}>({}, &mut {tally})?;
            self.{} = reader.so_far(&{tally}, runtime::Encoding::Varint);
        }}",
        scope.message_type(name),
        constant(field),
        names::snake(&field.name),
        tally = tally(field),
    )
}

fn read_field(message: &Message, field: &Field) -> String {
    let name = names::snake(&field.name);
    match field.presence {
        Presence::Repeated => format!("self.{name} = {}", read_repeated(field)),
        Presence::Member(oneof) => read_member(message, oneof, field),
        Presence::Implicit if !matches!(field.kind, Kind::Message(_) | Kind::Opaque(_)) => {
            format!("self.{name} = {}", read_value(field))
        }
        _ => match field.kind {
            Kind::Message(_) => format!("self.{name} = Some(reader.message(&self.{name})?)"),
            Kind::Opaque(_) => {
                format!("self.{name} = Some(reader.opaque(self.{name}.is_some())?)")
            }
            _ => format!("self.{name} = Some({})", read_value(field)),
        },
    }
}

fn read_member(message: &Message, oneof: usize, field: &Field) -> String {
    let oneof = &message.oneofs[oneof];
    let (name, variant) = (names::snake(&oneof.name), names::camel(&field.name));
    let (value, chosen) = (read_value(field), format!("{}::{variant}", oneof.rust));
    let set = if field.non_empty() {
        format!(
            "let value = {value};
            reader.require({}, value.is_empty())?;
            self.{name} = Some({chosen}(value));",
            constant(field)
        )
    } else {
        format!("self.{name} = Some({chosen}({value}));")
    };
    format!("{{ reader.once(self.{name}.is_some())?;\n{set} }}")
}

fn read_value(field: &Field) -> String {
    match &field.kind {
        Kind::Number(_) | Kind::Enumeration(_) => format!("reader.scalar({})?", encoding(field)),
        Kind::Text => format!("reader.text({})?", constant(field)),
        Kind::Bytes => format!("reader.bytes({})?", constant(field)),
        Kind::Opaque(_) => "reader.opaque(false)?".to_owned(),
        Kind::Message(_) => "reader.nested()?".to_owned(),
    }
}

fn read_repeated(field: &Field) -> String {
    let (constant, tally) = (constant(field), tally(field));
    match &field.kind {
        Kind::Text => format!("reader.texts({constant}, &mut {tally})?"),
        Kind::Bytes => format!("reader.byte_strings({constant}, &mut {tally})?"),
        _ => format!("reader.scalars({constant}, &mut {tally}, {})?", encoding(field)),
    }
}

/// Elements and members are looked at as they come; of a single value the last one counts.
fn require(field: &Field) -> Option<String> {
    let name = names::snake(&field.name);
    let require =
        |value: &str| format!("reader.require({}, {value}.is_empty())?;", constant(field));
    match field.presence {
        _ if !field.non_empty() => None,
        Presence::Implicit => Some(require(&format!("self.{name}"))),
        Presence::Optional => {
            Some(format!("if let Some(value) = self.{name} {{ {} }}\n", require("value")))
        }
        Presence::Repeated | Presence::Member(_) => None,
    }
}

/// The body of `write`.
pub(crate) fn write(scope: &Scope, message: &Message) -> String {
    let statements = message.parts().map(|part| match part {
        Part::Oneof(oneof) => write_oneof(message, oneof),
        Part::Field(field) => match field.presence {
            Presence::Repeated if field.limits.notes() => notes::write(scope, field),
            Presence::Repeated => write_repeated(field),
            Presence::Implicit => write_implicit(field),
            Presence::Optional | Presence::Member(_) => write_optional(field),
        },
    });
    let statements: String = statements.collect();
    if statements.is_empty() {
        return "let _ = writer;\nOk(())".to_owned();
    }
    statements + "Ok(())"
}

fn write_oneof(message: &Message, oneof: usize) -> String {
    let arms = message.members(oneof).map(|field| {
        let (variant, name) = (names::camel(&field.name), &message.oneofs[oneof].rust);
        let value = match &field.kind {
            Kind::Number(_) | Kind::Enumeration(_) => "*value",
            _ => "value",
        };
        format!("Some({name}::{variant}(value)) => {}?,\n", write_value(field, value))
    });
    let name = names::snake(&message.oneofs[oneof].name);
    format!("match &self.{name} {{ {} None => {{}} }}\n", arms.collect::<String>())
}

fn write_repeated(field: &Field) -> String {
    let (constant, value) = (constant(field), format!("self.{}", names::snake(&field.name)));
    match &field.kind {
        Kind::Text => format!("writer.texts({constant}, {value})?;\n"),
        Kind::Bytes => format!("writer.byte_strings({constant}, {value})?;\n"),
        Kind::Message(_) | Kind::Opaque(_) => format!("writer.messages({constant}, {value})?;\n"),
        Kind::Number(_) | Kind::Enumeration(_) => {
            format!("writer.scalars({constant}, {}, {value})?;\n", encoding(field))
        }
    }
}

fn write_optional(field: &Field) -> String {
    let name = names::snake(&field.name);
    let by_reference = if matches!(field.kind, Kind::Message(_)) { "&" } else { "" };
    let write = write_value(field, "value");
    format!("if let Some(value) = {by_reference}self.{name} {{ {write}?; }}\n")
}

/// What is zero is left out, but for a value that may not be empty: writing it finds the fault.
fn write_implicit(field: &Field) -> String {
    let value = format!("self.{}", names::snake(&field.name));
    let write = write_value(field, &value);
    let set = match &field.kind {
        Kind::Message(_) | Kind::Opaque(_) => return write_optional(field),
        Kind::Text | Kind::Bytes if field.non_empty() => return format!("{write}?;\n"),
        Kind::Text | Kind::Bytes => format!("!{value}.is_empty()"),
        Kind::Enumeration(_) => format!("{value}.0 != 0"),
        Kind::Number(number) => match number.rust {
            "bool" => value,
            // -0.0 is not zero on the wire.
            "f32" | "f64" => format!("{value}.to_bits() != 0"),
            _ => format!("{value} != 0"),
        },
    };
    format!("if {set} {{ {write}?; }}\n")
}

fn write_value(field: &Field, value: &str) -> String {
    let constant = constant(field);
    match &field.kind {
        Kind::Text => format!("writer.text({constant}, {value})"),
        Kind::Bytes | Kind::Opaque(_) => format!("writer.bytes({constant}, {value})"),
        Kind::Message(_) => format!("writer.message({constant}, {value})"),
        Kind::Number(_) | Kind::Enumeration(_) => {
            format!("writer.scalar({constant}, {}, {value})", encoding(field))
        }
    }
}

pub(crate) fn encoding(field: &Field) -> String {
    let encoding = match &field.kind {
        Kind::Number(number) => number.encoding,
        _ => "Varint",
    };
    format!("runtime::Encoding::{encoding}")
}

pub(crate) fn constant(field: &Field) -> String {
    format!("&Self::{}", names::shouty(&field.name))
}

pub(crate) fn tally(field: &Field) -> String {
    names::bare_snake(&field.name) + "_tally"
}
