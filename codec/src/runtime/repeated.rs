#![allow(
    clippy::inline_always,
    reason = "elements are read in loops whose state has to stay in registers"
)]

use core::fmt::{self, Debug, Formatter};

use super::{Element, Encoding, Wire};

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
#[derive(Clone, Debug)]
pub struct Iter<'a, T> {
    form: Form,
    slice: &'a [T],
    text: &'a str,
    bytes: &'a [u8],
    encoding: Encoding,
    wire: Wire<'a>,
}

/// Which of the fields of an [`Iter`] hold what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

    /// The elements, where they are those of a slice: read by reference they are not copied.
    #[inline]
    pub const fn as_slice(&self) -> Option<&'a [T]> {
        match self.0 {
            Source::Slice(slice) => Some(slice),
            _ => None,
        }
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
            wire: Wire::new(&[], 0, Encoding::Varint),
        };
        match self.0 {
            Source::Slice(slice) => Iter { slice, ..none },
            Source::Text(text) => Iter { form: Form::Text, text, ..none },
            Source::Bytes(bytes) => Iter { form: Form::Bytes, bytes, ..none },
            Source::Run(text) => Iter { form: Form::Run, text, ..none },
            Source::Packed(bytes, encoding) => Iter { form: Form::Packed, bytes, encoding, ..none },
            Source::Wire(rest, field, encoding) => {
                Iter { form: Form::Wire, wire: Wire::new(rest, field, encoding), ..none }
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
