use super::repeated::low_half;
use super::varint;
use super::{
    Descriptor, Element, Encoding, ErrorKind, Field, Limits, Message, MessageError, Repeated,
    Scalar, Step, Stop,
};

/// Writes fields forward into a caller's buffer, by the same limits that a [`Reader`](super::Reader)
/// holds.
///
/// After a step that failed the buffer holds no message.
pub struct Writer<'b> {
    buf: &'b mut [u8],
    /// `0 <= at <= buf.len()`
    at: usize,
    message: &'static Descriptor,
    elements: u32,
    error: MessageError,
}

const LEN: u8 = 2;

impl<'b> Writer<'b> {
    /// Writes a message into the start of `buf`.
    pub fn new(message: &'static Descriptor, buf: &'b mut [u8]) -> Self {
        let kind = ErrorKind::Buffer;
        let error = MessageError { message, field: 0, kind, limit: 0, seen: 0 };
        Self { buf, at: 0, message, elements: Limits::SCHEMA.elements, error }
    }

    /// What the steps came to: the bytes written, or what stopped them.
    ///
    /// # Errors
    /// That of the step that failed.
    pub fn finish(mut self, step: Step<()>) -> Result<usize, MessageError> {
        let (limit, seen) = (Limits::SCHEMA.bytes.into(), self.at as u64);
        if step.is_ok() && seen > limit {
            self.error.kind = ErrorKind::MessageBytes;
            (self.error.limit, self.error.seen) = (limit, seen);
            return Err(self.error);
        }
        step.map(|()| self.at).map_err(|_| self.error)
    }

    /// A number.
    #[inline]
    pub fn scalar<T: Scalar>(&mut self, field: &Field, encoding: Encoding, value: T) -> Step<()> {
        self.key(field, encoding.wire())?;
        self.number(field, encoding, value)
    }

    /// Text.
    #[inline]
    pub fn text(&mut self, field: &Field, text: &str) -> Step<()> {
        self.bytes(field, text.as_bytes())
    }

    /// Bytes.
    #[inline]
    pub fn bytes(&mut self, field: &Field, bytes: &[u8]) -> Step<()> {
        let len = bytes.len() as u64;
        if len > u64::from(field.max_bytes) {
            return self.fail(field, ErrorKind::MaxBytes, field.max_bytes.into(), len);
        }
        if field.non_empty && len == 0 {
            return self.fail(field, ErrorKind::Empty, 1, 0);
        }
        self.key(field, LEN)?;
        self.varint(field, len)?;
        let room = self.room(field, bytes.len())?;
        if room.len() == bytes.len() {
            room.copy_from_slice(bytes);
        }
        Ok(())
    }

    /// A message within this one.
    #[inline]
    pub fn message<'a, M: Message<'a>>(&mut self, field: &Field, message: &M) -> Step<()> {
        self.key(field, LEN)?;
        let length_at = self.at;
        self.room(field, 1)?;
        let outer = core::mem::replace(&mut self.message, M::DESCRIPTOR);
        message.write(self)?;
        self.message = outer;
        self.close(field, length_at)
    }

    /// All texts of a repeated field.
    pub fn texts<'a>(&mut self, field: &Field, all: Repeated<'a, &'a str>) -> Step<()> {
        self.strings(field, all.iter().map(str::as_bytes))
    }

    /// All byte strings of a repeated field.
    pub fn byte_strings<'a>(&mut self, field: &Field, all: Repeated<'a, &'a [u8]>) -> Step<()> {
        self.strings(field, all.iter())
    }

    /// All messages of a repeated field.
    pub fn messages<'a, M: Message<'a>>(
        &mut self,
        field: &Field,
        all: Repeated<'a, M>,
    ) -> Step<()> {
        let mut items = 0;
        for message in all {
            self.item(field, &mut items)?;
            self.message(field, &message)?;
        }
        Ok(())
    }

    /// All numbers of a repeated field, packed.
    pub fn scalars<'a, T: Scalar + Element<'a>>(
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

    fn strings<'a>(&mut self, field: &Field, all: impl Iterator<Item = &'a [u8]>) -> Step<()> {
        let (mut items, mut total) = (0, 0u64);
        for bytes in all {
            self.item(field, &mut items)?;
            total = total.saturating_add(bytes.len() as u64);
            if total > u64::from(field.max_total_bytes) {
                let limit = field.max_total_bytes.into();
                return self.fail(field, ErrorKind::MaxTotalBytes, limit, total);
            }
            self.bytes(field, bytes)?;
        }
        Ok(())
    }

    fn item(&mut self, field: &Field, items: &mut u32) -> Step<()> {
        *items = items.saturating_add(1);
        if *items > field.max_items {
            return self.fail(field, ErrorKind::MaxItems, field.max_items.into(), (*items).into());
        }
        let Some(left) = self.elements.checked_sub(1) else {
            let limit = u64::from(Limits::SCHEMA.elements);
            return self.fail(field, ErrorKind::Elements, limit, limit + 1);
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
        let len = self.at.saturating_sub(length_at + 1);
        let more = varint::len(len as u64) - 1;
        if more > 0 {
            self.room(field, more)?;
            let moved = self.buf.get_mut(length_at + 1..self.at).unwrap_or(&mut []);
            shift_right(moved, more);
        }
        let length = self.buf.get_mut(length_at..=length_at + more).unwrap_or(&mut []);
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

/// Moves all but the last `by` bytes to the end. `copy_within` could panic as far as a linker knows.
fn shift_right(bytes: &mut [u8], by: usize) {
    for index in (by..bytes.len()).rev() {
        if let Some(&byte) = bytes.get(index - by)
            && let Some(to) = bytes.get_mut(index)
        {
            *to = byte;
        }
    }
}
