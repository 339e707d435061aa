//! What `proto/WIRE.md` refuses, predicted from the bytes, the `.proto` files and the budgets of
//! `proto/limits.json` alone: no code here is shared with the codec.
//!
//! Of several rules that bytes break, the first met counts. In one field they are met in this order:
//! its key; whether a message may come once more; its wire type; its bytes; how many they are; what
//! they are, a number in range or text; whether a value that is no message may come once more.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

use super::rule::{Oddity, Rule};
use super::schema::{Field, Kind, Message, SCHEMA};

/// Bounds of a message as a whole.
#[derive(Clone, Copy, Debug)]
pub struct Whole {
    pub bytes: u64,
    pub elements: u64,
    pub depth: u64,
}

static BUDGETS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../proto/limits.json")).unwrap());

impl Whole {
    /// None but the schema's.
    pub const ANY: Self = Self { bytes: u64::MAX, elements: u64::MAX, depth: u64::MAX };

    /// What the schema lets `root` have.
    pub fn of(root: &str) -> Self {
        let messages = BUDGETS["messages"].as_array().unwrap();
        let message = messages.iter().find(|message| message["message"] == root).unwrap();
        let number = |key| message["budget"][key].as_u64().unwrap();
        Self { bytes: number("bytes"), elements: number("elements"), depth: number("depth") }
    }

    fn lowered(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.min(other.bytes),
            elements: self.elements.min(other.elements),
            depth: self.depth.min(other.depth),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    pub message: String,
    /// 0 where no field's number was read.
    pub field: u64,
    pub rule: Rule,
    /// The limit and what was seen instead, where the rule has such.
    pub numbers: Option<(u64, u64)>,
}

/// What is worth knowing of bytes that are accepted.
#[derive(Debug, Default)]
pub struct Sight {
    /// The field of each record of the outermost message, in their order.
    pub records: Vec<u64>,
    /// How often there was what encoders may write and few do.
    pub oddities: BTreeMap<Oddity, u64>,
}

/// What becomes of `bytes` as a message `root`.
pub fn predict(root: &str, bytes: &[u8], whole: Whole) -> Result<Sight, Refusal> {
    let (len, lower) = (bytes.len() as u64, whole);
    let whole = Whole::of(root).lowered(lower);
    if len > whole.bytes {
        let fault = Fault::Here(Rule::MessageBytes, Some((whole.bytes, len)));
        return Err(fault.at(root, 0));
    }
    let (elements, sight) = (whole.elements, Sight::default());
    let mut walk = Walk { whole, elements, sight, opaque: None };
    walk.message(SCHEMA.message(root), bytes, 1)?;
    let Walk { mut sight, opaque, .. } = walk;
    if let Some((name, bytes)) = opaque {
        for (oddity, times) in predict(name, bytes, lower)?.oddities {
            *sight.oddities.entry(oddity).or_default() += times;
        }
    }
    Ok(sight)
}

struct Walk<'b> {
    whole: Whole,
    /// How many more there may be.
    elements: u64,
    sight: Sight,
    /// A message that this layer carries as bytes and leaves to the layer above.
    opaque: Option<(&'static str, &'b [u8])>,
}

/// What one message has shown so far of one field.
#[derive(Clone, Copy, Default)]
struct Count {
    times: u64,
    bytes: u64,
    last: u64,
}

enum Fault {
    Here(Rule, Option<(u64, u64)>),
    Within(Refusal),
}

impl<'b> Walk<'b> {
    fn message(
        &mut self,
        message: &'static Message,
        bytes: &'b [u8],
        depth: u64,
    ) -> Result<(), Refusal> {
        let mut cursor = Cursor(bytes);
        let mut counts = BTreeMap::new();
        let mut last = 0;
        while !cursor.0.is_empty() {
            let key = self.varint(&mut cursor).map_err(|fault| fault.at(&message.name, 0))?;
            let number = number(key).map_err(|fault| fault.at(&message.name, 0))?;
            self.note_if(number < last, Oddity::OutOfOrder);
            last = number;
            self.field(message, number, key & 7, &mut cursor, &mut counts, depth)
                .map_err(|fault| fault.at(&message.name, number))?;
        }
        let required = message.fields.iter().filter(|field| field.limits.non_empty);
        for Field { number, .. } in required.filter(|field| !field.repeated) {
            if counts.get(number).is_none_or(|count: &Count| count.last == 0) {
                return Err(Fault::Here(Rule::NonEmpty, Some((1, 0))).at(&message.name, *number));
            }
        }
        Ok(())
    }

