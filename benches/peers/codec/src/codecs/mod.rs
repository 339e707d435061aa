//! The codecs that are compared, each behind the same two traits.

#[cfg(feature = "others")]
pub(crate) mod buffa;
pub(crate) mod eyelet;
#[cfg(feature = "others")]
pub(crate) mod femtopb;
#[cfg(feature = "others")]
pub(crate) mod micropb;
pub(crate) mod prost;
#[cfg(feature = "others")]
pub(crate) mod quick_protobuf;

use eyelet_codec::{DetectionResult, DetectionTask};

use crate::observer::Observer;

/// Decodes a message and shows every field of it.
pub(crate) trait Decode: Default {
    const WHO: &'static str;

    fn decode_task(&mut self, bytes: &'static [u8], to: &mut impl Observer);

    fn decode_chunk(&mut self, bytes: &'static [u8], to: &mut impl Observer);
}

/// Encodes messages that stand ready in the codec's own types.
pub(crate) trait Encode {
    const WHO: &'static str;
    type Task;
    type Chunk;

    fn task(task: &DetectionTask<'static>) -> Self::Task;

    fn chunk(chunk: &DetectionResult<'static>) -> Self::Chunk;

    /// Returns the length.
    fn encode_task(task: &Self::Task, buf: &mut [u8]) -> usize;

    /// Returns the length.
    fn encode_chunk(chunk: &Self::Chunk, buf: &mut [u8]) -> usize;
}

/// Looks at every byte of a message, and keeps nothing.
pub(crate) trait Validate: Default {
    const WHO: &'static str;

    fn check_task(&mut self, bytes: &'static [u8]) -> bool;

    fn check_chunk(&mut self, bytes: &'static [u8]) -> bool;
}
