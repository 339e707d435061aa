use core::error::Error;
use core::fmt::{self, Display, Formatter};

use super::accumulator::Stretch;
use super::{Accumulator, CobsError, DELIMITER, Encoder};
use crate::checksum::crc32c;
use crate::frame::{self, Decoded, FrameError};

/// Collects frames out of a stream of bytes in which each is encoded and has a delimiter behind it, as
/// postcard writes them with its flavours `Crc` and `Cobs` around a byte slice.
///
/// `N` is [`max_encoded_len`](super::max_encoded_len) of the longest body wanted and
/// [`frame::MAX_OVERHEAD`]. What is damaged is left out up to its delimiter.
///
/// ```
/// use eyelet_codec::cobs::{self, Frames, Received};
///
/// let mut line = [0; 16];
/// let len = cobs::encode_frame(&[0x01, 0x00, 0x20, 0x30], &mut line)?;
/// let mut frames = Frames::<16>::new(4);
/// assert_eq!(frames.feed(&line[..3]), Received::Partial);
/// let Received::Frame { body, consumed } = frames.feed(&line[3..]) else { unreachable!() };
/// assert_eq!((body, consumed), (&[0x01, 0x00, 0x20, 0x30][..], len - 3));
/// # Ok::<(), eyelet_codec::frame::FrameError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Frames<const N: usize> {
    accumulator: Accumulator<N>,
    max_body: u32,
}

/// What came of some bytes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received<'a> {
    /// All bytes were taken, and what they began has not ended.
    Partial,
    /// A whole frame.
    Frame {
        /// Its checked body.
        body: &'a [u8],
        /// Bytes that were taken, the delimiter included; those behind are to be fed next.
        consumed: usize,
    },
    /// Something between two delimiters that is no frame.
    Refused {
        /// How many bytes that were, without the delimiter.
        lost: usize,
        /// What is wrong with it.
        error: LineError,
        /// Bytes that were taken, the delimiter included; those behind are to be fed next.
        consumed: usize,
    },
}

/// Why what is between two delimiters is no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineError {
    /// It cannot be decoded.
    Encoding(CobsError),
    /// It is decoded, but no frame.
    Frame(FrameError),
    /// It ends within a frame, or behind one.
    Extent,
}

impl<const N: usize> Frames<N> {
    /// With nothing in it, as behind a delimiter; for bodies of up to `max_body` bytes.
    pub const fn new(max_body: u32) -> Self {
        Self { accumulator: Accumulator::new(), max_body }
    }

    /// Takes bytes up to the delimiter of the first frame, or of what stands in a frame's place, or all.
    pub fn feed(&mut self, input: &[u8]) -> Received<'_> {
        let Some(Stretch { encoded, decoded, consumed }) = self.accumulator.complete(input) else {
            return Received::Partial;
        };
        let whole = decoded.map(|len| self.accumulator.decoded(len)).map_err(LineError::Encoding);
        match whole.and_then(|bytes| only_frame(bytes, self.max_body)) {
            Ok(body) => Received::Frame { body, consumed },
            Err(error) => Received::Refused { lost: encoded, error, consumed },
        }
    }
}

/// The body of a frame that is all there is.
fn only_frame(bytes: &[u8], max_body: u32) -> Result<&[u8], LineError> {
    match frame::decode(bytes, max_body).map_err(LineError::Frame)? {
        Decoded::Frame { body, consumed } if consumed == bytes.len() => Ok(body),
        _ => Err(LineError::Extent),
    }
}

/// Writes a frame around `body`, encoded and with a delimiter behind it, into the start of `line`, and
/// returns the length of that: at most [`max_encoded_len`](super::max_encoded_len) of the body and
/// [`frame::MAX_OVERHEAD`], and 1.
///
/// A sender begins with a delimiter of its own, so that what a quiet line has made up is not taken for
/// the start of its first frame.
///
/// # Errors
/// A body that is empty or over [`frame::MAX_BODY`], or [`FrameError::Buffer`].
pub fn encode_frame(body: &[u8], line: &mut [u8]) -> Result<usize, FrameError> {
    let (head, head_len) = frame::head(body.len())?;
    let head = head.get(..head_len).unwrap_or(&[]);
    let crc = crc32c(crc32c(0, head), body).to_le_bytes();
    let len = encode_parts([head, body, &crc], line).map_err(|_| FrameError::Buffer)?;
    *line.get_mut(len).ok_or(FrameError::Buffer)? = DELIMITER;
    Ok(len + 1)
}

