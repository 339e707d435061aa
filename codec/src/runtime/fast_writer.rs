//! The fast lane of encoding.
#![allow(clippy::inline_always, reason = "its state has to stay in registers")]
#![allow(clippy::cast_possible_truncation, reason = "what is cut off is zero or unused")]

use core::mem;

use super::field::two_bytes;
use super::repeated::Source;
use super::scalar::low_half;
use super::varint;
use super::{Element, Encoding, Field, Message, Repeated, Scalar, Step, Stop, WriteFields};
use crate::copy::{copy, copy_short, shift_left, shift_right};

/// Writes fields forward into a caller's buffer, and gives up where anything is over a limit or the
/// buffer is too small: then the careful [`Writer`](super::Writer) writes the message again from its
/// start, and says what is wrong, or cuts what may be cut, or finds that it fits exactly.
#[derive(Debug)]
pub struct FastWriter<'b> {
    /// What is free of the buffer.
    rest: &'b mut [u8],
    /// What is left of [`Limits::elements`](super::Limits::elements).
    elements: u32,
}

const LEN: u8 = 2;
const LONGEST_SHORT: u32 = 127;
/// Packed numbers that take no more than [`LONGEST_SHORT`] bytes, of ten bytes each.
const FEW: usize = 12;

impl<'b> FastWriter<'b> {
    /// A whole message; its length.
    #[inline(always)]
    pub(super) fn whole<'a, M: Message<'a>>(message: &M, buf: &mut [u8]) -> Step<usize> {
        let buf = bounded::<M>(buf);
        let mut elements = M::LIMITS.elements;
        body(message, buf, &mut elements)
    }

    /// One field of an `M`, which holds a message; its length.
    #[inline(always)]
    pub(super) fn field<'a, M: Message<'a>, F: Message<'a>>(
        field: &Field,
        message: &F,
        buf: &mut [u8],
    ) -> Step<usize> {
        let buf = bounded::<M>(buf);
        let len = buf.len();
        let mut writer = FastWriter { rest: buf, elements: M::LIMITS.elements };
        writer.message(field, message)?;
        Ok(len.wrapping_sub(writer.rest.len()))
    }

    #[inline(always)]
    fn room(&mut self, len: usize) -> Step<&'b mut [u8]> {
        let (room, rest) = mem::take(&mut self.rest).split_at_mut_checked(len).ok_or(Stop)?;
        self.rest = rest;
        Ok(room)
    }

    #[inline(always)]
    fn put<const N: usize>(&mut self, bytes: [u8; N]) -> Step<()> {
        self.rest = put(mem::take(&mut self.rest), bytes)?;
        Ok(())
    }

    /// A key; numbers over 2047, whose keys are of three bytes and more, are for the careful writer.
    #[inline(always)]
    fn key(&mut self, field: &Field, wire: u8) -> Step<()> {
        match field.key(wire) {
            key @ 0..0x80 => self.put([key as u8]),
            key @ 0x80..0x4000 => self.put(two_bytes(key)),
            _ => Err(Stop),
        }
    }

    #[inline(always)]
    fn varint(&mut self, value: u64) -> Step<()> {
        if value < 0x80 {
            return self.put([value as u8]);
        }
        if value < 1 << 56
            && let Some(room) = self.rest.first_chunk_mut()
        {
            let (bytes, len) = varint::write_short(value);
            *room = bytes.to_le_bytes();
            return self.room(len).map(drop);
        }
        self.rest = long_varint(mem::take(&mut self.rest), value)?;
        Ok(())
    }

    /// A key of one byte and a varint behind it.
    #[inline(always)]
    fn short_number(&mut self, key: u8, value: u64) -> Step<()> {
        if value < 0x80 {
            return self.put([key, value as u8]);
        }
        if value < 1 << 56
            && let Some([first, room @ ..]) = self.rest.first_chunk_mut::<9>()
            && let Some(room) = room.first_chunk_mut()
        {
            let (bytes, len) = varint::write_short(value);
            *first = key;
            *room = bytes.to_le_bytes();
            return self.room(len.wrapping_add(1)).map(drop);
        }
        self.put([key])?;
        self.rest = long_varint(mem::take(&mut self.rest), value)?;
        Ok(())
    }

    /// By `write`, which is a call, so that what it needs is no part of the state here.
    #[inline(always)]
    fn apart(&mut self, write: impl FnOnce(&mut Self) -> Step<()>) -> Step<()> {
        let mut writer = Self { rest: mem::take(&mut self.rest), elements: self.elements };
        write(&mut writer)?;
        *self = writer;
        Ok(())
    }

    #[inline(always)]
    fn items(&mut self, field: &Field, items: usize, total: usize) -> Step<()> {
        let (items, total) = (items as u64, total as u64);
        if items > u64::from(field.max_items) || total > u64::from(field.max_total_bytes) {
            return Err(Stop);
        }
        let left = u64::from(self.elements).checked_sub(items).ok_or(Stop)?;
        self.elements = left as u32;
        Ok(())
    }

    #[inline(always)]
    fn strings<'s>(&mut self, field: &Field, all: impl Iterator<Item = &'s [u8]>) -> Step<()> {
        let (mut items, mut total) = (0_usize, 0_usize);
        for bytes in all {
            (items, total) = (items.wrapping_add(1), total.wrapping_add(bytes.len()));
            self.bytes(field, bytes)?;
        }
        self.items(field, items, total)
    }

    /// So few that one byte is enough for their length.
    #[inline(always)]
    fn few<T: Scalar>(&mut self, field: &Field, encoding: Encoding, all: &[T]) -> Step<()> {
        self.items(field, all.len(), 0)?;
        self.key(field, LEN)?;
        let (length, mut room) = mem::take(&mut self.rest).split_first_mut().ok_or(Stop)?;
        let before = room.len();
        for value in all {
            room = put_packed(room, encoding, *value)?;
        }
        *length = before.wrapping_sub(room.len()) as u8;
        self.rest = room;
        Ok(())
    }

    #[inline(always)]
    fn packed<T: Scalar>(
        &mut self,
        field: &Field,
        encoding: Encoding,
        all: impl Iterator<Item = T> + Clone,
    ) -> Step<()> {
        let (mut items, mut len) = (0_usize, 0_usize);
        for value in all.clone() {
            items = items.wrapping_add(1);
            len = len.wrapping_add(encoding.len(value.to_wire()));
        }
        if items == 0 {
            return Ok(());
        }
        self.items(field, items, 0)?;
        self.key(field, LEN)?;
        self.varint(len as u64)?;
        let mut room = self.room(len)?;
        for value in all {
            room = put_packed(room, encoding, value)?;
        }
        Ok(())
    }
}

