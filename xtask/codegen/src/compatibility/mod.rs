//! Whether peers of a released schema and of this one understand each other.
//!
//! Every message may come from either side, so a limit may go neither up (an older peer refuses what
//! it is sent) nor down (an older peer sends what is refused here).

mod change;
mod enumeration;
mod field;
mod message;
mod reserved;

pub use change::{Break, Change};

use crate::Place;
use crate::schema::{Enumeration, File, Kind, Message, Schema};

/// A schema held against the last released one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// What peers of the release could not live with, in the order of the release.
    pub breaks: Vec<Break>,
    /// `protocol_version` of the release; 0 where it states none.
    pub released_version: u32,
    /// `protocol_version` now; 0 where it states none.
    pub version: u32,
}

impl Comparison {
    /// Whether nothing breaks, or the version has gone up, by which both sides can tell.
    pub fn is_allowed(&self) -> bool {
        self.breaks.is_empty() || self.version > self.released_version
    }
}

pub(crate) fn compare(released: &Schema, now: &Schema) -> Comparison {
    let [released_version, version] = [released, now].map(|s| s.version.unwrap_or_default());
    let mut breaks = Vec::new();
    if version < released_version {
        breaks.push(everywhere(now, Change::Version(released_version, version)));
    }
    if released.package != now.package {
        let change = Change::Package(released.package.clone(), now.package.clone());
        breaks.push(everywhere(now, change));
    }
    for file in &released.files {
        for item in &file.messages {
            breaks.extend(compare_message(released, now, file, item));
        }
        for item in &file.enumerations {
            breaks.extend(compare_enumeration(released, now, file, item));
        }
    }
    Comparison { breaks, released_version, version }
}

fn everywhere(now: &Schema, change: Change) -> Break {
    Break { place: now.files.first().map(File::place).unwrap_or_default(), change }
}

fn compare_message(released: &Schema, now: &Schema, file: &File, message: &Message) -> Vec<Break> {
    let name = &message.name.schema;
    let files = now.files.iter();
    let mut found = files.flat_map(|file| file.messages.iter().map(move |message| (file, message)));
    match found.find(|(_, other)| other.name.schema == *name) {
        Some((file, other)) => message::compare(message, other, &place(file, name)),
        None if is_judged_elsewhere(released, now, name, &mut Vec::new()) => Vec::new(),
        None => vec![Break { place: place(file, name), change: Change::Gone }],
    }
}

fn compare_enumeration(
    released: &Schema,
    now: &Schema,
    file: &File,
    enumeration: &Enumeration,
) -> Vec<Break> {
    let name = &enumeration.name.schema;
    let files = now.files.iter();
    let mut found = files.flat_map(|file| file.enumerations.iter().map(move |item| (file, item)));
    match found.find(|(_, other)| other.name.schema == *name) {
        Some((file, other)) => enumeration::compare(enumeration, other, &place(file, name)),
        None if is_judged_elsewhere(released, now, name, &mut Vec::new()) => Vec::new(),
        None => vec![Break { place: place(file, name), change: Change::Gone }],
    }
}

fn place(file: &File, item: &str) -> Place {
    Place { item: item.to_owned(), ..file.place() }
}

/// Whether a type that is gone stood in a message that is still there: what became of the field says
/// then whether it may be gone. What nothing holds is sent as a whole.
fn is_judged_elsewhere<'s>(
    released: &'s Schema,
    now: &Schema,
    name: &'s str,
    seen: &mut Vec<&'s str>,
) -> bool {
    seen.push(name);
    let holders = released.messages().filter(|m| m.fields.iter().any(|f| f.kind.is_of(name)));
    let holders: Vec<_> = holders.map(|message| message.name.schema.as_str()).collect();
    holders.into_iter().any(|holder| {
        now.messages().any(|message| message.name.schema == holder)
            || !seen.contains(&holder) && is_judged_elsewhere(released, now, holder, seen)
    })
}

impl Kind {
    fn is_of(&self, name: &str) -> bool {
        match self {
            Self::Enumeration(own) | Self::Message(own) | Self::Opaque(own) => own.schema == name,
            Self::Number(_) | Self::Text | Self::Bytes => false,
        }
    }
}
