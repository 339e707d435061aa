//! CRC-32/ISCSI, also known as CRC-32C: the checksum of [frames](crate::frame).
//!
//! One function for each way to compute it, and [`crc32c()`], the one that frames use: the first of
//! this list whose feature is on. All give the same, so that a feature that another crate of the build
//! has asked for costs room at most.
//!
//! | function | feature | tables | |
//! |---|---|---|---|
//! | `hardware` | `crc-hardware` | 16 KiB | needs `std`; the processor's own instructions where it has some |
//! | [`slicing`] | `crc-slicing` | 16 KiB | 16 bytes at a time |
//! | [`table`] | `crc-table` | 1 KiB | a byte at a time |
//! | [`bitwise`] | | none | a bit at a time |
//!
//! A table that no function in use needs is left out by the linker.
//!
//! What is checked may come in parts: each function continues the checksum of what came `before`,
//! which is 0 if nothing did.
//!
//! ```
//! use eyelet_codec::checksum::crc32c;
//!
//! assert_eq!(crc32c(0, b"123456789"), 0xe306_9283);
//! assert_eq!(crc32c(crc32c(0, b"1234"), b"56789"), 0xe306_9283);
//! ```

use crc::{CRC_32_ISCSI, Crc, Table};

#[cfg(not(any(feature = "crc-hardware", feature = "crc-slicing", feature = "crc-table")))]
pub use bitwise as crc32c;
#[cfg(feature = "crc-hardware")]
pub use hardware as crc32c;
#[cfg(all(not(feature = "crc-hardware"), feature = "crc-slicing"))]
pub use slicing as crc32c;
#[cfg(all(
    not(any(feature = "crc-hardware", feature = "crc-slicing")),
    feature = "crc-table"
))]
pub use table as crc32c;

static SLICING: [[u32; 256]; 16] = *Crc::<u32, Table<16>>::new(&CRC_32_ISCSI).table();
static TABLE: [[u32; 256]; 1] = *Crc::<u32, Table<1>>::new(&CRC_32_ISCSI).table();

/// By the widest instructions that the processor has for it, which it is asked for once.
#[cfg(feature = "crc-hardware")]
#[inline]
pub fn hardware(before: u32, bytes: &[u8]) -> u32 {
    use crc_fast::{CrcAlgorithm, Digest};

    if before == 0 {
        return crc_fast::crc32_iscsi(bytes);
    }
    let state = u64::from(!before);
    let mut digest = Digest::new_with_init_state(CrcAlgorithm::Crc32Iscsi, state);
    digest.update(bytes);
    let [b0, b1, b2, b3, ..] = digest.finalize().to_le_bytes();
    u32::from_le_bytes([b0, b1, b2, b3])
}

/// By 16 tables, one for each of 16 bytes.
#[inline]
pub fn slicing(before: u32, bytes: &[u8]) -> u32 {
    let (blocks, rest) = bytes.as_chunks::<16>();
    let crc = blocks.iter().fold(!before, |crc, block| {
        slice((u128::from_le_bytes(*block) ^ u128::from(crc)).to_le_bytes())
    });
    let (blocks, rest) = rest.as_chunks::<4>();
    let crc = blocks
        .iter()
        .fold(crc, |crc, block| slice((u32::from_le_bytes(*block) ^ crc).to_le_bytes()));
    let [nearest, ..] = &SLICING;
    !by_byte(nearest, crc, rest)
}

/// By a table of what any byte does to the checksum.
#[inline]
pub fn table(before: u32, bytes: &[u8]) -> u32 {
    let [table] = &TABLE;
    !by_byte(table, !before, bytes)
}

/// Without a table.
#[inline]
pub fn bitwise(before: u32, bytes: &[u8]) -> u32 {
    let polynomial = CRC_32_ISCSI.poly.reverse_bits();
    !bytes.iter().fold(!before, |crc, &byte| {
        let crc = crc ^ u32::from(byte);
        (0..8).fold(crc, |crc, _| (crc >> 1) ^ (polynomial & (crc & 1).wrapping_neg()))
    })
}

