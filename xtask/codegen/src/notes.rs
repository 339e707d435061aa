//! The field in which encoders say what they have cut.

use crate::Refusal;
use crate::fields::{Scope, constant};
use crate::names;
use crate::schema::{Enumeration, Field, Kind, Message, Presence, Schema};

/// How a note is made of a field's number.
struct Note<'s> {
    message: &'s Message,
    field: &'s Field,
    kind: &'s Field,
    enumeration: &'s Enumeration,
    /// The value that says that the field was cut.
    cut: &'s str,
}

impl<'s> Note<'s> {
    /// `None` if the field's messages are no notes.
    fn of(schema: &'s Schema, notes: &Field) -> Option<Self> {
        let Kind::Message(name) = &notes.kind else { return None };
        let message = schema.message(name);
        let numbered = |number| message.fields.iter().find(|field| field.number == number);
        let (field, kind) = (numbered(1)?, numbered(2)?);
        let Kind::Enumeration(name) = &kind.kind else { return None };
        let enumeration = schema.enumeration(name)?;
        let cut = &enumeration.values.iter().find(|value| value.rust == "CUT")?.rust;
        let is_number = matches!(&field.kind, Kind::Number(number) if number.schema == "uint32");
        let plain = [field, kind].iter().all(|field| field.presence == Presence::Implicit);
        let is_note = notes.is_repeated() && is_number && plain;
        is_note.then_some(Self { message, field, kind, enumeration, cut })
    }
}

/// The codec remembers in a bit for each field what was cut.
pub(crate) const NOTABLE: usize = 64;
/// Bytes of `…`.
const ELLIPSIS: u32 = 3;

/// Of a message with a field of notes: that they are notes, and come behind all that may be cut. Of any
/// other: that nothing is cut that could not say so.
pub(crate) fn check<'m>(schema: &Schema, message: &'m Message) -> Vec<(&'m str, Refusal)> {
    let cut = message.fields.iter().filter(|field| field.limits.cut());
    let Some(notes) = message.notes() else {
        return cut.filter_map(|field| Some((field.name.as_str(), silent(field)?))).collect();
    };
    let late = message.fields.iter().skip(NOTABLE).filter(|field| field.limits.cut());
    let late = late.map(|field| (field.name.as_str(), Refusal::NotNotable));
    let behind = cut.filter(|field| field.number > notes.number);
    let behind = behind.map(|field| Refusal::NotesBefore(field.name.clone()));
    let form = Note::of(schema, notes).is_none().then_some(Refusal::NotNotes);
    let notes = form.into_iter().chain(behind).map(|refusal| (notes.name.as_str(), refusal));
    notes.chain(late).collect()
}

/// Why nobody could tell that a field was cut, if its message has no notes.
fn silent(field: &Field) -> Option<Refusal> {
    if field.is_repeated() || matches!(field.kind, Kind::Bytes) {
        return Some(Refusal::NoNotes);
    }
    field.limits.max_bytes.filter(|max| *max < ELLIPSIS).map(Refusal::NoEllipsis)
}

/// The statement that writes them.
pub(crate) fn write(scope: &Scope, notes: &Field) -> String {
    let note = Note::of(scope.schema, notes).expect("has been checked");
    let others =
        if note.message.fields.len() > 2 { ", ..core::default::Default::default()" } else { "" };
    format!(
        "writer.notes({}, self.{}, |number| {} {{ {}: number, {}: {}::{}{others} }})?;\n",
        constant(notes),
        names::snake(&notes.name),
        scope.path(&note.message.name),
        names::snake(&note.field.name),
        names::snake(&note.kind.name),
        scope.path(&note.enumeration.name),
        note.cut,
    )
}