impl WriteFields for FastWriter<'_> {
    #[inline(always)]
    fn scalar<T: Scalar>(&mut self, field: &Field, encoding: Encoding, value: T) -> Step<()> {
        let key = field.key(encoding.wire());
        let raw = encoding.raw(value.to_wire());
        if let (Encoding::Varint | Encoding::ZigZag, 0..0x80) = (encoding, key) {
            return self.short_number(key as u8, raw);
        }
        self.key(field, encoding.wire())?;
        match encoding {
            Encoding::Varint | Encoding::ZigZag => self.varint(raw),
            Encoding::Fixed32 | Encoding::SignedFixed32 => self.put(low_half(raw).to_le_bytes()),
            Encoding::Fixed64 => self.put(raw.to_le_bytes()),
        }
    }

    #[inline(always)]
    fn text(&mut self, field: &Field, text: &str) -> Step<()> {
        self.bytes(field, text.as_bytes())
    }

    #[inline(always)]
    fn bytes(&mut self, field: &Field, bytes: &[u8]) -> Step<()> {
        let (key, len) = (field.key(LEN), bytes.len());
        if len > field.max_bytes.min(LONGEST_SHORT) as usize {
            self.rest = long_bytes(mem::take(&mut self.rest), field, bytes)?;
            return Ok(());
        }
        if field.non_empty && len == 0 {
            return Err(Stop);
        }
        if let 0..0x80 = key {
            if let [first, length, rest @ ..] = self.room(len.wrapping_add(2))? {
                (*first, *length) = (key as u8, len as u8);
                copy_short(bytes, rest);
            }
            return Ok(());
        }
        self.key(field, LEN)?;
        if let [length, rest @ ..] = self.room(len.wrapping_add(1))? {
            *length = len as u8;
            copy_short(bytes, rest);
        }
        Ok(())
    }

    /// The body stands behind the bytes kept for its length, one if that is always enough, else two; where
    /// that is wrong it is moved.
    #[inline(always)]
    fn message<'a, M: Message<'a>>(&mut self, field: &Field, message: &M) -> Step<()> {
        self.key(field, LEN)?;
        let buf = mem::take(&mut self.rest);
        let mut elements = self.elements;
        if M::MAX_ENCODED_LEN <= LONGEST_SHORT as usize {
            let (length, room) = buf.split_first_mut().ok_or(Stop)?;
            let len = body(message, room, &mut elements)?;
            *length = len as u8;
            self.rest = room.get_mut(len..).ok_or(Stop)?;
        } else {
            let len = body(message, buf.get_mut(2..).ok_or(Stop)?, &mut elements)?;
            self.rest = enclose(buf, len)?;
        }
        self.elements = elements;
        Ok(())
    }

    #[inline(always)]
    fn texts<'a>(&mut self, field: &Field, all: Repeated<'a, &'a str>) -> Step<()> {
        match all.source() {
            Source::Slice([]) => Ok(()),
            Source::Slice(texts) => self.strings(field, texts.iter().map(|text| text.as_bytes())),
            _ => self.apart(|writer| texts(writer, field, all)),
        }
    }

    #[inline(always)]
    fn byte_strings<'a>(&mut self, field: &Field, all: Repeated<'a, &'a [u8]>) -> Step<()> {
        match all.source() {
            Source::Slice([]) => Ok(()),
            Source::Slice(strings) => self.strings(field, strings.iter().copied()),
            _ => self.apart(|writer| byte_strings(writer, field, all)),
        }
    }

    #[inline(always)]
    fn messages<'a, M: Message<'a>>(&mut self, field: &Field, all: Repeated<'a, M>) -> Step<()> {
        match all.source() {
            Source::Slice([]) => Ok(()),
            Source::Slice(messages) => {
                for message in messages {
                    self.message(field, message)?;
                }
                self.items(field, messages.len(), 0)
            }
            _ => self.apart(|writer| messages(writer, field, all)),
        }
    }

    /// Nothing is cut here.
    #[inline(always)]
    fn notes<'a, M: Message<'a> + PartialEq>(
        &mut self,
        field: &Field,
        all: Repeated<'a, M>,
        _: impl Fn(u32) -> M,
    ) -> Step<()> {
        self.messages(field, all)
    }

    #[inline(always)]
    fn scalars<'a, T: Scalar + Element<'a>>(
        &mut self,
        field: &Field,
        encoding: Encoding,
        all: Repeated<'a, T>,
    ) -> Step<()> {
        match all.source() {
            Source::Slice([]) => Ok(()),
            Source::Slice(numbers) if numbers.len() <= FEW => self.few(field, encoding, numbers),
            Source::Slice(numbers) => self.packed(field, encoding, numbers.iter().copied()),
            _ => self.apart(|writer| numbers(writer, field, encoding, all)),
        }
    }
}

