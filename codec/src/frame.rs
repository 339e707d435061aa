//! Frames: what postcard's CRC-32 flavour makes of a byte slice.
//!
//! ```text
//! +----------------+------------------+---------------------------+
//! | len (LEB128)   | body             | crc32c, little-endian     |
//! | 1..5 bytes     | len bytes        | over len and body, 4 bytes|
//! +----------------+------------------+---------------------------+
//! ```
//! `len` is written in its shortest form. A byte stream that was wrong once is read no further: after
//! an error nobody knows where the next frame begins.

use core::error::Error;
use core::fmt::{self, Display, Formatter};

use crate::checksum::crc32c;
use crate::copy::{copy, shift_left, shift_right};
use crate::runtime::varint;

/// The largest body there is, whatever the peers agree on.
pub const MAX_BODY: u32 = 1024 * 1024;

/// Bytes kept before a body that is to be [`seal`]ed in place.
pub const HEAD: usize = 2;

/// What a frame adds to a body at most.
pub const MAX_OVERHEAD: usize = LEN_MAX + CRC;

const LEN_MAX: usize = 5;
pub(crate) const CRC: usize = 4;
const LARGEST: usize = MAX_BODY as usize;

/// What stands at the start of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoded<'a> {
    /// A whole frame.
    Frame {
        /// Its checked body.
        body: &'a [u8],
        /// Bytes that the frame took; the next one begins behind them.
        consumed: usize,
    },
    /// The beginning of a frame.
    Partial {
        /// More bytes that are needed at least.
        needed: usize,
    },
}

/// Why bytes are no frame, or a body cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameError {
    /// A length of more than 5 bytes, or not in its shortest form.
    Length,
    /// A length of 0.
    Empty,
    /// A body over the limit.
    TooLarge {
        /// Its length, as announced.
        len: u64,
        /// The receiver's limit.
        limit: u32,
    },
    /// The bytes are not those that were sent.
    Checksum,
    /// The caller's buffer is too small for the frame.
    Buffer,
}

/// Looks for one frame at the start of `input`.
///
/// `max_body` is enforced as soon as the length has arrived, before the peer can make us wait for, or
/// set aside room for, a body that we would refuse.
///
/// # Errors
/// What is wrong with the frame.
#[inline]
pub fn decode(input: &[u8], max_body: u32) -> Result<Decoded<'_>, FrameError> {
    decode_with(input, max_body, crc32c)
}

/// As [`decode`], with a function that does what [`crc32c()`] does: one of the module
/// [`checksum`](crate::checksum), or the caller's own, for a board that has a unit for it.
///
/// # Errors
/// As [`decode`].
#[inline]
pub fn decode_with(
    input: &[u8],
    max_body: u32,
    crc32c: impl FnOnce(u32, &[u8]) -> u32,
) -> Result<Decoded<'_>, FrameError> {
    let Some((len, head)) = length(input, max_body)? else {
        return Ok(Decoded::Partial { needed: 1 });
    };
    let total = len.saturating_add(head).saturating_add(CRC);
    let Some((frame, _)) = input.split_at_checked(total) else {
        return Ok(Decoded::Partial { needed: total.saturating_sub(input.len()) });
    };
    let Some((covered, crc)) = frame.split_last_chunk::<CRC>() else {
        return Err(FrameError::Length);
    };
    if crc32c(0, covered) != u32::from_le_bytes(*crc) {
        return Err(FrameError::Checksum);
    }
    Ok(Decoded::Frame { body: covered.get(head..).unwrap_or(&[]), consumed: total })
}

/// Writes a frame around `body` into the start of `buf` and returns its length.
///
/// # Errors
/// A body that is empty or over [`MAX_BODY`], or a buffer that is too small.
#[inline]
pub fn encode(body: &[u8], buf: &mut [u8]) -> Result<usize, FrameError> {
    encode_with(body, buf, crc32c)
}

/// As [`encode`], with a function as [`decode_with`] takes it, which is called for length and body in
/// turn.
///
/// # Errors
/// As [`encode`].
#[inline]
pub fn encode_with(
    body: &[u8],
    buf: &mut [u8],
    crc32c: impl Fn(u32, &[u8]) -> u32,
) -> Result<usize, FrameError> {
    let len = allowed(body.len())?;
    let (head, rest) =
        buf.split_at_mut_checked(varint::len(len as u64)).ok_or(FrameError::Buffer)?;
    let (room, rest) = rest.split_at_mut_checked(len).ok_or(FrameError::Buffer)?;
    copy(body, room);
    surround(head, body, rest, crc32c)
}

/// Makes a frame of the `len` bytes that were written [`HEAD`] bytes behind the start of `buf`, and
/// returns its length.
///
/// A body of 128 to 16,383 bytes stays where it is; others are moved by a byte.
///
/// # Errors
/// As [`encode`].
pub fn seal(buf: &mut [u8], len: usize) -> Result<usize, FrameError> {
    let head = varint::len(allowed(len)? as u64);
    if head < HEAD {
        shift_left(buf.get_mut(head..HEAD + len).unwrap_or(&mut []), HEAD - head);
    } else if head > HEAD {
        shift_right(buf.get_mut(HEAD..head + len).unwrap_or(&mut []), head - HEAD);
    }
    close(buf, head, len)
}

/// Writes length and checksum around a body that is in its place.
pub(crate) fn close(buf: &mut [u8], head: usize, len: usize) -> Result<usize, FrameError> {
    let (head, rest) = buf.split_at_mut_checked(head).ok_or(FrameError::Buffer)?;
    let (body, rest) = rest.split_at_mut_checked(allowed(len)?).ok_or(FrameError::Buffer)?;
    surround(head, body, rest, crc32c)
}

