//! Names that the schema keeps apart and Rust would not.

use std::collections::HashMap;

use crate::schema::{Enumeration, Message, Name, Part, Schema};
use crate::{CodegenError, Refusal, names};

/// Refuses two things of one name, and names that generated code needs for itself.
pub(crate) fn check(schema: &Schema) -> Result<(), CodegenError> {
    modules(schema)?;
    types(schema)?;
    for file in &schema.files {
        for message in &file.messages {
            members(message).map_err(|(member, r)| file.refuse(&message.name, member, r))?;
        }
        for enumeration in &file.enumerations {
            values(enumeration).map_err(|(value, r)| file.refuse(&enumeration.name, value, r))?;
        }
    }
    Ok(())
}

fn modules(schema: &Schema) -> Result<(), CodegenError> {
    let mut taken = Taken::by("the generator", &names::MODULES);
    for file in &schema.files {
        taken.take(&file.module, &file.path).map_err(|refusal| file.place().refuse(refusal))?;
    }
    Ok(())
}

/// Nested types lose their dots, and some messages bring further types.
fn types(schema: &Schema) -> Result<(), CodegenError> {
    let mut taken = Taken::by("Rust's prelude", &names::PRELUDE);
    for file in &schema.files {
        let enumerations = file.enumerations.iter().map(|enumeration| own(&enumeration.name));
        let messages = file.messages.iter().map(|message| own(&message.name));
        let besides = file.messages.iter().flat_map(|message| besides(schema, message));
        for (name, rust, what) in enumerations.chain(messages).chain(besides) {
            taken.take(&rust, &what).map_err(|refusal| file.refuse(name, "", refusal))?;
        }
    }
    Ok(())
}

/// The item that is to blame, the name in Rust, and what would have it.
type Claim<'s> = (&'s Name, String, String);

fn own(name: &Name) -> Claim<'_> {
    (name, name.rust.clone(), name.schema.clone())
}

fn besides<'s>(schema: &Schema, message: &'s Message) -> Vec<Claim<'s>> {
    let name = &message.name;
    let mut claims: Vec<_> = message
        .oneofs
        .iter()
        .map(|oneof| (name, oneof.rust.clone(), format!("oneof {} of {}", oneof.name, name.schema)))
        .collect();
    if !schema.records(message).is_empty() {
        claims.push((
            name,
            name.rust.clone() + "Visitor",
            format!("the visitor of {}", name.schema),
        ));
    }
    claims
}

/// protobuf keeps fields apart from each other, but not from a `oneof`.
fn members(message: &Message) -> Result<(), (&str, Refusal)> {
    let mut taken = Taken(HashMap::new());
    for part in message.parts() {
        let name = match part {
            Part::Field(field) => &field.name,
            Part::Oneof(oneof) => &message.oneofs[oneof].name,
        };
        taken.take(&names::snake(name), name).map_err(|refusal| (name.as_str(), refusal))?;
    }
    Ok(())
}

fn values(enumeration: &Enumeration) -> Result<(), (&str, Refusal)> {
    let mut taken = Taken(HashMap::new());
    for value in &enumeration.values {
        taken.take(&value.rust, &value.name).map_err(|refusal| (value.name.as_str(), refusal))?;
    }
    Ok(())
}

/// Names in Rust, and what has them.
struct Taken(HashMap<String, String>);

impl Taken {
    fn by(by: &str, names: &[&str]) -> Self {
        Self(names.iter().map(|&name| (name.to_owned(), by.to_owned())).collect())
    }

    fn take(&mut self, rust: &str, by: &str) -> Result<(), Refusal> {
        match self.0.insert(rust.to_owned(), by.to_owned()) {
            None => Ok(()),
            Some(earlier) => Err(Refusal::NameTaken(rust.to_owned(), earlier)),
        }
    }
}
