//! Consistent overhead byte stuffing: bytes without a 00, so that a 00 can stand between them.
//!
//! ```text
//! +------+------------------+------+------------------+-- ..
//! | code | code - 1 bytes   | code | code - 1 bytes   |
//! +------+------------------+------+------------------+-- ..
//! ```
//! A group of a code and bytes other than 00 stands for these bytes and the 00 behind them, which is
//! left out behind the last group and behind a code of ff, as such a group may have been cut for its
//! length. One byte more for every 254 is what it costs at most, and one in any case.
//!
//! From S. Cheshire and M. Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Transactions on
//! Networking 7 (2), 1999. Bytes that end with 254 others than 00 may be written with an empty group
//! behind them or without; both are read, and the shorter is written.
//!
//! [`Accumulator`] finds what was encoded in a stream of bytes, and [`Frames`] the
//! [frames](crate::frame) in that.

mod accumulator;
mod decoder;
mod encoder;
mod frames;
mod zeros;

use core::error::Error;
use core::fmt::{self, Display, Formatter};

pub use accumulator::{Accumulator, Fed};
pub use encoder::Encoder;
pub use frames::{Frames, LineError, Received, encode_frame};

/// Stands behind what was encoded, and nowhere in it.
pub const DELIMITER: u8 = 0;

/// Bytes in the longest group, whose code is ff.
const LONGEST: usize = 254;

/// Why bytes are not encoded, or could not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CobsError {
    /// The buffer is too small for the bytes.
    Buffer,
    /// A delimiter among encoded bytes.
    Delimiter {
        /// Where the first one is.
        at: usize,
    },
    /// A group has fewer bytes than its code says.
    Truncated {
        /// Where that code is, or would be.
        at: usize,
    },
}

/// The most bytes that `len` bytes can take when encoded, without a delimiter.
pub const fn max_encoded_len(len: usize) -> usize {
    let groups = len.div_ceil(LONGEST);
    len.saturating_add(if groups == 0 { 1 } else { groups })
}

/// Writes `input` into the start of `out` without a 00, and returns the length of that. A delimiter is
/// not written.
///
/// [`max_encoded_len`] bytes are always enough; the length that it returns is, too.
///
/// # Errors
/// [`CobsError::Buffer`]; what is in `out` is then of no use.
pub fn encode(input: &[u8], out: &mut [u8]) -> Result<usize, CobsError> {
    let mut encoder = Encoder::new(out);
    encoder.push(input)?;
    encoder.finish()
}

/// Writes what `input` was made of into the start of `out`, and returns the length of that, which is
/// less than that of `input`. There is no delimiter in `input`.
///
/// # Errors
/// What is wrong with `input`, or [`CobsError::Buffer`]; what is in `out` is then of no use.
pub fn decode(input: &[u8], out: &mut [u8]) -> Result<usize, CobsError> {
    no_delimiter(input)?;
    decoder::decode(input, out)
}

/// As [`decode`], into the start of the bytes themselves.
///
/// # Errors
/// What is wrong with the bytes, of which nothing is then of use.
pub fn decode_in_place(bytes: &mut [u8]) -> Result<usize, CobsError> {
    no_delimiter(bytes)?;
    decoder::decode_in_place(bytes)
}

fn no_delimiter(encoded: &[u8]) -> Result<(), CobsError> {
    zeros::first(encoded).map_or(Ok(()), |at| Err(CobsError::Delimiter { at }))
}

impl Display for CobsError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Buffer => f.write_str("the buffer is too small for the bytes"),
            Self::Delimiter { at } => write!(f, "a delimiter among encoded bytes, at byte {at}"),
            Self::Truncated { at } => {
                write!(f, "fewer encoded bytes than the code at byte {at} says")
            }
        }
    }
}

impl Error for CobsError {}

