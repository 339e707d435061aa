#![allow(
    clippy::inline_always,
    reason = "elements are read in loops whose state has to stay in registers"
)]

use core::fmt::{self, Debug, Formatter};

use super::varint::{self, Varint};
use super::{Limits, Message, utf8};

/// The elements of a repeated field: a slice to encode, NUL-terminated text or bytes (what a kernel
/// gives for an argument list, so that a record costs no allocation), or checked wire bytes.
///
/// Which of them it is stays private, or unchecked bytes could be passed off as checked ones. Two are
/// equal if their elements are.
#[derive(Clone, Copy)]
pub struct Repeated<'a, T>(Source<'a, T>);

#[derive(Clone, Copy)]
pub(super) enum Source<'a, T> {
    Slice(&'a [T]),
    /// NUL-terminated.
    Text(&'a str),
    /// NUL-terminated.
    Bytes(&'a [u8]),
    /// `key length text key length text ..`, key and length of one byte each.
    Run(&'a str),
    /// Numbers, of at most four bytes each if varints.
    Packed(&'a [u8], Encoding),
    /// Other fields may stand between the elements.
    Wire(&'a [u8], u32, Encoding),
}

/// Elements of a [`Repeated`], one after the other.
///
/// Not an enum, whose variants would share memory: these are values that can stand in registers.
#[derive(Clone)]
pub struct Iter<'a, T> {
    form: Form,
    slice: &'a [T],
    text: &'a str,
    bytes: &'a [u8],
    encoding: Encoding,
    wire: Wire<'a>,
}

/// Which of the fields of an [`Iter`] hold what is left.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Slice,
    Text,
    Bytes,
    Run,
    Packed,
    Wire,
}

impl<'a, T> Repeated<'a, T> {
    /// No elements.
    pub const EMPTY: Self = Self(Source::Slice(&[]));

    /// The elements of a slice.
    #[inline]
    pub const fn new(elements: &'a [T]) -> Self {
        Self(Source::Slice(elements))
    }

    /// Checked bytes from the first element of `field` to the last.
    #[inline]
    pub(super) fn wire(bytes: &'a [u8], field: u32, encoding: Encoding) -> Self {
        Self(Source::Wire(bytes, field, encoding))
    }

    /// Checked numbers.
    #[inline]
    pub(super) fn packed(bytes: &'a [u8], encoding: Encoding) -> Self {
        Self(Source::Packed(bytes, encoding))
    }

    #[inline]
    pub(super) fn source(self) -> Source<'a, T>
    where
        T: Copy,
    {
        self.0
    }
}

impl<'a> Repeated<'a, &'a str> {
    /// Texts that end in a NUL each; the last may lack it.
    #[inline]
    pub const fn nul_terminated(text: &'a str) -> Self {
        Self(Source::Text(text))
    }

    /// A checked run of texts of one field.
    #[inline]
    pub(super) fn run(text: &'a str) -> Self {
        Self(Source::Run(text))
    }
}

impl<'a> Repeated<'a, &'a [u8]> {
    /// Byte strings that end in a NUL each; the last may lack it.
    #[inline]
    pub const fn nul_terminated_bytes(bytes: &'a [u8]) -> Self {
        Self(Source::Bytes(bytes))
    }
}

impl<'a, T: Element<'a>> Repeated<'a, T> {
    /// The elements in order. Wire bytes were checked when they were decoded, so nothing can fail.
    #[inline]
    pub fn iter(self) -> Iter<'a, T> {
        let none = Iter {
            form: Form::Slice,
            slice: &[],
            text: "",
            bytes: &[],
            encoding: Encoding::Varint,
            wire: Wire { rest: &[], packed: &[], field: 0, encoding: Encoding::Varint },
        };
        match self.0 {
            Source::Slice(slice) => Iter { slice, ..none },
            Source::Text(text) => Iter { form: Form::Text, text, ..none },
            Source::Bytes(bytes) => Iter { form: Form::Bytes, bytes, ..none },
            Source::Run(text) => Iter { form: Form::Run, text, ..none },
            Source::Packed(bytes, encoding) => Iter { form: Form::Packed, bytes, encoding, ..none },
            Source::Wire(rest, field, encoding) => {
                let wire = Wire { rest, packed: &[], field, encoding };
                Iter { form: Form::Wire, wire, ..none }
            }
        }
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.iter().next().is_none()
    }

    /// How many there are, found by walking over them.
    #[inline]
    pub fn count(self) -> usize {
        if let Source::Slice(slice) = self.0 {
            return slice.len();
        }
        let mut iter = self.iter();
        let mut count: usize = 0;
        while iter.step_over().is_some() {
            count = count.saturating_add(1);
        }
        count
    }
}

