//! The fast lane of decoding.
#![allow(
    clippy::inline_always,
    reason = "all of a message has to end up in one function's registers"
)]
#![allow(clippy::cast_possible_truncation, reason = "what is cut off is zero or unused")]

use super::field::two_bytes;
use super::varint;
use super::{Element, Encoding, Field, Limits, Message, Repeated, Scalar, Step, Stop, utf8};

/// Decodes what encoders write, and gives up at the first surprise.
///
/// It knows fields in the order of their numbers, each once, texts of at most 127 bytes, and no unknown
/// ones. It has no errors: whoever asked it has the careful [`Reader`](super::Reader) decode the same bytes
/// from their start, which takes any legal encoding and can say what is wrong. So a mistake in here can
/// only be to accept what is wrong, or to see other values in it; a differential test looks for both.
///
/// Ends of nested messages are not looked at while reading them. Each read is within `bytes`, as the
/// language sees to, `at` only grows, and a message counts only if it stops exactly at its end.
#[derive(Debug)]
pub struct FastReader<'a, 'l> {
    /// All of the outermost message, so that eight bytes can nearly always be loaded at once.
    bytes: &'a [u8],
    at: usize,
    /// What is left of [`Limits::elements`].
    elements: u32,
    /// The longest text whose length is one byte and ASCII, so that a run of them stays text: 127, or
    /// [`Limits::value_bytes`].
    short: u8,
    limits: &'l Limits,
}

/// Neighbouring texts with their keys and lengths: `key length text key length text ..`. Keys of fields
/// below 16 and lengths below 128 are ASCII, so the run is text exactly if each of its texts is: one
/// check for all, where calls and mispredicted branches cost more than the bytes.
#[derive(Debug)]
pub struct Run<'a> {
    /// What has not been given out.
    rest: &'a str,
}

const LEN: u8 = 2;
const LONGEST_SHORT: u32 = 127;