    fn field(
        &mut self,
        message: &'static Message,
        number: u64,
        wire: u64,
        cursor: &mut Cursor<'b>,
        counts: &mut BTreeMap<u64, Count>,
        depth: u64,
    ) -> Result<(), Fault> {
        match wire {
            3 | 4 => return Err(Fault::Here(Rule::Group, None)),
            6 | 7 => return Err(Fault::Here(Rule::NoSuchWireType, None)),
            _ => {}
        }
        let Some(field) = message.field(number) else {
            return self.unknown(wire, cursor, depth);
        };
        if field.member && has_member(message, counts) {
            return Err(Fault::Here(Rule::SecondMember, None));
        }
        let count = counts.entry(number).or_default();
        if field.is_singular_message() && count.times > 0 {
            return Err(Fault::Here(Rule::SecondMessage, None));
        }
        match &field.kind {
            Kind::Message(name) => self.nested(field, name, wire, cursor, count, depth),
            Kind::Text | Kind::Bytes => self.string(field, wire, cursor, count),
            _ => self.numbers(field, wire, cursor, count),
        }
    }

    fn unknown(&mut self, wire: u64, cursor: &mut Cursor<'b>, depth: u64) -> Result<(), Fault> {
        self.element()?;
        match wire {
            0 => drop(self.varint(cursor)?),
            1 => drop(cursor.take(8)?),
            2 => drop(self.delimited(cursor)?),
            _ => drop(cursor.take(4)?),
        }
        self.note_if(true, Oddity::UnknownField);
        self.note_if(depth > 1, Oddity::UnknownFieldWithin);
        Ok(())
    }

    fn nested(
        &mut self,
        field: &'static Field,
        name: &'static str,
        wire: u64,
        cursor: &mut Cursor<'b>,
        count: &mut Count,
        depth: u64,
    ) -> Result<(), Fault> {
        self.count(field, count, 0)?;
        expect(&field.kind, wire)?;
        let bytes = self.delimited(cursor)?;
        if field.limits.opaque {
            self.opaque = Some((name, bytes));
            return Ok(());
        }
        if depth >= self.whole.depth {
            return Err(Fault::Here(Rule::Depth, Some((self.whole.depth, depth + 1))));
        }
        if depth == 1 && field.repeated {
            self.sight.records.push(field.number);
        }
        self.message(SCHEMA.message(name), bytes, depth + 1).map_err(Fault::Within)
    }

    fn string(
        &mut self,
        field: &'static Field,
        wire: u64,
        cursor: &mut Cursor<'b>,
        count: &mut Count,
    ) -> Result<(), Fault> {
        expect(&field.kind, wire)?;
        let bytes = self.delimited(cursor)?;
        let len = bytes.len() as u64;
        if let Some(max) = field.limits.max_bytes.filter(|&max| len > max) {
            return Err(Fault::Here(Rule::MaxBytes, Some((max, len))));
        }
        if field.kind == Kind::Text && str::from_utf8(bytes).is_err() {
            return Err(Fault::Here(Rule::Text, None));
        }
        self.note_if(!field.repeated && count.times > 0, Oddity::ScalarTwice);
        self.count(field, count, len)
    }

    fn numbers(
        &mut self,
        field: &'static Field,
        wire: u64,
        cursor: &mut Cursor<'b>,
        count: &mut Count,
    ) -> Result<(), Fault> {
        if field.repeated && wire == 2 {
            let mut packed = Cursor(self.delimited(cursor)?);
            self.note_if(true, Oddity::Packed);
            while !packed.0.is_empty() {
                self.number(field, &mut packed, count)?;
            }
            return Ok(());
        }
        expect(&field.kind, wire)?;
        self.note_if(field.repeated, Oddity::Single);
        self.note_if(!field.repeated && count.times > 0, Oddity::ScalarTwice);
        self.number(field, cursor, count)
    }

    fn number(
        &mut self,
        field: &'static Field,
        cursor: &mut Cursor<'b>,
        count: &mut Count,
    ) -> Result<(), Fault> {
        if field.kind.wire() == 1 {
            cursor.take(8)?;
        } else {
            in_range(&field.kind, self.varint(cursor)?)?;
        }
        self.count(field, count, 0)
    }

