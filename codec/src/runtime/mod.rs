//! What generated messages stand on. Stable, so that code generated from any schema keeps compiling.
//!
//! Everything here works on borrowed bytes, allocates nothing and cannot panic.

mod cut;
mod element;
mod error;
mod fast_reader;
mod fast_writer;
mod field;
mod limits;
mod message;
mod places;
mod reader;
mod repeated;
mod scalar;
pub mod utf8;
pub(crate) mod varint;
mod wire;
mod write_fields;
mod writer;

pub use element::Element;
pub use error::{ErrorClass, ErrorKind, MessageError};
pub use fast_reader::{FastReader, Run};
pub use fast_writer::FastWriter;
pub use field::{Descriptor, Field, OnExcess};
pub use limits::Limits;
pub use message::{
    Message, decode_by, decode_careful, decode_fast, encode_careful, encode_fast, encode_field,
};
pub use places::Slots;
pub use reader::{Reader, Tally};
pub use repeated::{Iter, Repeated};
pub use scalar::{Encoding, Scalar};
pub use wire::{Wire, first_packed};
pub use write_fields::WriteFields;
pub use writer::Writer;

/// A step of decoding or encoding. What went wrong stands in the reader or writer: a result of this
/// size travels in registers, one with a whole [`MessageError`] would go through memory at every call.
pub type Step<T> = Result<T, Stop>;

/// Decoding or encoding cannot go on; see [`Step`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop;
