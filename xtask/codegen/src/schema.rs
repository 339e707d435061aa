//! What is known of a schema once it has been read: all that the files are written from.

use std::ops::RangeInclusive;

use crate::limits::Limits;
use crate::{CodegenError, Place, Refusal};

pub(crate) struct Schema {
    pub(crate) package: String,
    /// `protocol_version`, where a file states it.
    pub(crate) version: Option<u32>,
    pub(crate) files: Vec<File>,
}

pub(crate) struct File {
    /// Below the schema root, with `/`.
    pub(crate) path: String,
    /// The Rust module, named after the file.
    pub(crate) module: String,
    /// Nested ones behind the one that they stand in.
    pub(crate) messages: Vec<Message>,
    pub(crate) enumerations: Vec<Enumeration>,
}

pub(crate) struct Message {
    pub(crate) name: Name,
    pub(crate) comment: Vec<String>,
    /// In the order of their numbers.
    pub(crate) fields: Vec<Field>,
    pub(crate) oneofs: Vec<Oneof>,
    pub(crate) reserved: Reserved,
}

/// What stands where in a message's struct.
pub(crate) enum Part<'m> {
    Field(&'m Field),
    /// Of [`Message::oneofs`].
    Oneof(usize),
}

/// A message's or enum's name.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Name {
    /// Without its package, `Outer.Inner` if nested.
    pub(crate) schema: String,
    /// `OuterInner`.
    pub(crate) rust: String,
    /// That of the file it stands in.
    pub(crate) module: String,
}

pub(crate) struct Field {
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) comment: Vec<String>,
    pub(crate) presence: Presence,
    pub(crate) kind: Kind,
    pub(crate) limits: Limits,
    /// In protobuf's own JSON.
    pub(crate) json_name: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Absent and zero are one.
    Implicit,
    Optional,
    Repeated,
    /// Of [`Message::oneofs`].
    Member(usize),
}

pub(crate) enum Kind {
    Number(Number),
    Text,
    Bytes,
    Enumeration(Name),
    Message(Name),
    /// A message carried as bytes.
    Opaque(Name),
}

/// A number's type.
#[derive(Clone, Copy)]
pub(crate) struct Number {
    pub(crate) schema: &'static str,
    pub(crate) rust: &'static str,
    /// A variant of the codec's `Encoding`.
    pub(crate) encoding: &'static str,
    /// Bytes of the longest one.
    pub(crate) max_len: u64,
}

pub(crate) struct Oneof {
    pub(crate) name: String,
    pub(crate) comment: Vec<String>,
    /// The enum's name in Rust.
    pub(crate) rust: String,
}

pub(crate) struct Enumeration {
    pub(crate) name: Name,
    pub(crate) comment: Vec<String>,
    pub(crate) values: Vec<Value>,
    pub(crate) reserved: Reserved,
}

/// Numbers and names that nothing may have again.
#[derive(Default)]
pub(crate) struct Reserved {
    pub(crate) numbers: Vec<RangeInclusive<i64>>,
    pub(crate) names: Vec<String>,
}

pub(crate) struct Value {
    pub(crate) number: i32,
    /// In the schema.
    pub(crate) name: String,
    /// Without the enum's name in front.
    pub(crate) rust: String,
    pub(crate) comment: Vec<String>,
}

impl Schema {
    pub(crate) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.files.iter().flat_map(|file| &file.messages)
    }

    pub(crate) fn message(&self, name: &Name) -> &Message {
        self.messages().find(|message| message.name == *name).expect("read refuses foreign types")
    }

    pub(crate) fn enumeration(&self, name: &Name) -> Option<&Enumeration> {
        self.files.iter().flat_map(|file| &file.enumerations).find(|other| other.name == *name)
    }

    /// Whether the message's Rust type borrows, as all do that hold text, bytes or repeated fields.
    pub(crate) fn borrows(&self, message: &Message) -> bool {
        message.fields.iter().any(|field| self.field_borrows(field))
    }

    pub(crate) fn field_borrows(&self, field: &Field) -> bool {
        match &field.kind {
            _ if field.presence == Presence::Repeated => true,
            Kind::Text | Kind::Bytes | Kind::Opaque(_) => true,
            Kind::Message(name) => self.borrows(self.message(name)),
            Kind::Number(_) | Kind::Enumeration(_) => false,
        }
    }

    /// Whether bytes are somewhere in it that another layer decodes.
    pub(crate) fn holds_opaque(&self, message: &Message) -> bool {
        message.fields.iter().any(|field| match &field.kind {
            Kind::Opaque(_) => true,
            Kind::Message(name) => self.holds_opaque(self.message(name)),
            _ => false,
        })
    }

    /// Whether no other message holds this one, so that it stands alone in a packet.
    pub(crate) fn is_root(&self, message: &Message) -> bool {
        !self.messages().flat_map(Message::embedded).any(|(_, name)| *name == message.name)
    }

    /// The message's repeated messages, if it is a root: what is too many to hold at once.
    pub(crate) fn records<'m>(&self, message: &'m Message) -> Vec<(&'m Field, &'m Name)> {
        let is_root = self.is_root(message);
        let repeated = |field: &Field| is_root && field.presence == Presence::Repeated;
        message.embedded().filter(|(field, _)| repeated(field)).collect()
    }
}

impl File {
    pub(crate) fn place(&self) -> Place {
        Place { file: self.path.clone(), ..Place::default() }
    }

    /// `member` is empty for the item as a whole.
    pub(crate) fn member(&self, item: &Name, member: &str) -> Place {
        Place { item: item.schema.clone(), member: member.to_owned(), ..self.place() }
    }

    pub(crate) fn refuse(&self, item: &Name, member: &str, refusal: Refusal) -> CodegenError {
        self.member(item, member).refuse(refusal)
    }
}

impl Message {
    /// Fields that hold other messages, opaque ones not counted.
    pub(crate) fn embedded(&self) -> impl Iterator<Item = (&Field, &Name)> {
        self.fields.iter().filter_map(|field| match &field.kind {
            Kind::Message(name) => Some((field, name)),
            _ => None,
        })
    }

    /// Where encoders say what they have cut.
    pub(crate) fn notes(&self) -> Option<&Field> {
        self.fields.iter().find(|field| field.limits.notes())
    }

    /// In the order of their numbers, a `oneof` where its first member stands.
    pub(crate) fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let mut seen = vec![false; self.oneofs.len()];
        self.fields.iter().filter_map(move |field| match field.presence {
            Presence::Member(oneof) => {
                let is_first = !std::mem::replace(&mut seen[oneof], true);
                is_first.then_some(Part::Oneof(oneof))
            }
            _ => Some(Part::Field(field)),
        })
    }

    pub(crate) fn members(&self, oneof: usize) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(move |field| field.presence == Presence::Member(oneof))
    }
}

impl Field {
    pub(crate) fn is_repeated(&self) -> bool {
        self.presence == Presence::Repeated
    }

    pub(crate) fn non_empty(&self) -> bool {
        self.limits.non_empty()
    }
}

impl Kind {
    /// Text or bytes: what has a length of its own.
    pub(crate) fn has_length(&self) -> bool {
        matches!(self, Self::Text | Self::Bytes)
    }
}