impl<'a, 'l> FastReader<'a, 'l> {
    /// A whole message.
    ///
    /// # Errors
    /// That it is for the careful reader, for whatever reason.
    #[inline(always)]
    pub(super) fn whole<M: Message<'a>>(bytes: &'a [u8], limits: &'l Limits) -> Step<M> {
        if bytes.len() > limits.bytes as usize || M::LIMITS.depth > limits.depth {
            return Err(Stop);
        }
        let mut message = M::default();
        let mut fast = Self::new(bytes, 0, limits.elements, limits);
        message.read_fast(&mut fast)?;
        if fast.at == bytes.len() { Ok(message) } else { Err(Stop) }
    }

    #[inline(always)]
    pub(super) fn new(bytes: &'a [u8], at: usize, elements: u32, limits: &'l Limits) -> Self {
        let short = limits.value_bytes.min(LONGEST_SHORT) as u8;
        Self { bytes, at, elements, short, limits }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn elements(&self) -> u32 {
        self.elements
    }

    /// A number, if the field is the next.
    #[inline(always)]
    pub fn scalar<T: Scalar>(&mut self, field: &Field, encoding: Encoding) -> Step<Option<T>> {
        if !self.key(field, encoding.wire()) {
            return Ok(None);
        }
        let raw = match encoding {
            Encoding::Varint if T::MAX_WIRE < 0x80 => u64::from(self.byte()?),
            Encoding::Varint | Encoding::ZigZag => self.varint()?,
            Encoding::Fixed32 | Encoding::SignedFixed32 => u32::from_le_bytes(self.array()?).into(),
            Encoding::Fixed64 => u64::from_le_bytes(self.array()?),
        };
        T::from_wire(encoding.plain(raw)).map(Some).ok_or(Stop)
    }

    /// Where a run of texts begins.
    #[inline(always)]
    pub fn run(&self) -> usize {
        self.at
    }

    /// The length of a text of a run, if the field, which is below 16, is the next.
    #[inline(always)]
    pub fn span(&mut self, field: &Field) -> Step<Option<usize>> {
        match self.bytes.get(self.at) {
            Some(key) if u32::from(*key) == field.key(LEN) => {}
            _ => return Ok(None),
        }
        let len = *self.bytes.get(self.at.wrapping_add(1)).ok_or(Stop)?;
        if u32::from(len) > field.max_bytes.min(self.short.into()) || field.non_empty && len == 0 {
            return Err(Stop);
        }
        self.at = self.at.wrapping_add(2).wrapping_add(usize::from(len));
        Ok(Some(usize::from(len)))
    }

    /// The length of all texts of a repeated field in a run, keys and lengths included.
    #[inline(always)]
    pub fn spans(&mut self, field: &Field) -> Step<usize> {
        let (start, mut items) = (self.at, 0_u32);
        while self.span(field)?.is_some() {
            items = items.wrapping_add(1);
        }
        let len = self.at.wrapping_sub(start);
        let total = len.wrapping_sub(items.wrapping_mul(2) as usize);
        if total as u64 > u64::from(field.max_total_bytes) {
            return Err(Stop);
        }
        self.items(field, items)?;
        Ok(len)
    }

    /// The texts since `run`, if they are texts.
    #[inline(always)]
    pub fn texts(&self, run: usize) -> Step<Run<'a>> {
        let bytes = self.bytes.get(run..self.at).ok_or(Stop)?;
        let rest = if bytes.is_empty() { "" } else { utf8::check(bytes).ok_or(Stop)? };
        Ok(Run { rest })
    }

    /// A text outside of a run, if the field is the next.
    #[inline(always)]
    pub fn text(&mut self, field: &Field) -> Step<Option<&'a str>> {
        match self.bytes(field)? {
            Some(bytes) => utf8::check(bytes).map(Some).ok_or(Stop),
            None => Ok(None),
        }
    }

    /// Bytes, if the field is the next.
    #[inline(always)]
    pub fn bytes(&mut self, field: &Field) -> Step<Option<&'a [u8]>> {
        let Some(bytes) = self.opaque(field)? else { return Ok(None) };
        let max = field.max_bytes.min(self.limits.value_bytes);
        if bytes.len() as u64 > u64::from(max) || field.non_empty && bytes.is_empty() {
            return Err(Stop);
        }
        Ok(Some(bytes))
    }

    /// A message that is carried as bytes, if the field is the next.
    #[inline(always)]
    pub fn opaque(&mut self, field: &Field) -> Step<Option<&'a [u8]>> {
        if !self.key(field, LEN) {
            return Ok(None);
        }
        let end = self.delimited()?;
        let bytes = self.bytes.get(self.at..end).ok_or(Stop)?;
        self.at = end;
        Ok(Some(bytes))
    }

    /// A message within this one, if the field is the next.
    #[inline(always)]
    pub fn message<M: Message<'a>>(&mut self, field: &Field) -> Step<Option<M>> {
        let mut message = M::default();
        Ok(self.fill(field, &mut message)?.then_some(message))
    }

    /// Fills a default message, if the field is the next.
    #[inline(always)]
    fn fill<M: Message<'a>>(&mut self, field: &Field, message: &mut M) -> Step<bool> {
        if !self.key(field, LEN) {
            return Ok(false);
        }
        let end = self.delimited()?;
        let mut elements = self.elements;
        self.at = body(message, self.bytes, self.at, &mut elements, self.limits)?;
        self.elements = elements;
        if self.at == end { Ok(true) } else { Err(Stop) }
    }

    /// As [`fill`](Self::fill), for one of a repeated field.
    #[inline(always)]
    pub(super) fn fill_next<M: Message<'a>>(
        &mut self,
        field: &Field,
        message: &mut M,
    ) -> Step<bool> {
        let filled = self.fill(field, message)?;
        self.charge(u32::from(filled))?;
        Ok(filled)
    }

    /// All messages of a repeated field, if it is the next; only looked at.
    #[inline(always)]
    pub fn messages<M: Message<'a>>(&mut self, field: &Field) -> Step<Repeated<'a, M>> {
        let (start, mut items) = (self.at, 0_u32);
        while self.fill(field, &mut M::default())? {
            items = items.wrapping_add(1);
        }
        if items == 0 {
            return Ok(Repeated::EMPTY);
        }
        self.items(field, items)?;
        let bytes = self.bytes.get(start..self.at).ok_or(Stop)?;
        Ok(Repeated::wire(bytes, field.number, Encoding::Varint))
    }

    /// Packed numbers, if the field is the next.
    #[inline(always)]
    pub fn scalars<T: Scalar + Element<'a>>(
        &mut self,
        field: &Field,
        encoding: Encoding,
    ) -> Step<Repeated<'a, T>> {
        let Some(bytes) = self.opaque(field)? else { return Ok(Repeated::EMPTY) };
        let items = match encoding {
            Encoding::Varint | Encoding::ZigZag if T::MAX_WIRE >= LARGEST_COUNTED => {
                self.count_varints(bytes)?
            }
            Encoding::Varint | Encoding::ZigZag => return Err(Stop),
            Encoding::Fixed32 | Encoding::SignedFixed32 => whole_items(bytes.len(), 4)?,
            Encoding::Fixed64 => whole_items(bytes.len(), 8)?,
        };
        self.items(field, items)?;
        Ok(Repeated::packed(bytes, encoding))
    }

    /// Whether a field of 16 or above may be the next.
    #[inline(always)]
    pub fn has_long_key(&self) -> bool {
        self.bytes.get(self.at).is_some_and(|key| *key >= 0x80)
    }

    /// Gives up if a second member of a `oneof` has come, or if what must not be empty is.
    #[inline(always)]
    pub fn refuse(&self, broken: bool) -> Step<()> {
        if broken { Err(Stop) } else { Ok(()) }
    }

    #[inline(always)]
    fn items(&mut self, field: &Field, items: u32) -> Step<()> {
        if items > field.max_items.min(self.limits.items) {
            return Err(Stop);
        }
        self.charge(items)
    }

    #[inline(always)]
    fn charge(&mut self, elements: u32) -> Step<()> {
        self.elements = self.elements.checked_sub(elements).ok_or(Stop)?;
        Ok(())
    }

    /// Steps over the field's key, if that is what comes next. Numbers over 2047, whose keys are of three
    /// bytes and more, never are.
    #[inline(always)]
    fn key(&mut self, field: &Field, wire: u8) -> bool {
        let key = field.key(wire);
        let len = match key {
            0..0x80 if self.bytes.get(self.at) == Some(&(key as u8)) => 1,
            0x80..0x4000 if self.starts_with(two_bytes(key)) => 2,
            _ => return false,
        };
        self.at = self.at.wrapping_add(len);
        true
    }

    #[inline(always)]
    fn starts_with(&self, key: [u8; 2]) -> bool {
        self.bytes.get(self.at..).and_then(<[u8]>::first_chunk) == Some(&key)
    }

    /// The end of what a length announces. One of two bytes and one of one byte are told apart without a
    /// branch: records are about as often on one side of 128 bytes as on the other.
    #[inline(always)]
    fn delimited(&mut self) -> Step<usize> {
        let len = match self.bytes.get(self.at..) {
            Some([low, high, ..]) if low & high < 0x80 => {
                let two = usize::from(low >> 7);
                self.at = self.at.wrapping_add(1).wrapping_add(two);
                usize::from(low & 0x7f) | usize::from(*high) << 7 & two.wrapping_neg()
            }
            _ => usize::try_from(self.varint()?).map_err(|_| Stop)?,
        };
        match self.at.checked_add(len) {
            Some(end) if end <= self.bytes.len() => Ok(end),
            _ => Err(Stop),
        }
    }

    #[inline(always)]
    fn varint(&mut self) -> Step<u64> {
        let rest = self.bytes.get(self.at..).ok_or(Stop)?;
        let (value, len) = varint::read_short(rest).ok_or(Stop)?;
        self.at = self.at.wrapping_add(len);
        Ok(value)
    }

    #[inline(always)]
    fn byte(&mut self) -> Step<u8> {
        let byte = *self.bytes.get(self.at).ok_or(Stop)?;
        self.at = self.at.wrapping_add(1);
        Ok(byte)
    }

    #[inline(always)]
    fn array<const N: usize>(&mut self) -> Step<[u8; N]> {
        let bytes = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk).ok_or(Stop)?;
        self.at = self.at.wrapping_add(N);
        Ok(*bytes)
    }

    /// How many varints `bytes`, which end at the cursor, are, if each has at most four bytes. No step waits
    /// for the last one, as finding the end of each in turn would: one is too long exactly where four
    /// bytes in a row say that more follows, and there are as many as bytes that do not say so.
    #[inline(always)]
    fn count_varints(&self, bytes: &'a [u8]) -> Step<u32> {
        let (mut rest, mut continued, mut too_long) = (bytes, 0_u32, 0);
        while let Some(chunk) = rest.first_chunk() {
            let more = u64::from_le_bytes(*chunk) & CONTINUATIONS;
            too_long |= four_in_a_row(more);
            continued = continued.wrapping_add(ones(more & FIRST_FIVE));
            rest = rest.get(5..).unwrap_or(&[]);
        }
        // At most seven are left, and what stands behind them is another field's.
        let start = self.at.wrapping_sub(rest.len());
        let behind = self.bytes.get(start..).ok_or(Stop)?;
        let inside = (1_u64 << (rest.len().wrapping_mul(8) & 63)).wrapping_sub(1);
        let more = varint::eight(behind) & CONTINUATIONS & inside;
        too_long |= four_in_a_row(more);
        continued = continued.wrapping_add(ones(more));
        if too_long != 0 || bytes.last().is_some_and(|last| *last >= 0x80) {
            return Err(Stop);
        }
        Ok((bytes.len() as u32).wrapping_sub(continued))
    }
}