/// From the last byte to the first: the first four wait for the checksum of the block before, and what
/// waits comes last.
#[inline]
fn slice<const N: usize>(block: [u8; N]) -> u32 {
    let lanes = SLICING.iter().zip(block.iter().rev());
    lanes.fold(0, |crc, (table, byte)| crc ^ table[usize::from(*byte)])
}

#[inline]
fn by_byte(table: &[u32; 256], crc: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(crc, |crc, byte| {
        let [low, ..] = crc.to_le_bytes();
        (crc >> 8) ^ table[usize::from(low ^ byte)]
    })
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    type Function = fn(u32, &[u8]) -> u32;

    const FUNCTIONS: &[(&str, Function)] = &[
        ("bitwise", bitwise),
        ("table", table),
        ("slicing", slicing),
        #[cfg(feature = "crc-hardware")]
        ("hardware", hardware),
        ("the frames' own", crc32c),
    ];

    #[test]
    fn the_check_value_is_the_catalogues() {
        for (name, function) in FUNCTIONS {
            assert_eq!(function(0, b"123456789"), 0xe306_9283, "{name}");
            assert_eq!(function(0, &[]), 0, "{name}");
        }
    }

    #[test]
    fn every_length_gives_what_division_gives() {
        let bytes = bytes(300);
        for len in 0..=bytes.len() {
            let want = remainder(&bytes[..len]);
            for (name, function) in FUNCTIONS {
                assert_eq!(function(0, &bytes[..len]), want, "{len} bytes, {name}");
            }
        }
    }

    #[test]
    fn every_split_of_every_length_gives_the_same() {
        let bytes = bytes(300);
        let wants: Vec<u32> = (0..=300).map(|len| slicing(0, &bytes[..len])).collect();
        for (name, function) in FUNCTIONS {
            for at in 0..=300 {
                let first = function(0, &bytes[..at]);
                for len in at..=300 {
                    assert_eq!(
                        function(first, &bytes[at..len]),
                        wants[len],
                        "{at} of {len}, {name}"
                    );
                }
            }
        }
    }

    /// Processors take long bytes in blocks of several sizes.
    #[test]
    fn every_length_that_has_a_few_blocks_gives_the_same_behind_another_part() {
        let bytes = bytes(3000);
        for len in 0..=bytes.len() {
            let want = slicing(7, &bytes[..len]);
            for (name, function) in FUNCTIONS.iter().skip(1) {
                assert_eq!(function(7, &bytes[..len]), want, "{len} bytes, {name}");
            }
        }
    }

    #[test]
    fn long_bytes_give_the_same() {
        let bytes = bytes(70_000);
        let want = bitwise(0, &bytes);
        for (name, function) in FUNCTIONS {
            assert_eq!(function(0, &bytes), want, "{name}");
        }
    }

    /// Division of polynomials, bit by bit as a shift register does it: a bit comes in at the lowest
    /// place, the first 32 inverted; what is shifted out decides on the subtraction; 32 zeros follow.
    fn remainder(bytes: &[u8]) -> u32 {
        let bits = bytes.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1));
        let inverted = bits.chain([false; 32]).enumerate().map(|(at, bit)| bit ^ (at < 32));
        let remainder = inverted.fold(0u32, |remainder, bit| {
            let shifted = remainder << 1 | u32::from(bit);
            if remainder >> 31 == 1 { shifted ^ 0x1edc_6f41 } else { shifted }
        });
        !remainder.reverse_bits()
    }

    fn bytes(len: usize) -> Vec<u8> {
        // The high bytes of Weyl's sequence of the golden ratio.
        (1..).take(len).map(|index: u32| index.wrapping_mul(0x9e37_79b9).to_be_bytes()[0]).collect()
    }
}
