use crate::Place;
use crate::schema::{Enumeration, Value};

use super::reserved::{self, Member};
use super::{Break, Change};

/// What became of an enum, which is now at `place`.
pub(super) fn compare(released: &Enumeration, now: &Enumeration, place: &Place) -> Vec<Break> {
    let (before, after) = (members(released), members(now));
    let gone = before.iter().filter(|value| !after.contains(value)).filter_map(|value| {
        let change = reserved::gone(value, &before, &after, &now.reserved)?;
        Some((value.name, change))
    });
    gone.chain(reserved::compare(&released.reserved, &now.reserved, &after))
        .map(|(member, change)| break_at(place, member, change))
        .collect()
}

fn break_at(place: &Place, member: &str, change: Change) -> Break {
    Break { place: Place { member: member.to_owned(), ..place.clone() }, change }
}

fn members(enumeration: &Enumeration) -> Vec<Member<'_>> {
    enumeration.values.iter().map(Value::member).collect()
}

impl Value {
    fn member(&self) -> Member<'_> {
        Member { number: self.number.into(), name: &self.name }
    }
}