    /// One more value of the field.
    fn count(&mut self, field: &'static Field, count: &mut Count, len: u64) -> Result<(), Fault> {
        *count = Count { times: count.times + 1, bytes: count.bytes + len, last: len };
        if !field.repeated {
            return Ok(());
        }
        let limits = &field.limits;
        for (rule, max, seen) in [
            (Rule::MaxItems, limits.max_items, count.times),
            (Rule::MaxTotalBytes, limits.max_total_bytes, count.bytes),
        ] {
            if let Some(max) = max.filter(|&max| seen > max) {
                return Err(Fault::Here(rule, Some((max, seen))));
            }
        }
        if limits.non_empty && len == 0 {
            return Err(Fault::Here(Rule::NonEmpty, Some((1, 0))));
        }
        self.element()
    }

    fn element(&mut self) -> Result<(), Fault> {
        let all = self.whole.elements;
        self.elements = self
            .elements
            .checked_sub(1)
            .ok_or(Fault::Here(Rule::Elements, Some((all, all + 1))))?;
        Ok(())
    }

    fn varint(&mut self, cursor: &mut Cursor<'b>) -> Result<u64, Fault> {
        let before = cursor.0.len();
        let value = cursor.varint()?;
        let len = before - cursor.0.len();
        self.note_if(len > 1 && value >> (7 * (len - 1)) == 0, Oddity::PaddedVarint);
        Ok(value)
    }

    fn delimited(&mut self, cursor: &mut Cursor<'b>) -> Result<&'b [u8], Fault> {
        let len = self.varint(cursor)?;
        cursor.take(len)
    }

    fn note_if(&mut self, is_so: bool, oddity: Oddity) {
        *self.sight.oddities.entry(oddity).or_default() += u64::from(is_so);
    }
}

#[derive(Clone, Copy)]
struct Cursor<'b>(&'b [u8]);

impl<'b> Cursor<'b> {
    fn varint(&mut self) -> Result<u64, Fault> {
        let there = self.0.len().min(10);
        let Some(last) = self.0[..there].iter().position(|&byte| byte < 0x80) else {
            let seen = there as u64;
            return Err(match there {
                10 => Fault::Here(Rule::Varint, None),
                _ => Fault::Here(Rule::Truncated, Some((seen, seen + 1))),
            });
        };
        let (bytes, rest) = self.0.split_at(last + 1);
        self.0 = rest;
        let value = bytes.iter().rev().fold(0u128, |sum, byte| sum << 7 | u128::from(byte & 0x7f));
        u64::try_from(value).map_err(|_| Fault::Here(Rule::Varint, None))
    }

    fn take(&mut self, len: u64) -> Result<&'b [u8], Fault> {
        let there = self.0.len() as u64;
        if len > there {
            return Err(Fault::Here(Rule::Truncated, Some((there, len))));
        }
        let (bytes, rest) = self.0.split_at(usize::try_from(len).unwrap());
        self.0 = rest;
        Ok(bytes)
    }
}

impl Fault {
    fn at(self, message: &str, field: u64) -> Refusal {
        match self {
            Self::Here(rule, numbers) => {
                Refusal { message: message.to_owned(), field, rule, numbers }
            }
            Self::Within(refusal) => refusal,
        }
    }
}

fn number(key: u64) -> Result<u64, Fault> {
    match key >> 3 {
        0 => Err(Fault::Here(Rule::FieldZero, None)),
        number if number < 1 << 29 => Ok(number),
        _ => Err(Fault::Here(Rule::FieldOverRange, None)),
    }
}

fn has_member(message: &Message, counts: &BTreeMap<u64, Count>) -> bool {
    let members = message.fields.iter().filter(|field| field.member);
    members.into_iter().any(|field| counts.contains_key(&field.number))
}

fn expect(kind: &Kind, wire: u64) -> Result<(), Fault> {
    if wire == kind.wire() {
        return Ok(());
    }
    Err(Fault::Here(Rule::OtherWireType, Some((kind.wire(), wire))))
}

fn in_range(kind: &Kind, value: u64) -> Result<(), Fault> {
    let is_32_bits = i32::try_from(value.cast_signed()).is_ok();
    let (fits, rule, max) = match kind {
        Kind::Bool => (value <= 1, Rule::Bool, 1),
        Kind::Uint32 => (value < 1 << 32, Rule::Uint32, (1 << 32) - 1),
        Kind::Int32 => (is_32_bits, Rule::Int32, (1 << 31) - 1),
        Kind::Enum => (is_32_bits, Rule::Enum, (1 << 31) - 1),
        _ => return Ok(()),
    };
    if fits { Ok(()) } else { Err(Fault::Here(rule, Some((max, value)))) }
}
