use core::ops::ControlFlow;

use super::places::{Places, Shown};
use super::varint::{self, Varint};
use super::{
    Descriptor, Element, Encoding, ErrorKind, FastReader, Field, Limits, Message, MessageError,
    Repeated, Scalar, Slots, Step, Stop, utf8,
};

/// A cursor over one message. Each error it makes names the message and the field it stands on.
// Who leaves out the fast lane counts bytes of text: then what each field needs is a call.
#[derive(Debug)]
pub struct Reader<'a, 'l> {
    bytes: &'a [u8],
    /// `0 <= start <= at <= bytes.len()`; `start` is where the field under the cursor begins.
    start: usize,
    at: usize,
    number: u32,
    wire: u8,
    message: &'static Descriptor,
    depth: u32,
    limits: &'l Limits,
    lane: Lane,
    budget: &'l mut Budget,
}

/// Whether messages of repeated fields are tried with the [`FastReader`] first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    Fast,
    Careful,
}

/// What is left of a message's [`Limits`], and the error that ended it.
#[derive(Debug)]
pub(super) struct Budget {
    elements: u32,
    pub(super) error: MessageError,
}

/// What one repeated field has taken so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    first: Option<usize>,
    items: u32,
    total: u32,
    /// The next message is one that the fast reader has given up.
    surprising: bool,
}

const VARINT: u8 = 0;
const FIXED64: u8 = 1;
const LEN: u8 = 2;
const FIXED32: u8 = 5;

impl Budget {
    pub(super) fn new(message: &'static Descriptor, limits: &Limits) -> Self {
        let kind = ErrorKind::Truncated;
        let error = MessageError { message, field: 0, kind, limit: 0, seen: 0 };
        Self { elements: limits.elements, error }
    }
}

impl<'a, 'l> Reader<'a, 'l> {
    pub(super) fn outermost(
        message: &'static Descriptor,
        bytes: &'a [u8],
        limits: &'l Limits,
        lane: Lane,
        budget: &'l mut Budget,
    ) -> Step<Self> {
        let (start, at, number, wire, depth) = (0, 0, 0, 0, 1);
        let mut reader =
            Self { bytes, start, at, number, wire, message, depth, limits, lane, budget };
        if bytes.len() as u64 > u64::from(limits.bytes) {
            return reader.fail(
                ErrorKind::MessageBytes,
                u64::from(limits.bytes),
                bytes.len() as u64,
            );
        }
        Ok(reader)
    }

    /// The next field's number; `None` at the end.
    ///
    /// # Errors
    /// A key that no field can have.
    #[cfg_attr(feature = "fast", inline)]
    #[cfg_attr(not(feature = "fast"), inline(never))]
    pub fn field(&mut self) -> Step<Option<u32>> {
        if self.at >= self.bytes.len() {
            return Ok(None);
        }
        (self.start, self.number) = (self.at, 0);
        let key = self.varint()?;
        let Some(number) = u32::try_from(key >> 3).ok().filter(|n| (1..1 << 29).contains(n)) else {
            return self.fail(ErrorKind::FieldNumber, (1 << 29) - 1, key >> 3);
        };
        (self.number, self.wire) = (number, (key & 7) as u8);
        match self.wire {
            VARINT | FIXED64 | LEN | FIXED32 => Ok(Some(number)),
            3 | 4 => self.fail(ErrorKind::Group, 0, key & 7),
            _ => self.fail(ErrorKind::WireType, 0, key & 7),
        }
    }

    /// Steps over a field that the schema does not have.
    #[cold]
    pub fn skip(&mut self) -> Step<()> {
        self.element()?;
        match self.wire {
            VARINT => self.varint().map(drop),
            FIXED64 => self.take(8).map(drop),
            LEN => self.delimited(u32::MAX).map(drop),
            _ => self.take(4).map(drop),
        }
    }

