//! What a broken or hostile encoder does to a legal message. A change may come out legal after all:
//! what becomes of the bytes is for `predict` to say.

use eyelet_fuzz::agreement::schema::{Field, Kind, Message, SCHEMA};
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::{Index, select};

use crate::legal::minimal;
use crate::wire::{Part, Payload, Varint};

/// A change somewhere in a tree of fields, and the choices that it leaves open.
#[derive(Clone, Debug)]
pub(crate) struct Surprise {
    change: Change,
    place: Index,
    before: Index,
    number: u64,
    extra: usize,
}

#[derive(Clone, Copy, Debug)]
enum Change {
    LongVarint,
    WideVarint,
    FieldNumber,
    NoSuchWireType,
    Group,
    LyingLength,
    OtherWireType,
    Bool,
    Uint32,
    Int32,
    Enum,
    SecondMessage,
    SecondMember,
    Text,
    Length,
    Items,
    TotalBytes,
    Empty,
}

/// The way to a message of the tree, and which it is.
type Place = (Vec<usize>, &'static Message);

pub(crate) fn surprise() -> impl Strategy<Value = Surprise> {
    let number = prop_oneof![
        select(vec![2, 1 << 31, (1 << 31) + 1, (1 << 32) - 1, 1 << 32, (1 << 32) + 5]),
        select(vec![u64::MAX, i64::MIN.cast_unsigned(), (-(1i64 << 31) - 1).cast_unsigned()]),
        any::<u64>(),
    ];
    (select(&CHANGES[..]), any::<Index>(), any::<Index>(), number, 0..6usize).prop_map(
        |(change, place, before, number, extra)| Surprise { change, place, before, number, extra },
    )
}

const CHANGES: [Change; 18] = [
    Change::LongVarint,
    Change::WideVarint,
    Change::FieldNumber,
    Change::NoSuchWireType,
    Change::Group,
    Change::LyingLength,
    Change::OtherWireType,
    Change::Bool,
    Change::Uint32,
    Change::Int32,
    Change::Enum,
    Change::SecondMessage,
    Change::SecondMember,
    Change::Text,
    Change::Length,
    Change::Items,
    Change::TotalBytes,
    Change::Empty,
];

impl Surprise {
    pub(crate) fn happen(&self, root: &'static Message, parts: &mut Vec<Part>) {
        let mut places = Vec::new();
        find_places(root, parts, &[], &mut places);
        match self.change {
            Change::LyingLength => self.lie(&places, parts),
            Change::LongVarint
            | Change::WideVarint
            | Change::FieldNumber
            | Change::NoSuchWireType
            | Change::Group => {
                let (way, _) = self.place.get(&places);
                self.insert(at(parts, way), vec![self.in_any_message()]);
            }
            _ => self.insert_of_a_field(&places, parts),
        }
    }

    fn insert_of_a_field(&self, places: &[Place], parts: &mut Vec<Part>) {
        let fields = places.iter().flat_map(|(way, message)| {
            let suiting = message.fields.iter().filter(|field| self.change.suits(field));
            suiting.map(move |field| (way, *message, field))
        });
        let fields = fields.collect::<Vec<_>>();
        if !fields.is_empty() {
            let (way, message, field) = self.place.get(&fields);
            self.insert(at(parts, way), self.of(message, field));
        }
    }

    fn insert(&self, into: &mut Vec<Part>, new: Vec<Part>) {
        let before = self.before.index(into.len() + 1);
        into.splice(before..before, new);
    }

    fn in_any_message(&self) -> Part {
        let unknown = 100 + self.number % 1000;
        let one_too_many = |value| Varint { value, pad: 11 + self.extra / 3 - 1 };
        match (self.change, self.extra % 3) {
            (Change::LongVarint, 0) => {
                Part::new(unknown, 0, Payload::Varint(one_too_many(self.number % 128)))
            }
            (Change::LongVarint, 1) => {
                Part::new(unknown, 2, Payload::Delimited { pad: 10, bytes: vec![] })
            }
            (Change::LongVarint, _) => {
                let key = one_too_many(1 << 3);
                Part { key, payload: Payload::Raw(vec![1]) }
            }
            (Change::WideVarint, _) => {
                let wide = [[0xff; 9].as_slice(), &[2 << self.extra]].concat();
                Part::new(unknown, 0, Payload::Raw(wide))
            }
            (Change::FieldNumber, 0) => Part::blank(0, [0, 1, 2, 5][self.before.index(4)]),
            (Change::FieldNumber, _) => Part::blank((1 << 29) + self.number % (1 << 32), 0),
            (Change::NoSuchWireType, 0) => Part::blank(1, 6),
            (Change::NoSuchWireType, _) => Part::blank(unknown, 6 + self.number % 2),
            (_, 0) => Part::new(unknown, 4, Payload::Raw(vec![])),
            (_, _) => {
                Part::new(unknown, 3, Payload::Raw(Varint::padded(unknown << 3 | 4, 0).encoded()))
            }
        }
    }

    fn of(&self, message: &'static Message, field: &'static Field) -> Vec<Part> {
        let (number, limits) = (field.number, &field.limits);
        let over = |limit: Option<u64>| limit.unwrap_or_default() + (self.extra as u64).min(2);
        match self.change {
            Change::OtherWireType => {
                let others = [0, 1, 2, 5].into_iter().filter(|wire| *wire != field.kind.wire());
                let wire = self.before.get(&others.collect::<Vec<_>>()).to_owned();
                vec![Part::blank(number, wire)]
            }
            Change::SecondMessage => vec![one(field), one(field)],
            Change::SecondMember => {
                let members = message.fields.iter().filter(|field| field.member);
                let members = members.collect::<Vec<_>>();
                vec![one(field), one(members[self.before.index(members.len())])]
            }
            Change::Text => {
                let bad =
                    [&b"\xff"[..], b"a\xc3", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"];
                vec![Part::delimited(number, self.before.get(&bad).to_vec())]
            }
            Change::Length => {
                vec![Part::delimited(number, vec![b'a'; len(over(limits.max_bytes))])]
            }
            Change::Items => items(field, over(limits.max_items), self.number & 1 == 0),
            Change::TotalBytes => {
                let bytes = vec![b'a'; len(over(limits.max_total_bytes))];
                let chunks = bytes.chunks(len(limits.max_bytes.unwrap()).min(5000));
                chunks.map(|chunk| Part::delimited(number, chunk.to_vec())).collect()
            }
            Change::Empty => vec![Part::delimited(number, vec![])],
            _ if field.repeated && self.extra == 0 => {
                vec![Part::delimited(number, Varint::padded(self.number, 0).encoded())]
            }
            _ => vec![Part::varint(number, self.number)],
        }
    }

    /// Gives a value another length than it has.
    fn lie(&self, places: &[Place], parts: &mut Vec<Part>) {
        let (way, _) = self.place.get(places);
        let delimited = at(parts, way).iter_mut().filter_map(|part| {
            let content = part.payload.content()?;
            Some((part, content))
        });
        let mut delimited = delimited.collect::<Vec<_>>();
        if !delimited.is_empty() {
            let chosen = self.before.index(delimited.len());
            let (part, content) = &mut delimited[chosen];
            let len = content.len() as u64;
            let said = match self.extra {
                0 => len.wrapping_sub(1),
                1 => self.number,
                2 => len + (1 << 32),
                extra => len + extra as u64,
            };
            part.payload =
                Payload::Raw([Varint::padded(said, 0).encoded(), content.clone()].concat());
        }
    }
}

impl Change {
    fn suits(self, field: &Field) -> bool {
        let limits = &field.limits;
        match self {
            Self::Bool => field.kind == Kind::Bool,
            Self::Uint32 => field.kind == Kind::Uint32,
            Self::Int32 => field.kind == Kind::Int32,
            Self::Enum => field.kind == Kind::Enum,
            Self::SecondMessage => field.is_singular_message() && !field.member,
            Self::SecondMember => field.member,
            Self::Text => field.kind == Kind::Text,
            Self::Length => limits.max_bytes.is_some(),
            Self::Items => limits.max_items.is_some(),
            Self::TotalBytes => limits.max_total_bytes.is_some(),
            Self::Empty => limits.non_empty,
            _ => !(field.repeated && field.kind.is_number()),
        }
    }
}

fn find_places(message: &'static Message, parts: &[Part], way: &[usize], places: &mut Vec<Place>) {
    places.push((way.to_vec(), message));
    for (index, part) in parts.iter().enumerate() {
        if let Payload::Message { parts, .. } = &part.payload
            && let Some(Field { kind: Kind::Message(name), .. }) = message.field(part.number())
        {
            find_places(SCHEMA.message(name), parts, &[way, &[index]].concat(), places);
        }
    }
}

fn at<'p>(parts: &'p mut Vec<Part>, way: &[usize]) -> &'p mut Vec<Part> {
    way.iter().fold(parts, |parts, &index| match &mut parts[index].payload {
        Payload::Message { parts, .. } => parts,
        other => panic!("no message: {other:?}"),
    })
}

/// A message as small as it can be.
fn one(field: &Field) -> Part {
    let Kind::Message(name) = &field.kind else { panic!("no message: {field:?}") };
    Part::message(field.number, minimal(SCHEMA.message(name)))
}

/// Elements as small as they can be.
fn items(field: &Field, count: u64, is_packed: bool) -> Vec<Part> {
    let number = field.number;
    match &field.kind {
        Kind::Message(_) => vec![one(field); len(count)],
        Kind::Text | Kind::Bytes => vec![Part::delimited(number, vec![]); len(count)],
        _ if is_packed => vec![Part::delimited(number, vec![1; len(count)])],
        _ => vec![Part::varint(number, 1); len(count)],
    }
}

fn len(number: u64) -> usize {
    usize::try_from(number).unwrap()
}
