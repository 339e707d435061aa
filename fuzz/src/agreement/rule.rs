//! The names of what bytes can break, and of what they can do without breaking anything.

/// Why bytes are refused: first what prost refuses too, then what it lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    Truncated,
    Varint,
    FieldZero,
    FieldOverRange,
    NoSuchWireType,
    OtherWireType,
    Text,
    Group,
    Uint32,
    Int32,
    Enum,
    Bool,
    SecondMessage,
    SecondMember,
    MaxBytes,
    MaxItems,
    MaxTotalBytes,
    NonEmpty,
    MessageBytes,
    Elements,
    Depth,
}

impl Rule {
    pub const ALL: [Self; 21] = [
        Self::Truncated,
        Self::Varint,
        Self::FieldZero,
        Self::FieldOverRange,
        Self::NoSuchWireType,
        Self::OtherWireType,
        Self::Text,
        Self::Group,
        Self::Uint32,
        Self::Int32,
        Self::Enum,
        Self::Bool,
        Self::SecondMessage,
        Self::SecondMember,
        Self::MaxBytes,
        Self::MaxItems,
        Self::MaxTotalBytes,
        Self::NonEmpty,
        Self::MessageBytes,
        Self::Elements,
        Self::Depth,
    ];

    /// Whether prost has to refuse it as well.
    pub fn is_prosts_too(self) -> bool {
        self < Self::Group
    }
}

/// What encoders may write and few do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Oddity {
    PaddedVarint,
    UnknownField,
    UnknownFieldWithin,
    ScalarTwice,
    Packed,
    Single,
    OutOfOrder,
}

impl Oddity {
    pub const ALL: [Self; 7] = [
        Self::PaddedVarint,
        Self::UnknownField,
        Self::UnknownFieldWithin,
        Self::ScalarTwice,
        Self::Packed,
        Self::Single,
        Self::OutOfOrder,
    ];
}