#[cfg(test)]
mod model;

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn every_short_text_of_four_bytes_is_encoded_as_by_the_model_and_comes_back() {
        model::each_of([0x00, 0x01, 0x02, 0xff], 7, check);
    }

    #[test]
    fn every_place_of_a_zero_around_the_longest_group_is_encoded_as_by_the_model() {
        for len in [0, 1, 2, 252, 253, 254, 255, 256, 507, 508, 509, 510, 763] {
            let mut bytes = vec![0x5a; len];
            check(&bytes);
            for zero in 0..len {
                bytes[zero] = 0;
                check(&bytes);
                let second = (zero + LONGEST).min(len - 1);
                let before = core::mem::replace(&mut bytes[second], 0);
                check(&bytes);
                (bytes[zero], bytes[second]) = (0x5a, before);
                bytes[zero] = 0x5a;
            }
        }
    }

    #[test]
    fn known_bytes_are_encoded_as_others_do() {
        // The examples of the paper and of Wikipedia's article, and one more from each side of the cut.
        let run: Vec<u8> = (0x01..=0xff).collect();
        for (plain, encoded) in [
            (&[][..], &[0x01][..]),
            (&[0x00], &[0x01, 0x01]),
            (&[0x00, 0x00], &[0x01, 0x01, 0x01]),
            (&[0x11, 0x22, 0x00, 0x33], &[0x03, 0x11, 0x22, 0x02, 0x33]),
            (&[0x11, 0x00, 0x00, 0x00], &[0x02, 0x11, 0x01, 0x01, 0x01]),
            (&run[..254], &[&[0xff], &run[..254]].concat()),
            (&[&[0x00], &run[..254]].concat(), &[&[0x01, 0xff], &run[..254]].concat()),
            (&run, &[&[0xff], &run[..254], &[0x02, 0xff]].concat()),
            (&[&run[1..], &[0x00]].concat(), &[&[0xff], &run[1..], &[0x01, 0x01]].concat()),
            (&[&run[2..], &[0x00, 0x01]].concat(), &[&[0xfe], &run[2..], &[0x02, 0x01]].concat()),
        ] {
            assert_eq!(encoded_by_us(plain), encoded);
            check(plain);
        }
    }

    #[test]
    fn whatever_is_decoded_is_decoded_as_by_the_model() {
        let mut accepted = 0;
        model::each_of([0x00, 0x01, 0x02, 0x03, 0xff], 6, |bytes| {
            accepted += usize::from(check_decoding(bytes));
        });
        assert!(accepted > 200, "{accepted}");
    }

    #[test]
    fn every_damaged_byte_and_every_cut_around_the_longest_group_is_decoded_as_by_the_model() {
        for len in [0, 1, 253, 254, 255, 256, 508, 509] {
            for zero in [0, 1, 253, 254, 255, 508] {
                let mut plain = vec![0x5a; len];
                plain.get_mut(zero).into_iter().for_each(|byte| *byte = 0);
                let encoded = encoded_by_us(&plain);
                for at in 0..encoded.len() {
                    check_decoding(&encoded[..at]);
                    for value in [0x00, 0x01, 0xfe, 0xff] {
                        let mut damaged = encoded.clone();
                        damaged[at] = value;
                        check_decoding(&damaged);
                    }
                }
            }
        }
    }

    #[test]
    fn a_last_group_that_is_empty_may_follow_the_longest() {
        let encoded = [&[0xff][..], &[0x5a; 254], &[0x01]].concat();
        assert!(check_decoding(&encoded));
        let mut out = [0xa5; 254];
        assert_eq!(decode(&encoded, &mut out), Ok(254));
    }

    #[test]
    fn an_error_names_the_place() {
        let mut out = [0xa5; 16];
        for (case, encoded, error) in [
            ("nothing", &[][..], CobsError::Truncated { at: 0 }),
            ("a code alone", &[0x02], CobsError::Truncated { at: 0 }),
            ("second group", &[0x02, 0x01, 0x04, 0x05], CobsError::Truncated { at: 2 }),
            ("a delimiter", &[0x02, 0x00, 0x04], CobsError::Delimiter { at: 1 }),
            ("for a code", &[0x02, 0x01, 0x00], CobsError::Delimiter { at: 2 }),
        ] {
            assert_eq!(decode(encoded, &mut out), Err(error), "{case}");
        }
    }

    /// Encodes into room that fits exactly, or is too small by any number of bytes, and decodes.
    fn check(plain: &[u8]) {
        let want = model::encode(plain);
        assert!(want.len() <= max_encoded_len(plain.len()), "{plain:02x?}");
        let mut out = vec![0xa5; want.len()];
        assert_eq!(encode(plain, &mut out), Ok(want.len()), "{plain:02x?}");
        assert!(out == want, "{plain:02x?}: {out:02x?}");
        for room in (0..want.len()).rev().take(3) {
            assert_eq!(encode(plain, &mut out[..room]), Err(CobsError::Buffer), "{plain:02x?}");
        }
        let mut decoded = vec![0xa5; plain.len()];
        assert_eq!(decode(&want, &mut decoded), Ok(plain.len()), "{plain:02x?}");
        assert!(decoded == plain, "{plain:02x?}: {decoded:02x?}");
        for room in (0..plain.len()).rev().take(3) {
            let decoded = decode(&want, &mut decoded[..room]);
            assert_eq!(decoded, Err(CobsError::Buffer), "{plain:02x?}");
        }
        assert!(check_decoding(&want));
    }

    /// Whether bytes are accepted: by all alike.
    fn check_decoding(bytes: &[u8]) -> bool {
        let want = model::decode(bytes);
        let mut out = vec![0xa5; bytes.len() + 40];
        let decoded = decode(bytes, &mut out).map(|len| out[..len].to_vec());
        assert_eq!(decoded, want, "{bytes:02x?}");
        let mut place = bytes.to_vec();
        let decoded = decode_in_place(&mut place).map(|len| place[..len].to_vec());
        assert_eq!(decoded, want, "in place: {bytes:02x?}");
        want.is_ok()
    }

    fn encoded_by_us(plain: &[u8]) -> Vec<u8> {
        let mut out = vec![0xa5; max_encoded_len(plain.len())];
        let len = encode(plain, &mut out).unwrap();
        out.truncate(len);
        out
    }
}
