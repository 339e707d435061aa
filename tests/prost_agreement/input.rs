//! Bytes to decode as a message of the schema: as an encoder might write them, or after something has
//! happened to them.

use std::fmt::{self, Debug, Formatter};

use eyelet_fuzz::agreement::Whole;
use eyelet_fuzz::agreement::schema::{Message, SCHEMA};
use proptest::collection::vec;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::sample::Index;
use proptest::strategy::Union;

use crate::legal::parts;
use crate::surprise::surprise;
use crate::wire::encode;

#[derive(Clone)]
pub(crate) struct Input {
    pub(crate) root: &'static str,
    pub(crate) bytes: Vec<u8>,
    pub(crate) whole: Whole,
}

pub(crate) fn input() -> impl Strategy<Value = Input> {
    let roots = SCHEMA.names().into_iter().map(|root| {
        let weight = match root {
            "DetectionResult" | "Packet" => 10,
            "DetectionTask" | "ProcessRecord" | "ProcessEvent" => 4,
            _ => 1,
        };
        (weight, input_of(SCHEMA.message(root)))
    });
    Union::new_weighted(roots.collect())
}

fn input_of(root: &'static Message) -> BoxedStrategy<Input> {
    let legal = parts(root);
    let surprised = (legal.clone(), surprise()).prop_map(move |(mut parts, surprise)| {
        surprise.happen(root, &mut parts);
        parts
    });
    let bytes = prop_oneof![
        50 => legal.clone().prop_map(|parts| encode(&parts)),
        40 => surprised.prop_map(|parts| encode(&parts)),
        8 => (legal, vec(damage(), 1..4)).prop_map(|(parts, damage)| {
            damage.into_iter().fold(encode(&parts), |bytes, damage| damage.done_to(bytes))
        }),
        2 => vec(any::<u8>(), 0..40),
    ];
    let input = (bytes, bounds()).prop_map(|(bytes, bounds)| {
        let whole = bounds.of_a_message(&bytes);
        Input { root: &root.name, bytes, whole }
    });
    input.boxed()
}

/// What happens to bytes on their way.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Flip(Index, u32),
    Overwrite(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Cut(Index),
    Repeat(Index, Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (any::<Index>(), 0..8u32).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        any::<(Index, u8)>().prop_map(|(at, byte)| Damage::Overwrite(at, byte)),
        any::<(Index, u8)>().prop_map(|(at, byte)| Damage::Insert(at, byte)),
        any::<Index>().prop_map(Damage::Remove),
        any::<Index>().prop_map(Damage::Cut),
        any::<(Index, Index)>().prop_map(|(from, to)| Damage::Repeat(from, to)),
    ]
}

impl Damage {
    fn done_to(self, mut bytes: Vec<u8>) -> Vec<u8> {
        let len = bytes.len();
        match self {
            Self::Insert(at, byte) => bytes.insert(at.index(len + 1), byte),
            _ if bytes.is_empty() => {}
            Self::Flip(at, bit) => bytes[at.index(len)] ^= 1 << bit,
            Self::Overwrite(at, byte) => bytes[at.index(len)] = byte,
            Self::Remove(at) => drop(bytes.remove(at.index(len))),
            Self::Cut(at) => bytes.truncate(at.index(len)),
            Self::Repeat(from, to) => {
                let (from, to) = (from.index(len), to.index(len));
                bytes.extend_from_within(from.min(to)..from.max(to));
            }
        }
        bytes
    }
}

/// Bounds of the message as a whole: mostly the schema's, now and then some that are soon reached.
#[derive(Clone, Copy, Debug)]
enum Bounds {
    Schema,
    Bytes(i64),
    Elements(u64),
    Depth(u64),
}

fn bounds() -> impl Strategy<Value = Bounds> {
    prop_oneof![
        90 => Just(Bounds::Schema),
        3 => (-3..3i64).prop_map(Bounds::Bytes),
        4 => (0..30u64).prop_map(Bounds::Elements),
        3 => (1..5u64).prop_map(Bounds::Depth),
    ]
}

impl Bounds {
    fn of_a_message(self, bytes: &[u8]) -> Whole {
        match self {
            Self::Schema => Whole::ANY,
            Self::Bytes(more) => {
                Whole { bytes: (bytes.len() as u64).saturating_add_signed(more), ..Whole::ANY }
            }
            Self::Elements(elements) => Whole { elements, ..Whole::ANY },
            Self::Depth(depth) => Whole { depth, ..Whole::ANY },
        }
    }
}

impl Debug for Input {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} within {:?}:", self.root, self.whole)?;
        self.bytes.iter().try_for_each(|byte| write!(f, " {byte:02x}"))
    }
}