    /// A number of the schema's type `T`.
    #[cfg_attr(feature = "fast", inline)]
    #[cfg_attr(not(feature = "fast"), inline(never))]
    pub fn scalar<T: Scalar>(&mut self, encoding: Encoding) -> Step<T> {
        self.expect(encoding.wire())?;
        self.raw(encoding)
    }

    /// Text of a field without presence; whether it may be empty is for [`require`](Self::require).
    #[cfg_attr(feature = "fast", inline)]
    #[cfg_attr(not(feature = "fast"), inline(never))]
    pub fn text(&mut self, field: &Field) -> Step<&'a str> {
        let bytes = self.bytes(field)?;
        match utf8::check(bytes) {
            Some(text) => Ok(text),
            None => self.fail(ErrorKind::Utf8, 0, 0),
        }
    }

    /// Bytes of a field.
    #[inline]
    pub fn bytes(&mut self, field: &Field) -> Step<&'a [u8]> {
        self.expect(LEN)?;
        self.delimited(field.max_bytes.min(self.limits.value_bytes))
    }

    /// A message that is carried as bytes, of which a second occurrence is refused.
    #[inline]
    pub fn opaque(&mut self, before: bool) -> Step<&'a [u8]> {
        self.once(before)?;
        self.expect(LEN)?;
        self.delimited(u32::MAX)
    }

    /// A `non_empty` value, at the moment it is known to be the last.
    #[inline]
    pub fn require(&mut self, field: &Field, is_empty: bool) -> Step<()> {
        if !is_empty {
            return Ok(());
        }
        self.number = field.number;
        self.fail(ErrorKind::Empty, 1, 0)
    }

    /// A message field, of which a second occurrence is refused.
    #[cfg_attr(feature = "fast", inline)]
    #[cfg_attr(not(feature = "fast"), inline(never))]
    pub fn message<M: Message<'a>>(&mut self, before: &Option<M>) -> Step<M> {
        self.once(before.is_some())?;
        self.nested()
    }

    /// Refuses what has come before, a message field or a member of a `oneof`.
    #[inline]
    pub fn once(&mut self, before: bool) -> Step<()> {
        if before { self.fail(ErrorKind::Twice, 1, 2) } else { Ok(()) }
    }

    /// A message within this one.
    #[cfg_attr(feature = "fast", inline)]
    #[cfg_attr(not(feature = "fast"), inline(never))]
    pub fn nested<M: Message<'a>>(&mut self) -> Step<M> {
        self.expect(LEN)?;
        let bytes = self.delimited(u32::MAX)?;
        if self.depth >= self.limits.depth {
            let (limit, seen) = (self.limits.depth.into(), u64::from(self.depth).saturating_add(1));
            return self.fail(ErrorKind::Depth, limit, seen);
        }
        let mut message = M::default();
        message.read(&mut self.within(bytes, M::DESCRIPTOR, self.depth.saturating_add(1)))?;
        Ok(message)
    }

    /// One more text of a repeated field; all so far.
    #[inline]
    pub fn texts(&mut self, field: &Field, tally: &mut Tally) -> Step<Repeated<'a, &'a str>> {
        let text = self.text(field)?;
        self.item(field, tally, text.len())?;
        Ok(self.so_far(tally, Encoding::Varint))
    }

    /// One more byte string of a repeated field; all so far.
    #[inline]
    pub fn byte_strings(
        &mut self,
        field: &Field,
        tally: &mut Tally,
    ) -> Step<Repeated<'a, &'a [u8]>> {
        let bytes = self.bytes(field)?;
        self.item(field, tally, bytes.len())?;
        Ok(self.so_far(tally, Encoding::Varint))
    }

    /// One more message of a repeated field.
    #[inline]
    pub fn item_message<M: Message<'a>>(&mut self, field: &Field, tally: &mut Tally) -> Step<M> {
        self.item(field, tally, 0)?;
        self.nested()
    }

    /// This message of a repeated field and those right behind it, each seen once it is checked.
    #[inline]
    pub fn each<M: Message<'a>>(
        &mut self,
        field: &Field,
        tally: &mut Tally,
        see: impl FnMut(&M) -> ControlFlow<()>,
    ) -> Step<()> {
        self.each_placed(field, tally, &mut Shown { message: M::default(), see })
    }

    /// As [`each`](Self::each), each kept in a slot.
    #[inline]
    pub fn each_kept<M: Message<'a>>(
        &mut self,
        field: &Field,
        tally: &mut Tally,
        mut slots: Slots<'_, M>,
    ) -> Step<()> {
        self.each_placed(field, tally, &mut slots)
    }

    #[inline]
    fn each_placed<M: Message<'a>>(
        &mut self,
        field: &Field,
        tally: &mut Tally,
        places: &mut impl Places<M>,
    ) -> Step<()> {
        let before = tally.items;
        if cfg!(feature = "fast")
            && self.lane == Lane::Fast
            && !core::mem::take(&mut tally.surprising)
        {
            if self.each_fast(field, tally, places).is_break() {
                return self.stop();
            }
            if tally.items > before {
                return Ok(());
            }
        }
        let message = self.item_message(field, tally)?;
        let Some(place) = places.next() else { return self.stop() };
        *place = message;
        match places.filled() {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => self.stop(),
        }
    }

    /// Up to the first message that is for the careful reader, at whose key it leaves the cursor.
    #[inline]
    fn each_fast<M: Message<'a>>(
        &mut self,
        field: &Field,
        tally: &mut Tally,
        places: &mut impl Places<M>,
    ) -> ControlFlow<()> {
        if self.depth.saturating_add(M::LIMITS.depth) > self.limits.depth {
            return ControlFlow::Continue(());
        }
        let first = self.start;
        let max_items = field.max_items.min(self.limits.items);
        let mut fast = FastReader::new(self.bytes, first, self.budget.elements, self.limits);
        while tally.items < max_items
            && let Some(place) = places.next()
        {
            match fast.fill_next(field, place) {
                Ok(true) => tally.items = tally.items.wrapping_add(1),
                Ok(false) => break,
                Err(Stop) => {
                    tally.surprising = true;
                    break;
                }
            }
            tally.first.get_or_insert(first);
            (self.at, self.budget.elements) = (fast.at(), fast.elements());
            places.filled()?;
        }
        ControlFlow::Continue(())
    }

    /// More numbers of a repeated field, packed or single; all so far.
    #[inline]
    pub fn scalars<T: Scalar + Element<'a>>(
        &mut self,
        field: &Field,
        tally: &mut Tally,
        encoding: Encoding,
    ) -> Step<Repeated<'a, T>> {
        if self.wire == LEN {
            let packed = self.delimited(u32::MAX)?;
            let mut numbers = self.within(packed, self.message, self.depth);
            while numbers.at < packed.len() {
                numbers.raw::<T>(encoding)?;
                numbers.item(field, tally, 0)?;
            }
        } else {
            self.scalar::<T>(encoding)?;
            self.item(field, tally, 0)?;
        }
        Ok(self.so_far(tally, encoding))
    }

    /// The elements that `tally` has seen, as checked wire bytes.
    #[cfg_attr(feature = "fast", inline)]
    #[cfg_attr(not(feature = "fast"), inline(never))]
    pub fn so_far<T: Element<'a>>(&self, tally: &Tally, encoding: Encoding) -> Repeated<'a, T> {
        let first = tally.first.unwrap_or(self.at);
        let bytes = self.bytes.get(first..self.at).unwrap_or(&[]);
        Repeated::wire(bytes, self.number, encoding)
    }

    /// Ends decoding because the caller wants no more.
    #[cold]
    pub fn stop<T>(&mut self) -> Step<T> {
        self.fail(ErrorKind::Stopped, 0, 0)
    }

    /// A reader over a part of this message, on the same field and budget.
    fn within<'s>(
        &'s mut self,
        bytes: &'a [u8],
        message: &'static Descriptor,
        depth: u32,
    ) -> Reader<'a, 's> {
        Reader {
            bytes,
            start: self.start,
            at: 0,
            number: self.number,
            wire: self.wire,
            message,
            depth,
            limits: self.limits,
            lane: self.lane,
            budget: self.budget,
        }
    }

    fn item(&mut self, field: &Field, tally: &mut Tally, len: usize) -> Step<()> {
        tally.first.get_or_insert(self.start);
        tally.items = tally.items.saturating_add(1);
        tally.total = tally.total.saturating_add(u32::try_from(len).unwrap_or(u32::MAX));
        let max_items = field.max_items.min(self.limits.items);
        if tally.items > max_items {
            return self.fail(ErrorKind::MaxItems, max_items.into(), tally.items.into());
        }
        if tally.total > field.max_total_bytes {
            let limit = field.max_total_bytes.into();
            return self.fail(ErrorKind::MaxTotalBytes, limit, tally.total.into());
        }
        if field.non_empty && len == 0 {
            return self.fail(ErrorKind::Empty, 1, 0);
        }
        self.element()
    }

    fn element(&mut self) -> Step<()> {
        if let Some(left) = self.budget.elements.checked_sub(1) {
            self.budget.elements = left;
            return Ok(());
        }
        let limit = u64::from(self.limits.elements);
        self.fail(ErrorKind::Elements, limit, limit.saturating_add(1))
    }

    fn raw<T: Scalar>(&mut self, encoding: Encoding) -> Step<T> {
        let raw = match encoding {
            Encoding::Varint | Encoding::ZigZag => self.varint()?,
            Encoding::Fixed32 | Encoding::SignedFixed32 => {
                self.array().map(u32::from_le_bytes)?.into()
            }
            Encoding::Fixed64 => self.array().map(u64::from_le_bytes)?,
        };
        match T::from_wire(encoding.plain(raw)) {
            Some(value) => Ok(value),
            None => self.fail(ErrorKind::Range, T::MAX_WIRE, raw),
        }
    }

    /// Bytes that are not all there are malformed, however long they were to be; those that are may be
    /// over the limit.
    fn delimited(&mut self, max: u32) -> Step<&'a [u8]> {
        let len = self.varint()?;
        let bytes = self.take(len)?;
        if len > u64::from(max) {
            return self.fail(ErrorKind::MaxBytes, max.into(), len);
        }
        Ok(bytes)
    }

    fn take(&mut self, len: u64) -> Step<&'a [u8]> {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        match usize::try_from(len).ok().and_then(|len| rest.get(..len)) {
            Some(taken) => {
                self.at = self.at.wrapping_add(taken.len());
                Ok(taken)
            }
            None => self.fail(ErrorKind::Truncated, rest.len() as u64, len),
        }
    }

    fn array<const N: usize>(&mut self) -> Step<[u8; N]> {
        match self.take(N as u64)?.first_chunk() {
            Some(bytes) => Ok(*bytes),
            None => Err(Stop),
        }
    }

    #[cfg_attr(feature = "fast", inline)]
    #[cfg_attr(not(feature = "fast"), inline(never))]
    fn varint(&mut self) -> Step<u64> {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        match varint::read(rest) {
            Varint::Value(value, len) => {
                self.at = self.at.wrapping_add(len);
                Ok(value)
            }
            Varint::Truncated => {
                let len = rest.len() as u64;
                self.fail(ErrorKind::Truncated, len, len.saturating_add(1))
            }
            Varint::TooLong => self.fail(ErrorKind::Varint, varint::MAX_LEN as u64, 0),
        }
    }

    #[inline]
    fn expect(&mut self, wire: u8) -> Step<()> {
        if self.wire == wire {
            return Ok(());
        }
        self.fail(ErrorKind::WireType, wire.into(), self.wire.into())
    }

    #[cold]
    #[inline(never)]
    fn fail<T>(&mut self, kind: ErrorKind, limit: u64, seen: u64) -> Step<T> {
        self.budget.error =
            MessageError { message: self.message, field: self.number, kind, limit, seen };
        Err(Stop)
    }
}
