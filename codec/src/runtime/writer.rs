use super::scalar::low_half;
use super::varint;
use super::{
    Descriptor, Element, Encoding, ErrorKind, Field, Limits, Message, MessageError, OnExcess,
    Repeated, Scalar, Step, Stop, WriteFields, cut,
};
use crate::copy::{copy, shift_right};

/// Writes fields forward into a caller's buffer, by the same limits that a [`Reader`](super::Reader)
/// holds. What is over its limit is refused, or cut and noted, as the schema says.
///
/// After a step that failed the buffer holds no message.
#[derive(Debug)]
pub struct Writer<'b> {
    buf: &'b mut [u8],
    /// `0 <= at <= buf.len()`
    at: usize,
    message: &'static Descriptor,
    limits: Limits,
    /// Which of the message's fields were cut: a bit for each, as they stand in the descriptor.
    cuts: u64,
    elements: u32,
    error: MessageError,
}

const LEN: u8 = 2;

impl<'b> Writer<'b> {
    /// Writes an `M` into the start of `buf`.
    pub fn new<'a, M: Message<'a>>(buf: &'b mut [u8]) -> Self {
        let (message, limits, kind) = (M::DESCRIPTOR, M::LIMITS, ErrorKind::Buffer);
        let error = MessageError { message, field: 0, kind, limit: 0, seen: 0 };
        Self { buf, at: 0, message, limits, cuts: 0, elements: limits.elements, error }
    }

    /// What the steps came to: the bytes written, or what stopped them.
    ///
    /// # Errors
    /// That of the step that failed.
    pub fn finish(mut self, step: Step<()>) -> Result<usize, MessageError> {
        let (limit, seen) = (self.limits.bytes.into(), self.at as u64);
        if step.is_ok() && seen > limit {
            self.error.kind = ErrorKind::MessageBytes;
            (self.error.limit, self.error.seen) = (limit, seen);
            return Err(self.error);
        }
        step.map(|()| self.at).map_err(|_| self.error)
    }

    /// All messages of a repeated field; how many they are.
    fn each<'a, M: Message<'a>>(&mut self, field: &Field, all: Repeated<'a, M>) -> Step<u32> {
        let mut items = 0;
        for message in all {
            self.item(field, &mut items)?;
            self.message(field, &message)?;
        }
        Ok(items)
    }