impl<T> Default for Repeated<'_, T> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<'a, T> From<&'a [T]> for Repeated<'a, T> {
    fn from(elements: &'a [T]) -> Self {
        Self::new(elements)
    }
}

impl<'a, T, const N: usize> From<&'a [T; N]> for Repeated<'a, T> {
    fn from(elements: &'a [T; N]) -> Self {
        Self::new(elements)
    }
}

impl<'a, T: Element<'a>> IntoIterator for Repeated<'a, T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<'a, T: Element<'a> + PartialEq> PartialEq for Repeated<'a, T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<'a, T: Element<'a> + Debug> Debug for Repeated<'a, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a, T: Element<'a>> Iter<'a, T> {
    fn step_over(&mut self) -> Option<()> {
        match self.form {
            Form::Wire => T::skip_wire_bytes(&mut self.wire),
            _ => self.next().map(drop),
        }
    }
}

impl<'a, T: Element<'a>> Iterator for Iter<'a, T> {
    type Item = T;

    #[inline(always)]
    fn next(&mut self) -> Option<T> {
        match self.form {
            Form::Slice => {
                let (item, rest) = self.slice.split_first()?;
                self.slice = rest;
                Some(*item)
            }
            Form::Run => {
                let len = usize::from(*self.text.as_bytes().get(1)?);
                let (item, rest) = self.text.get(2..)?.split_at_checked(len)?;
                self.text = rest;
                T::from_text(item)
            }
            Form::Text => {
                let (item, rest) = first_text(self.text)?;
                self.text = rest;
                T::from_text(item)
            }
            Form::Bytes => {
                let (item, rest) = first_bytes(self.bytes)?;
                self.bytes = rest;
                T::from_bytes(item)
            }
            Form::Packed => {
                let (item, rest) = T::from_packed(self.bytes, self.encoding)?;
                self.bytes = rest;
                Some(item)
            }
            Form::Wire => {
                // On a copy, since a pointer to the state that escapes would keep all of it in memory.
                let mut wire = self.wire;
                let item = T::from_wire_bytes(&mut wire)?;
                self.wire = wire;
                Some(item)
            }
        }
    }
}

#[inline(never)]
fn first_text(texts: &str) -> Option<(&str, &str)> {
    let end = end_of_item(texts.as_bytes())?;
    Some((texts.get(..end)?, texts.get(end.saturating_add(1)..).unwrap_or("")))
}

#[inline(never)]
fn first_bytes(strings: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = end_of_item(strings)?;
    Some((strings.get(..end)?, strings.get(end.saturating_add(1)..).unwrap_or(&[])))
}

fn end_of_item(rest: &[u8]) -> Option<usize> {
    if rest.is_empty() {
        return None;
    }
    Some(rest.iter().position(|&byte| byte == 0).unwrap_or(rest.len()))
}

/// What a repeated field can hold.
pub trait Element<'a>: Copy {
    /// The next element of checked wire bytes.
    #[doc(hidden)]
    fn from_wire_bytes(wire: &mut Wire<'a>) -> Option<Self>;

    /// Steps over the next element of checked wire bytes.
    #[doc(hidden)]
    fn skip_wire_bytes(wire: &mut Wire<'a>) -> Option<()> {
        Self::from_wire_bytes(wire).map(drop)
    }

    /// The first of checked packed numbers, and the bytes of the others; only numbers have that form.
    #[doc(hidden)]
    fn from_packed(_: &'a [u8], _: Encoding) -> Option<(Self, &'a [u8])> {
        None
    }

    /// An element of text; only text has that form.
    #[doc(hidden)]
    fn from_text(_: &'a str) -> Option<Self> {
        None
    }

    /// An element of NUL-terminated bytes; only byte strings have that form.
    #[doc(hidden)]
    fn from_bytes(_: &'a [u8]) -> Option<Self> {
        None
    }
}