impl<'a> Run<'a> {
    /// The text of the next field of the run, as [`FastReader::span`] found it.
    #[inline(always)]
    pub fn text(&mut self, span: Option<usize>) -> Step<Option<&'a str>> {
        let Some(len) = span else { return Ok(None) };
        let (_, text) = self.rest.split_at_checked(2).ok_or(Stop)?;
        let (text, rest) = text.split_at_checked(len).ok_or(Stop)?;
        self.rest = rest;
        Ok(Some(text))
    }

    /// The texts of a repeated field of the run, as [`FastReader::spans`] found them.
    #[inline(always)]
    pub fn texts(&mut self, span: usize) -> Step<Repeated<'a, &'a str>> {
        let (texts, rest) = self.rest.split_at_checked(span).ok_or(Stop)?;
        self.rest = rest;
        Ok(Repeated::run(texts))
    }
}

const CONTINUATIONS: u64 = 0x8080_8080_8080_8080;
/// Of eight bytes those at which four in a row can begin.
const FIRST_FIVE: u64 = 0xff_ffff_ffff;

#[inline(always)]
fn four_in_a_row(continuations: u64) -> u64 {
    let two = continuations & continuations >> 8;
    two & two >> 16
}

/// How many continuation bits there are: sums of bytes, of which the highest is the sum of all.
#[inline(always)]
fn ones(continuations: u64) -> u32 {
    ((continuations >> 7).wrapping_mul(0x0101_0101_0101_0101) >> 56) as u32
}

/// The fields of a message: where it stopped. Not inlined, so that one message's fields are all that
/// competes for registers.
#[inline(never)]
fn body<'a, M: Message<'a>>(
    message: &mut M,
    bytes: &'a [u8],
    at: usize,
    elements: &mut u32,
    limits: &Limits,
) -> Step<usize> {
    let mut fast = FastReader::new(bytes, at, *elements, limits);
    message.read_fast(&mut fast)?;
    *elements = fast.elements;
    Ok(fast.at)
}

/// What four bytes of seven bits hold.
const LARGEST_COUNTED: u64 = (1 << 28) - 1;

#[inline(always)]
fn whole_items(len: usize, size: usize) -> Step<u32> {
    if len.is_multiple_of(size) { u32::try_from(len / size).map_err(|_| Stop) } else { Err(Stop) }
}
