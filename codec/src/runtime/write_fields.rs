use super::{Element, Encoding, Field, Message, Repeated, Scalar, Step};

/// What a message writes its fields to: [`Writer`](super::Writer), which says what is wrong, or
/// [`FastWriter`](super::FastWriter), which does not.
pub trait WriteFields {
    /// A number.
    fn scalar<T: Scalar>(&mut self, field: &Field, encoding: Encoding, value: T) -> Step<()>;

    /// Text.
    fn text(&mut self, field: &Field, text: &str) -> Step<()>;

    /// Bytes.
    fn bytes(&mut self, field: &Field, bytes: &[u8]) -> Step<()>;

    /// A message within this one.
    fn message<'a, M: Message<'a>>(&mut self, field: &Field, message: &M) -> Step<()>;

    /// All texts of a repeated field.
    fn texts<'a>(&mut self, field: &Field, all: Repeated<'a, &'a str>) -> Step<()>;

    /// All byte strings of a repeated field.
    fn byte_strings<'a>(&mut self, field: &Field, all: Repeated<'a, &'a [u8]>) -> Step<()>;

    /// All messages of a repeated field.
    fn messages<'a, M: Message<'a>>(&mut self, field: &Field, all: Repeated<'a, M>) -> Step<()>;

    /// All messages of the field that notes are in, and one made by `cut` for each field, given by its
    /// number, that was cut and is not noted yet.
    fn notes<'a, M: Message<'a> + PartialEq>(
        &mut self,
        field: &Field,
        all: Repeated<'a, M>,
        cut: impl Fn(u32) -> M,
    ) -> Step<()>;

    /// All numbers of a repeated field, packed.
    fn scalars<'a, T: Scalar + Element<'a>>(
        &mut self,
        field: &Field,
        encoding: Encoding,
        all: Repeated<'a, T>,
    ) -> Step<()>;
}