/// Texts that are not those of a slice; and so on.
#[inline(never)]
fn texts<'a>(writer: &mut FastWriter, field: &Field, all: Repeated<'a, &'a str>) -> Step<()> {
    writer.strings(field, all.iter().map(str::as_bytes))
}

#[inline(never)]
fn byte_strings<'a>(
    writer: &mut FastWriter,
    field: &Field,
    all: Repeated<'a, &'a [u8]>,
) -> Step<()> {
    writer.strings(field, all.iter())
}

#[inline(never)]
fn numbers<'a, T: Scalar + Element<'a>>(
    writer: &mut FastWriter,
    field: &Field,
    encoding: Encoding,
    all: Repeated<'a, T>,
) -> Step<()> {
    writer.packed(field, encoding, all.iter())
}

#[inline(never)]
fn messages<'a, M: Message<'a>>(
    writer: &mut FastWriter,
    field: &Field,
    all: Repeated<'a, M>,
) -> Step<()> {
    let mut items = 0_usize;
    for message in all {
        items = items.wrapping_add(1);
        writer.message(field, &message)?;
    }
    writer.items(field, items, 0)
}

/// No message may be longer.
#[inline(always)]
fn bounded<'a, M: Message<'a>>(buf: &mut [u8]) -> &mut [u8] {
    let len = buf.len().min(M::LIMITS.bytes as usize);
    buf.get_mut(..len).unwrap_or(&mut [])
}

