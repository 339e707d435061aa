#![allow(
    clippy::inline_always,
    reason = "numbers are read in loops that have to stay in registers"
)]

use super::varint::{self, Varint};
use super::{Encoding, Scalar};

/// Checked wire bytes from a repeated field's first element to its last, other fields between them.
#[derive(Clone, Copy, Debug)]
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
    #[inline]
    pub(super) fn new(rest: &'a [u8], field: u32, encoding: Encoding) -> Self {
        Self { rest, packed: &[], field, encoding }
    }

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
