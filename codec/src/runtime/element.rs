use super::message::decode_checked;
use super::{Encoding, Message, Wire, utf8};

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
        decode_checked(wire.delimited()?)
    }

    fn skip_wire_bytes(wire: &mut Wire<'a>) -> Option<()> {
        wire.delimited().map(drop)
    }
}
