use super::varint;
use super::{Element, Wire, first_packed};

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
