use crate::Place;
use crate::schema::{Field, Message, Presence};

use super::reserved::{self, Member};
use super::{Break, Change, field};

/// What became of a message, which is now at `place`.
pub(super) fn compare(released: &Message, now: &Message, place: &Place) -> Vec<Break> {
    let mut breaks = Vec::new();
    let mut add = |member: &str, change| {
        breaks.push(Break { place: Place { member: member.to_owned(), ..place.clone() }, change });
    };
    for field in &released.fields {
        for change in became(released, now, field) {
            add(&field.name, change);
        }
    }
    let known = |new: &&Field| {
        released.fields.iter().any(|old| old.number == new.number || old.name == new.name)
    };
    for field in now.fields.iter().filter(|field| field.is_required() && !known(field)) {
        add(&field.name, Change::RequiredNew);
    }
    for (member, change) in reserved::compare(&released.reserved, &now.reserved, &members(now)) {
        add(member, change);
    }
    breaks
}

fn became(released: &Message, now: &Message, was: &Field) -> Vec<Change> {
    if let Some(is) = now.fields.iter().find(|field| field.is_same(was)) {
        return field::compare((released, was), (now, is));
    }
    let gone = reserved::gone(&was.member(), &members(released), &members(now), &now.reserved);
    gone.or_else(|| was.is_required().then_some(Change::RequiredGone)).into_iter().collect()
}

fn members(message: &Message) -> Vec<Member<'_>> {
    message.fields.iter().map(Field::member).collect()
}

impl Field {
    fn member(&self) -> Member<'_> {
        Member { number: self.number.into(), name: &self.name }
    }

    fn is_same(&self, other: &Self) -> bool {
        (self.number, &self.name) == (other.number, &other.name)
    }

    /// Whether a message without it is refused.
    fn is_required(&self) -> bool {
        self.non_empty() && self.presence == Presence::Implicit
    }
}