impl<'a> Element<'a> for &'a str {
    #[inline(never)]
    fn from_wire_bytes(wire: &mut Wire<'a>) -> Option<Self> {
        utf8::check(wire.delimited()?)
    }

    fn skip_wire_bytes(wire: &mut Wire<'a>) -> Option<()> {
        wire.delimited().map(drop)
    }

    #[inline]
    fn from_text(text: &'a str) -> Option<Self> {
        Some(text)
    }
}

impl<'a> Element<'a> for &'a [u8] {
    fn from_wire_bytes(wire: &mut Wire<'a>) -> Option<Self> {
        wire.delimited()
    }

    fn skip_wire_bytes(wire: &mut Wire<'a>) -> Option<()> {
        wire.delimited().map(drop)
    }

    #[inline]
    fn from_bytes(bytes: &'a [u8]) -> Option<Self> {
        Some(bytes)
    }
}

impl<'a, M: Message<'a>> Element<'a> for M {
    #[inline(never)]
    fn from_wire_bytes(wire: &mut Wire<'a>) -> Option<Self> {
        M::decode_with(wire.delimited()?, &Limits::SCHEMA).ok()
    }

    fn skip_wire_bytes(wire: &mut Wire<'a>) -> Option<()> {
        wire.delimited().map(drop)
    }
}

/// Checked wire bytes from a repeated field's first element to its last, other fields between them.
#[derive(Clone, Copy)]
pub struct Wire<'a> {
    rest: &'a [u8],
    packed: &'a [u8],
    field: u32,
    encoding: Encoding,
}

enum Found<'a> {
    Delimited(&'a [u8]),
    Number(u64),
}

impl<'a> Wire<'a> {
    /// The next element of text, bytes or a message.
    pub fn delimited(&mut self) -> Option<&'a [u8]> {
        loop {
            if let Found::Delimited(bytes) = self.find()? {
                return Some(bytes);
            }
        }
    }

    /// The next number.
    pub fn scalar<T: Scalar>(&mut self) -> Option<T> {
        let raw = loop {
            if !self.packed.is_empty() {
                break number(&mut self.packed, self.encoding)?;
            }
            match self.find()? {
                Found::Delimited(bytes) => self.packed = bytes,
                Found::Number(raw) => break raw,
            }
        };
        T::from_wire(self.encoding.plain(raw))
    }

    fn find(&mut self) -> Option<Found<'a>> {
        loop {
            let key = number(&mut self.rest, Encoding::Varint)?;
            let found = match key & 7 {
                0 => Found::Number(number(&mut self.rest, Encoding::Varint)?),
                1 => Found::Number(number(&mut self.rest, Encoding::Fixed64)?),
                2 => {
                    let len = usize::try_from(number(&mut self.rest, Encoding::Varint)?).ok()?;
                    let (bytes, rest) = self.rest.split_at_checked(len)?;
                    self.rest = rest;
                    Found::Delimited(bytes)
                }
                _ => Found::Number(number(&mut self.rest, Encoding::Fixed32)?),
            };
            if key >> 3 == u64::from(self.field) {
                return Some(found);
            }
        }
    }
}

/// The first of packed numbers, and the others. By branches on the length of a varint, which the processor
/// runs ahead of: of pids in one list the next is about as long as the last.
#[doc(hidden)]
#[inline(always)]
pub fn first_packed<T: Scalar>(bytes: &[u8], encoding: Encoding) -> Option<(T, &[u8])> {
    let (raw, rest) = match (encoding, bytes) {
        (Encoding::Varint, [only @ ..0x80, rest @ ..]) => (u32::from(*only), rest),
        (Encoding::Varint, [low, high @ ..0x80, rest @ ..]) => {
            (u32::from(low & 0x7f) | u32::from(*high) << 7, rest)
        }
        (Encoding::Varint, [low, middle, high @ ..0x80, rest @ ..]) => {
            let low = u32::from(low & 0x7f) | u32::from(middle & 0x7f) << 7;
            (low | u32::from(*high) << 14, rest)
        }
        _ => {
            let mut rest = bytes;
            let raw = number(&mut rest, encoding)?;
            return Some((T::from_wire(encoding.plain(raw))?, rest));
        }
    };
    Some((T::from_wire(raw.into())?, rest))
}