/// Writes one of packed numbers and gives back the room behind it. Varints by branches on their length:
/// in one list the next is about as long as the last.
#[inline(always)]
fn put_packed<T: Scalar>(room: &mut [u8], encoding: Encoding, value: T) -> Step<&mut [u8]> {
    let raw = encoding.raw(value.to_wire());
    let [low, middle] = [raw as u8 | 0x80, (raw >> 7) as u8 | 0x80];
    match encoding {
        Encoding::Fixed32 | Encoding::SignedFixed32 => put(room, low_half(raw).to_le_bytes()),
        Encoding::Fixed64 => put(room, raw.to_le_bytes()),
        Encoding::Varint | Encoding::ZigZag => match raw {
            0..0x80 => put(room, [raw as u8]),
            0x80..0x4000 => put(room, [low, middle & 0x7f]),
            0x4000..0x20_0000 => put(room, [low, middle, (raw >> 14) as u8]),
            _ => {
                let (number, room) = room.split_at_mut_checked(varint::len(raw)).ok_or(Stop)?;
                varint::write(raw, number);
                Ok(room)
            }
        },
    }
}

#[inline(always)]
fn put<const N: usize>(room: &mut [u8], bytes: [u8; N]) -> Step<&mut [u8]> {
    let (to, room) = room.split_first_chunk_mut().ok_or(Stop)?;
    *to = bytes;
    Ok(room)
}

/// A message without its length: how long it is. Not inlined, so that
/// one message's fields are all that competes for registers.
#[inline(never)]
fn body<'a, M: Message<'a>>(message: &M, buf: &mut [u8], elements: &mut u32) -> Step<usize> {
    let len = buf.len();
    let mut writer = FastWriter { rest: buf, elements: *elements };
    message.write(&mut writer)?;
    *elements = writer.elements;
    Ok(len.wrapping_sub(writer.rest.len()))
}

#[inline(never)]
fn long_varint(buf: &mut [u8], value: u64) -> Step<&mut [u8]> {
    let (room, rest) = buf.split_at_mut_checked(varint::len(value)).ok_or(Stop)?;
    varint::write(value, room);
    Ok(rest)
}

#[inline(never)]
fn long_bytes<'b>(buf: &'b mut [u8], field: &Field, bytes: &[u8]) -> Step<&'b mut [u8]> {
    if bytes.len() as u64 > u64::from(field.max_bytes) {
        return Err(Stop);
    }
    let buf = long_varint(buf, field.key(LEN).into())?;
    let buf = long_varint(buf, bytes.len() as u64)?;
    let (room, rest) = buf.split_at_mut_checked(bytes.len()).ok_or(Stop)?;
    copy(bytes, room);
    Ok(rest)
}

/// Puts its length before a body of `len` bytes, which stands two bytes behind the start, and returns what
/// is free.
#[inline(always)]
fn enclose(buf: &mut [u8], len: usize) -> Step<&mut [u8]> {
    match (buf, len) {
        ([low, high, body @ ..], 0x80..0x4000) => {
            (*low, *high) = (len as u8 | 0x80, (len >> 7) as u8);
            body.get_mut(len..).ok_or(Stop)
        }
        (buf, 0..0x80) => enclose_short(buf, len),
        (buf, _) => enclose_long(buf, len),
    }
}

#[inline(never)]
fn enclose_short(buf: &mut [u8], len: usize) -> Step<&mut [u8]> {
    let (length, rest) = buf.split_first_mut().ok_or(Stop)?;
    *length = len as u8;
    shift_left(rest.get_mut(..=len).ok_or(Stop)?, 1);
    rest.get_mut(len..).ok_or(Stop)
}

#[inline(never)]
fn enclose_long(buf: &mut [u8], len: usize) -> Step<&mut [u8]> {
    let before = varint::len(len as u64);
    let end = before.checked_add(len).ok_or(Stop)?;
    let moved = buf.get_mut(2..end).ok_or(Stop)?;
    shift_right(moved, before.saturating_sub(2));
    let (length, rest) = buf.split_at_mut_checked(before).ok_or(Stop)?;
    varint::write(len as u64, length);
    rest.get_mut(len..).ok_or(Stop)
}