    fn strings<'a>(
        &mut self,
        field: &Field,
        all: impl Iterator<Item = &'a [u8]>,
        cut: impl Fn(&[u8], u32) -> &[u8],
    ) -> Step<()> {
        let (mut items, mut left) = (0, field.max_total_bytes);
        for bytes in all {
            let (len, room) = (bytes.len() as u64, left.min(field.max_bytes));
            let over = items >= field.max_items || len > u64::from(room);
            let (mut bytes, mut is_last) = (bytes, false);
            if over && field.on_excess == OnExcess::Cut {
                self.note_cut(field, bytes.len())?;
                (bytes, is_last) = (cut(bytes, room), len > u64::from(left));
                // Nothing is left of it: an empty value would be one that nobody gave.
                let is_gone = bytes.is_empty() && (is_last || field.non_empty);
                if items >= field.max_items || is_gone {
                    return Ok(());
                }
            }
            self.item(field, &mut items)?;
            left = self.charge(field, left, bytes.len())?;
            self.value(field, bytes, "")?;
            if is_last {
                return Ok(());
            }
        }
        Ok(())
    }

    fn charge(&mut self, field: &Field, left: u32, len: usize) -> Step<u32> {
        if let Some(left) = u32::try_from(len).ok().and_then(|len| left.checked_sub(len)) {
            return Ok(left);
        }
        let max = field.max_total_bytes;
        self.fail(
            field,
            ErrorKind::MaxTotalBytes,
            max.into(),
            u64::from(max.saturating_sub(left)).saturating_add(len as u64),
        )
    }

    /// Remembers that a value of `len` bytes is cut.
    fn note_cut(&mut self, field: &Field, len: usize) -> Step<()> {
        if self.message.notes.is_none() {
            return Ok(());
        }
        let index = self.message.fields.iter().position(|other| other.number == field.number);
        let bit = index.and_then(|index| 1u64.checked_shl(u32::try_from(index).ok()?));
        let Some(bit) = bit else {
            return self.fail(field, ErrorKind::MaxBytes, field.max_bytes.into(), len as u64);
        };
        self.cuts |= bit;
        Ok(())
    }

    /// A value with its key and length; `end` is what is put behind it because it was cut.
    fn value(&mut self, field: &Field, bytes: &[u8], end: &str) -> Step<()> {
        let len = bytes.len().saturating_add(end.len());
        if len as u64 > u64::from(field.max_bytes) {
            return self.fail(field, ErrorKind::MaxBytes, field.max_bytes.into(), len as u64);
        }
        if field.non_empty && len == 0 {
            return self.fail(field, ErrorKind::Empty, 1, 0);
        }
        self.key(field, LEN)?;
        self.varint(field, len as u64)?;
        self.copy(field, bytes)?;
        self.copy(field, end.as_bytes())
    }

    fn copy(&mut self, field: &Field, bytes: &[u8]) -> Step<()> {
        copy(bytes, self.room(field, bytes.len())?);
        Ok(())
    }

    fn item(&mut self, field: &Field, items: &mut u32) -> Step<()> {
        *items = items.saturating_add(1);
        if *items > field.max_items {
            return self.fail(field, ErrorKind::MaxItems, field.max_items.into(), (*items).into());
        }
        let Some(left) = self.elements.checked_sub(1) else {
            let limit = u64::from(self.limits.elements);
            return self.fail(field, ErrorKind::Elements, limit, limit.saturating_add(1));
        };
        self.elements = left;
        Ok(())
    }

    #[inline]
    fn key(&mut self, field: &Field, wire: u8) -> Step<()> {
        self.varint(field, u64::from(field.number) << 3 | u64::from(wire))
    }

    #[inline]
    fn number<T: Scalar>(&mut self, field: &Field, encoding: Encoding, value: T) -> Step<()> {
        let raw = encoding.raw(value.to_wire());
        match encoding {
            Encoding::Varint | Encoding::ZigZag => self.varint(field, raw),
            Encoding::Fixed32 | Encoding::SignedFixed32 => {
                self.fixed(field, low_half(raw).to_le_bytes())
            }
            Encoding::Fixed64 => self.fixed(field, raw.to_le_bytes()),
        }
    }

    fn fixed<const N: usize>(&mut self, field: &Field, bytes: [u8; N]) -> Step<()> {
        if let Some(room) = self.room(field, N)?.first_chunk_mut() {
            *room = bytes;
        }
        Ok(())
    }

    #[inline]
    fn varint(&mut self, field: &Field, value: u64) -> Step<()> {
        varint::write(value, self.room(field, varint::len(value))?);
        Ok(())
    }

    /// Puts the length of what was written behind `length_at`, where one byte was kept for it.
    fn close(&mut self, field: &Field, length_at: usize) -> Step<()> {
        let start = length_at.saturating_add(1);
        let len = self.at.saturating_sub(start);
        let more = varint::len(len as u64).saturating_sub(1);
        if more > 0 {
            self.room(field, more)?;
            let moved = self.buf.get_mut(start..self.at).unwrap_or(&mut []);
            shift_right(moved, more);
        }
        let length = self.buf.get_mut(length_at..start.saturating_add(more)).unwrap_or(&mut []);
        varint::write(len as u64, length);
        Ok(())
    }

    #[inline]
    fn room(&mut self, field: &Field, len: usize) -> Step<&mut [u8]> {
        let (start, end) = (self.at, self.at.saturating_add(len));
        if end > self.buf.len() {
            return self.fail(field, ErrorKind::Buffer, self.buf.len() as u64, end as u64);
        }
        self.at = end;
        self.buf.get_mut(start..end).ok_or(Stop)
    }

    #[cold]
    #[inline(never)]
    fn fail<T>(&mut self, field: &Field, kind: ErrorKind, limit: u64, seen: u64) -> Step<T> {
        self.error = MessageError { message: self.message, field: field.number, kind, limit, seen };
        Err(Stop)
    }
}