/// Writes the length into `head` and the checksum into the start of `rest`.
///
/// The body may stand between them or elsewhere: what was just copied is slow to read again, more than
/// the rest of a small frame takes.
#[inline]
fn surround(
    head: &mut [u8],
    body: &[u8],
    rest: &mut [u8],
    crc32c: impl Fn(u32, &[u8]) -> u32,
) -> Result<usize, FrameError> {
    varint::write(body.len() as u64, head);
    let crc = crc32c(crc32c(0, head), body);
    *rest.first_chunk_mut().ok_or(FrameError::Buffer)? = crc.to_le_bytes();
    Ok(head.len().saturating_add(body.len()).saturating_add(CRC))
}

/// A body's length as it stands before the body, in the first so many bytes.
pub(crate) fn head(len: usize) -> Result<([u8; LEN_MAX], usize), FrameError> {
    let (mut head, head_len) = ([0; LEN_MAX], varint::len(allowed(len)? as u64));
    varint::write(len as u64, head.get_mut(..head_len).unwrap_or(&mut []));
    Ok((head, head_len))
}

/// The length itself, if a body may have it.
fn allowed(len: usize) -> Result<usize, FrameError> {
    match len {
        0 => Err(FrameError::Empty),
        1..=LARGEST => Ok(len),
        _ => Err(FrameError::TooLarge { len: len as u64, limit: MAX_BODY }),
    }
}

/// The body's length and the bytes that it takes; `None` where more bytes are needed to tell.
fn length(input: &[u8], max_body: u32) -> Result<Option<(usize, usize)>, FrameError> {
    let (mut len, limit) = (0u64, max_body.min(MAX_BODY));
    for (index, &byte) in (0..LEN_MAX).zip(input) {
        len |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            return match len {
                0 if index == 0 => Err(FrameError::Empty),
                _ if byte == 0 => Err(FrameError::Length),
                _ if len > u64::from(limit) => Err(FrameError::TooLarge { len, limit }),
                _ => Ok(Some((usize::try_from(len).unwrap_or(usize::MAX), index + 1))),
            };
        }
    }
    if input.len() < LEN_MAX { Ok(None) } else { Err(FrameError::Length) }
}

impl Display for FrameError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length => f.write_str("a frame's length is not a varint in its shortest form"),
            Self::Empty => f.write_str("a frame with nothing in it"),
            Self::TooLarge { len, limit } => {
                write!(f, "a frame's body of {len} bytes, at most {limit}")
            }
            Self::Checksum => f.write_str("a frame's checksum does not fit its bytes"),
            Self::Buffer => f.write_str("the buffer is too small for the frame"),
        }
    }
}

impl Error for FrameError {}

#[cfg(test)]
mod tests {
    use super::*;

    // Written by postcard 1.1.3, to_slice_crc32(&[u8]).
    const GOLDEN: [u8; 9] = [0x04, 0x01, 0x00, 0x20, 0x30, 0x8e, 0xc8, 0x1a, 0x37];

    #[test]
    fn a_known_frame_is_read_and_written() {
        let body = [0x01, 0x00, 0x20, 0x30];
        assert_eq!(decode(&GOLDEN, 4), Ok(Decoded::Frame { body: &body, consumed: 9 }));
        let mut buf = [0xa5; 9];
        assert_eq!(encode(&body, &mut buf), Ok(9));
        assert_eq!(buf, GOLDEN);
    }

    #[test]
    fn every_prefix_is_partial() {
        for end in 0..GOLDEN.len() {
            let needed = if end == 0 { 1 } else { GOLDEN.len() - end };
            assert_eq!(decode(&GOLDEN[..end], 4), Ok(Decoded::Partial { needed }), "{end} bytes");
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        for bit in 0..GOLDEN.len() * 8 {
            let mut damaged = GOLDEN;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(!matches!(decode(&damaged, 64), Ok(Decoded::Frame { .. })), "bit {bit}");
        }
    }

    #[test]
    fn a_length_is_refused_as_soon_as_it_can_be_read() {
        for (case, input, want) in [
            ("nothing in it", &[0x00][..], FrameError::Empty),
            ("padded", &[0x84, 0x00], FrameError::Length),
            ("six bytes", &[0x80, 0x80, 0x80, 0x80, 0x80], FrameError::Length),
            ("65", &[0x41], FrameError::TooLarge { len: 65, limit: 64 }),
            (
                "2^35 - 1",
                &[0xff, 0xff, 0xff, 0xff, 0x7f],
                FrameError::TooLarge { len: (1 << 35) - 1, limit: 64 },
            ),
        ] {
            assert_eq!(decode(input, 64), Err(want), "{case}");
        }
    }

    #[test]
    fn bodies_of_every_length_of_length_come_back() {
        let mut buf = alloc::vec![0xa5; 16_400];
        let body = alloc::vec![0x5a; 16_384];
        for len in [1, 127, 128, 16_383, 16_384] {
            let total = encode(&body[..len], &mut buf).unwrap();
            let want = Decoded::Frame { body: &body[..len], consumed: total };
            assert_eq!(decode(&buf, MAX_BODY), Ok(want), "{len}");
        }
    }

    #[test]
    fn what_cannot_be_a_frame_is_refused_at_home() {
        let mut buf = [0xa5; 16];
        assert_eq!(encode(&[], &mut buf), Err(FrameError::Empty));
        assert_eq!(encode(&[0; 12], &mut buf), Err(FrameError::Buffer));
        let large = FrameError::TooLarge { len: 1_048_577, limit: MAX_BODY };
        assert_eq!(seal(&mut buf, 1_048_577), Err(large));
    }
}