fn encode_parts(parts: [&[u8]; 3], line: &mut [u8]) -> Result<usize, CobsError> {
    let mut encoder = Encoder::new(line);
    parts.iter().try_for_each(|part| encoder.push(part))?;
    encoder.finish()
}

impl Display for LineError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding(error) => error.fmt(f),
            Self::Frame(error) => error.fmt(f),
            Self::Extent => f.write_str("what is between two delimiters is not one whole frame"),
        }
    }
}

impl Error for LineError {}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    // What postcard 1.1.3 writes of the four bytes with `Crc` around `Cobs`.
    const GOLDEN: [u8; 11] = [0x03, 0x04, 0x01, 0x07, 0x20, 0x30, 0x8e, 0xc8, 0x1a, 0x37, 0x00];
    const BODY: [u8; 4] = [0x01, 0x00, 0x20, 0x30];

    #[test]
    fn a_known_line_is_read_and_written() {
        let mut line = [0xa5; GOLDEN.len()];
        assert_eq!(encode_frame(&BODY, &mut line), Ok(GOLDEN.len()));
        assert_eq!(line, GOLDEN);
        let mut frames = Frames::<10>::new(4);
        let want = Received::Frame { body: &BODY, consumed: GOLDEN.len() };
        assert_eq!(frames.feed(&GOLDEN), want);
    }

    #[test]
    fn what_is_no_frame_is_told_from_what_is_not_encoded() {
        let mut twice = [0xa5; 32];
        let frame = [0x04, 0x01, 0x00, 0x20, 0x30, 0x8e, 0xc8, 0x1a, 0x37];
        let len = crate::cobs::encode(&[frame, frame].concat(), &mut twice).unwrap();
        let checksum = LineError::Frame(FrameError::Checksum);
        let truncated = LineError::Encoding(CobsError::Truncated { at: 3 });
        let large = LineError::Frame(FrameError::TooLarge { len: 16, limit: 4 });
        for (case, stretch, error) in [
            ("a bit", &[0x03, 0x04, 0x01, 0x07, 0x20, 0x31, 0x8e, 0xc8, 0x1a, 0x37][..], checksum),
            ("cut", &GOLDEN[..8], truncated),
            ("half a frame", &[0x03, 0x04, 0x01, 0x02, 0x20], LineError::Extent),
            ("two frames", &twice[..len], LineError::Extent),
            ("a large one", &[0x02, 0x10], large),
        ] {
            let mut frames = Frames::<32>::new(4);
            let line = [stretch, &[DELIMITER]].concat();
            let (lost, consumed) = (stretch.len(), line.len());
            let refused = Received::Refused { lost, error, consumed };
            assert_eq!(frames.feed(&line), refused, "{case}");
            let next = Received::Frame { body: &BODY, consumed: GOLDEN.len() };
            assert_eq!(frames.feed(&GOLDEN), next, "behind {case}");
        }
    }

    #[test]
    fn every_damaged_byte_of_a_line_loses_a_frame_and_never_makes_one() {
        let line = GOLDEN.repeat(3);
        for at in 0..line.len() {
            for value in 0..=u8::MAX {
                let mut damaged = line.clone();
                damaged[at] = value;
                let bodies = received(&damaged);
                let want = if value == line[at] { 3 } else { 2 };
                // A delimiter that is damaged joins two frames into none.
                let joined = at % GOLDEN.len() == GOLDEN.len() - 1 && value != line[at];
                let least = want - usize::from(joined);
                assert!((least..=want).contains(&bodies.len()), "{value:02x} at {at}: {bodies:?}");
                assert!(bodies.iter().all(|body| body == &BODY), "{value:02x} at {at}: {bodies:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_a_frame_is_refused_at_home() {
        let mut line = [0xa5; 11];
        assert_eq!(encode_frame(&[], &mut line), Err(FrameError::Empty));
        for room in 0..GOLDEN.len() {
            assert_eq!(encode_frame(&BODY, &mut line[..room]), Err(FrameError::Buffer), "{room}");
        }
    }

    fn received(line: &[u8]) -> Vec<Vec<u8>> {
        let (mut frames, mut rest, mut bodies) = (Frames::<64>::new(64), line, Vec::new());
        loop {
            let consumed = match frames.feed(rest) {
                Received::Partial => return bodies,
                Received::Frame { body, consumed } => {
                    bodies.push(body.to_vec());
                    consumed
                }
                Received::Refused { consumed, .. } => consumed,
            };
            rest = &rest[consumed..];
        }
    }
}