#[inline(never)]
fn number(rest: &mut &[u8], encoding: Encoding) -> Option<u64> {
    let (value, len) = match encoding {
        Encoding::Varint | Encoding::ZigZag => match varint::read(rest) {
            Varint::Value(value, len) => (value, len),
            Varint::Truncated | Varint::TooLong => return None,
        },
        Encoding::Fixed32 | Encoding::SignedFixed32 => {
            (u32::from_le_bytes(*rest.first_chunk()?).into(), 4)
        }
        Encoding::Fixed64 => (u64::from_le_bytes(*rest.first_chunk()?), 8),
    };
    *rest = rest.get(len..)?;
    Some(value)
}

/// How a number stands on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `int32`, `int64`, `uint32`, `uint64`, `bool` and enums.
    Varint,
    /// `sint32` and `sint64`.
    ZigZag,
    /// `fixed32` and `float`.
    Fixed32,
    /// `sfixed32`.
    SignedFixed32,
    /// `fixed64`, `sfixed64` and `double`.
    Fixed64,
}

impl Encoding {
    #[inline]
    pub(super) fn wire(self) -> u8 {
        match self {
            Self::Varint | Self::ZigZag => 0,
            Self::Fixed64 => 1,
            Self::Fixed32 | Self::SignedFixed32 => 5,
        }
    }

    /// Bytes of a number, given as two's complement.
    #[inline]
    pub(super) fn len(self, plain: u64) -> usize {
        match self {
            Self::Varint | Self::ZigZag => varint::len(self.raw(plain)),
            Self::Fixed32 | Self::SignedFixed32 => 4,
            Self::Fixed64 => 8,
        }
    }

    /// The number as two's complement of 64 bits, where the encoding has another form.
    #[inline]
    pub(super) fn plain(self, raw: u64) -> u64 {
        match self {
            Self::ZigZag => varint::unzigzag(raw).cast_unsigned(),
            Self::SignedFixed32 => i64::from(low_half(raw).cast_signed()).cast_unsigned(),
            Self::Varint | Self::Fixed32 | Self::Fixed64 => raw,
        }
    }

    /// The way back from [`plain`](Self::plain).
    #[inline]
    pub(super) fn raw(self, plain: u64) -> u64 {
        match self {
            Self::ZigZag => varint::zigzag(plain.cast_signed()),
            Self::SignedFixed32 => u64::from(low_half(plain)),
            Self::Varint | Self::Fixed32 | Self::Fixed64 => plain,
        }
    }
}

pub(super) fn low_half(number: u64) -> u32 {
    (number & 0xffff_ffff) as u32
}

/// A number of the schema, and its form of 64 bits: two's complement if signed, the bits of a float.
pub trait Scalar: Copy {
    /// The largest that `from_wire` takes, for errors.
    const MAX_WIRE: u64;

    /// `None` if the type cannot hold it.
    fn from_wire(raw: u64) -> Option<Self>;

    /// The way back.
    fn to_wire(self) -> u64;
}

macro_rules! scalar {
    ($($type:ty, $max:expr, $raw:ident => $from:expr, $value:ident => $to:expr;)*) => {$(
        impl Scalar for $type {
            const MAX_WIRE: u64 = $max;

            #[inline]
            fn from_wire($raw: u64) -> Option<Self> {
                $from
            }

            #[inline]
            fn to_wire(self) -> u64 {
                let $value = self;
                $to
            }
        }

        impl<'a> Element<'a> for $type {
            #[inline(never)]
            fn from_wire_bytes(wire: &mut Wire<'a>) -> Option<Self> {
                wire.scalar()
            }

            #[inline]
            fn from_packed(bytes: &'a [u8], encoding: Encoding) -> Option<(Self, &'a [u8])> {
                first_packed(bytes, encoding)
            }
        }
    )*};
}

scalar! {
    bool, 1, raw => match raw { 0 => Some(false), 1 => Some(true), _ => None }, value => value.into();
    u32, u32::MAX as u64, raw => u32::try_from(raw).ok(), value => value.into();
    u64, u64::MAX, raw => Some(raw), value => value;
    i32, i32::MAX as u64, raw => i32::try_from(raw.cast_signed()).ok(),
        value => i64::from(value).cast_unsigned();
    i64, u64::MAX, raw => Some(raw.cast_signed()), value => value.cast_unsigned();
    f32, u32::MAX as u64, raw => u32::try_from(raw).ok().map(f32::from_bits),
        value => value.to_bits().into();
    f64, u64::MAX, raw => Some(f64::from_bits(raw)), value => value.to_bits();
}
