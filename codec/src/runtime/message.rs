use core::fmt::Debug;

use super::reader::{Budget, Lane};
use super::{
    Descriptor, FastReader, FastWriter, Field, Limits, MessageError, Reader, Step, WriteFields,
    Writer,
};

/// A borrowed message: what the schema declares, over bytes that somebody else owns.
///
/// One type serves both ways. Decoding is one walk that checks everything; encoding checks the same
/// limits, so that nothing leaves that the peer would refuse.
pub trait Message<'a>: Copy + Default + PartialEq + Debug {
    /// This message over bytes that live otherwise long.
    type At<'b>: Message<'b>;

    /// Name, fields and limits.
    const DESCRIPTOR: &'static Descriptor;

    /// Bytes of the longest encoding that [`encode`](Self::encode) writes. A peer's may be longer, up to
    /// [`LIMITS`](Self::LIMITS)`.bytes`: it may have fields that are not known here, numbers that are padded
    /// or not packed.
    const MAX_ENCODED_LEN: usize;

    /// What decoding such a message may cost: [`MAX_ENCODED_LEN`](Self::MAX_ENCODED_LEN) twice and 4 KiB,
    /// for a newer peer's fields and wasteful encodings, up to 1 MiB; as many elements as the schema's
    /// limits allow and 1,024 unknown fields, up to 65,536; the schema's depth.
    const LIMITS: Limits;

    /// Takes fields up to the reader's end.
    #[doc(hidden)]
    fn read(&mut self, reader: &mut Reader<'a, '_>) -> Step<()>;

    /// Sets all fields, from what encoders write.
    #[doc(hidden)]
    fn read_fast(&mut self, fast: &mut FastReader<'a, '_>) -> Step<()>;

    /// Writes the fields that are set.
    #[doc(hidden)]
    fn write<W: WriteFields>(&self, writer: &mut W) -> Step<()>;

    /// Decodes and checks a whole message by the schema's limits.
    ///
    /// # Errors
    /// What was wrong with `bytes`, and where.
    fn decode(bytes: &'a [u8]) -> Result<Self, MessageError> {
        Self::decode_with(bytes, &Limits::SCHEMA)
    }

    /// As [`decode`](Self::decode), by the lower of the schema's limits and these.
    ///
    /// # Errors
    /// As of [`decode`](Self::decode).
    fn decode_with(bytes: &'a [u8], limits: &Limits) -> Result<Self, MessageError> {
        if cfg!(feature = "fast")
            && let Some(message) = decode_fast(bytes, limits)
        {
            return Ok(message);
        }
        decode_careful(bytes, limits)
    }

    /// Encodes into the start of `buf` and returns the number of bytes written.
    ///
    /// # Errors
    /// A limit of the schema, or that `buf` is too small; then `buf` holds no message.
    fn encode(&self, buf: &mut [u8]) -> Result<usize, MessageError> {
        if cfg!(feature = "fast")
            && let Some(len) = encode_fast(self, buf)
        {
            return Ok(len);
        }
        encode_careful(self, buf)
    }
}

/// Decodes by the fast lane alone; `None` where it gives up. With [`decode_careful`] for those who want to
/// see that the two agree.
#[inline]
pub fn decode_fast<'a, M: Message<'a>>(bytes: &'a [u8], limits: &Limits) -> Option<M> {
    FastReader::whole(bytes, &M::LIMITS.lowered(limits)).ok()
}

/// Decodes without the fast lane.
///
/// # Errors
/// What was wrong with `bytes`, and where.
#[inline(never)]
pub fn decode_careful<'a, M: Message<'a>>(
    bytes: &'a [u8],
    limits: &Limits,
) -> Result<M, MessageError> {
    let (mut message, limits) = (M::default(), M::LIMITS.lowered(limits));
    walk::<M>(bytes, &limits, Lane::Careful, |reader| message.read(reader))?;
    Ok(message)
}

/// Decodes what was checked as a part of a larger message, whose budget it was held to: that of its own
/// may be smaller.
pub(super) fn decode_checked<'a, M: Message<'a>>(bytes: &'a [u8]) -> Option<M> {
    if cfg!(feature = "fast")
        && let Ok(message) = FastReader::whole(bytes, &Limits::SCHEMA)
    {
        return Some(message);
    }
    let mut message = M::default();
    walk::<M>(bytes, &Limits::SCHEMA, Lane::Careful, |reader| message.read(reader)).ok()?;
    Some(message)
}

/// Encodes by the fast lane alone; `None` where it gives up, and then `buf` holds no message.
#[inline]
pub fn encode_fast<'a, M: Message<'a>>(message: &M, buf: &mut [u8]) -> Option<usize> {
    FastWriter::whole(message, buf).ok()
}

/// Encodes without the fast lane.
///
/// # Errors
/// As of [`Message::encode`].
#[inline(never)]
pub fn encode_careful<'a, M: Message<'a>>(
    message: &M,
    buf: &mut [u8],
) -> Result<usize, MessageError> {
    let mut writer = Writer::new::<M>(buf);
    let step = message.write(&mut writer);
    writer.finish(step)
}

/// Encodes one field of an `M`, which holds a message, into the start of `buf` and returns the number of
/// bytes written: such fields, one behind the other, are an `M`.
///
/// # Errors
/// As of [`Message::encode`].
#[inline]
pub fn encode_field<'a, M: Message<'a>, F: Message<'a>>(
    field: &Field,
    value: &F,
    buf: &mut [u8],
) -> Result<usize, MessageError> {
    if cfg!(feature = "fast")
        && let Ok(len) = FastWriter::field::<M, F>(field, value, buf)
    {
        return Ok(len);
    }
    let mut writer = Writer::new::<M>(buf);
    let step = writer.message(field, value);
    writer.finish(step)
}

/// Runs `read` over a whole `M`. For generated code; callers have [`Message::decode`].
///
/// # Errors
/// What stopped `read`, or a message over `limits`.
pub fn decode_by<'a, M: Message<'a>>(
    bytes: &'a [u8],
    limits: &Limits,
    read: impl FnOnce(&mut Reader<'a, '_>) -> Step<()>,
) -> Result<(), MessageError> {
    let lane = if cfg!(feature = "fast") { Lane::Fast } else { Lane::Careful };
    walk::<M>(bytes, &M::LIMITS.lowered(limits), lane, read)
}

#[inline]
fn walk<'a, M: Message<'a>>(
    bytes: &'a [u8],
    limits: &Limits,
    lane: Lane,
    read: impl FnOnce(&mut Reader<'a, '_>) -> Step<()>,
) -> Result<(), MessageError> {
    let mut budget = Budget::new(M::DESCRIPTOR, limits);
    let step = Reader::outermost(M::DESCRIPTOR, bytes, limits, lane, &mut budget)
        .and_then(|mut reader| read(&mut reader));
    step.map_err(|_| budget.error)
}