impl WriteFields for Writer<'_> {
    fn scalar<T: Scalar>(&mut self, field: &Field, encoding: Encoding, value: T) -> Step<()> {
        self.key(field, encoding.wire())?;
        self.number(field, encoding, value)
    }

    fn text(&mut self, field: &Field, text: &str) -> Step<()> {
        if !is_cut(field, text.len()) {
            return self.value(field, text.as_bytes(), "");
        }
        self.note_cut(field, text.len())?;
        let end = if self.message.notes.is_some() { "" } else { cut::ELLIPSIS };
        let max =
            field.max_bytes.saturating_sub(if end.is_empty() { 0 } else { cut::ELLIPSIS_LEN });
        self.value(field, cut::text(text.as_bytes(), max), end)
    }

    fn bytes(&mut self, field: &Field, bytes: &[u8]) -> Step<()> {
        if !is_cut(field, bytes.len()) {
            return self.value(field, bytes, "");
        }
        self.note_cut(field, bytes.len())?;
        self.value(field, cut::bytes(bytes, field.max_bytes), "")
    }

    fn message<'a, M: Message<'a>>(&mut self, field: &Field, message: &M) -> Step<()> {
        self.key(field, LEN)?;
        let length_at = self.at;
        self.room(field, 1)?;
        let outer = (self.message, self.cuts);
        (self.message, self.cuts) = (M::DESCRIPTOR, 0);
        write(message, self)?;
        (self.message, self.cuts) = outer;
        self.close(field, length_at)
    }

    fn texts<'a>(&mut self, field: &Field, all: Repeated<'a, &'a str>) -> Step<()> {
        self.strings(field, all.iter().map(str::as_bytes), cut::text)
    }

    fn byte_strings<'a>(&mut self, field: &Field, all: Repeated<'a, &'a [u8]>) -> Step<()> {
        self.strings(field, all.iter(), cut::bytes)
    }

    fn messages<'a, M: Message<'a>>(&mut self, field: &Field, all: Repeated<'a, M>) -> Step<()> {
        self.each(field, all).map(drop)
    }

    fn notes<'a, M: Message<'a> + PartialEq>(
        &mut self,
        field: &Field,
        all: Repeated<'a, M>,
        cut: impl Fn(u32) -> M,
    ) -> Step<()> {
        let mut items = self.each(field, all)?;
        for (index, other) in self.message.fields.iter().enumerate().take(64) {
            let note = cut(other.number);
            if self.cuts & 1 << (index & 63) != 0 && !all.iter().any(|said| said == note) {
                self.item(field, &mut items)?;
                self.message(field, &note)?;
            }
        }
        Ok(())
    }

    fn scalars<'a, T: Scalar + Element<'a>>(
        &mut self,
        field: &Field,
        encoding: Encoding,
        all: Repeated<'a, T>,
    ) -> Step<()> {
        if all.is_empty() {
            return Ok(());
        }
        self.key(field, LEN)?;
        let length_at = self.at;
        self.room(field, 1)?;
        let mut items = 0;
        for value in all {
            self.item(field, &mut items)?;
            self.number(field, encoding, value)?;
        }
        self.close(field, length_at)
    }
}

/// Whether a single value of `len` bytes is.
fn is_cut(field: &Field, len: usize) -> bool {
    field.on_excess == OnExcess::Cut && len as u64 > u64::from(field.max_bytes)
}

/// Not inlined, so that a message that stands in several others is there once.
#[inline(never)]
fn write<'a, M: Message<'a>>(message: &M, writer: &mut Writer<'_>) -> Step<()> {
    message.write(writer)
}
