use super::reader::Budget;
use super::{Descriptor, Limits, MessageError, Reader, Step, Writer};

/// A borrowed message: what the schema declares, over bytes that somebody else owns.
///
/// One type serves both ways. Decoding is one walk that checks everything; encoding checks the same
/// limits, so that nothing leaves that the peer would refuse.
pub trait Message<'a>: Copy + Default {
    /// Name, fields and limits.
    const DESCRIPTOR: &'static Descriptor;

    /// Bytes of the longest encoding that the schema's limits allow, unknown fields not counted.
    const MAX_ENCODED_LEN: usize;

    /// Takes fields up to the reader's end.
    #[doc(hidden)]
    fn read(&mut self, reader: &mut Reader<'a, '_>) -> Step<()>;

    /// Writes the fields that are set.
    #[doc(hidden)]
    fn write(&self, writer: &mut Writer<'_>) -> Step<()>;

    /// Decodes and checks a whole message by the schema's limits.
    ///
    /// # Errors
    /// What was wrong with `bytes`, and where.
    fn decode(bytes: &'a [u8]) -> Result<Self, MessageError> {
        Self::decode_with(bytes, &Limits::SCHEMA)
    }

    /// As [`decode`](Self::decode), with other bounds for the message as a whole.
    fn decode_with(bytes: &'a [u8], limits: &Limits) -> Result<Self, MessageError> {
        let mut message = Self::default();
        decode_by(Self::DESCRIPTOR, bytes, limits, |reader| message.read(reader))?;
        Ok(message)
    }

    /// Encodes into the start of `buf` and returns the number of bytes written.
    ///
    /// # Errors
    /// A limit of the schema, or that `buf` is too small; then `buf` holds no message.
    fn encode(&self, buf: &mut [u8]) -> Result<usize, MessageError> {
        let mut writer = Writer::new(Self::DESCRIPTOR, buf);
        let step = self.write(&mut writer);
        writer.finish(step)
    }
}

/// Runs `read` over a whole message. For generated code; callers have [`Message::decode`].
///
/// # Errors
/// What stopped `read`, or a message over `limits`.
pub fn decode_by<'a>(
    message: &'static Descriptor,
    bytes: &'a [u8],
    limits: &Limits,
    read: impl FnOnce(&mut Reader<'a, '_>) -> Step<()>,
) -> Result<(), MessageError> {
    let mut budget = Budget::new(message, limits);
    let step =
        Reader::outermost(message, bytes, limits, &mut budget).and_then(|mut r| read(&mut r));
    step.map_err(|_| budget.error)
}
