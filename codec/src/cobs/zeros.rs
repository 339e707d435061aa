/// Where the first 00 is.
#[inline]
pub(super) fn first(bytes: &[u8]) -> Option<usize> {
    let (blocks, rest) = bytes.as_chunks::<64>();
    let clean = blocks.iter().position(|block| any(&block[..])).unwrap_or(blocks.len());
    if clean == blocks.len() && !any_at_end(bytes, rest) {
        return None;
    }
    let clean = clean.saturating_mul(64);
    Some(clean.saturating_add(first_by_words(bytes.get(clean..)?)?))
}

#[inline]
fn first_by_words(bytes: &[u8]) -> Option<usize> {
    let (words, rest) = bytes.as_chunks::<8>();
    let clean = words.iter().position(|word| marks(*word) != 0).unwrap_or(words.len());
    let at = match words.get(clean) {
        Some(word) => places(marks(*word)).next(),
        None => rest.iter().position(|&byte| byte == 0),
    };
    Some(clean.saturating_mul(8).saturating_add(at?))
}

/// Whether there is one among the last bytes, `rest`: by blocks that overlap others, if they have to.
#[inline]
fn any_at_end(bytes: &[u8], rest: &[u8]) -> bool {
    match (bytes.last_chunk::<64>(), bytes.last_chunk::<8>()) {
        (Some(last), _) => any(last),
        (None, Some(last)) => {
            rest.as_chunks::<8>().0.iter().fold(any(last), |found, word| found | any(word))
        }
        (None, None) => any(rest),
    }
}

/// Without a branch, so that a compiler takes many bytes at once.
#[inline]
pub(super) fn any(bytes: &[u8]) -> bool {
    bytes.iter().fold(0, |any, &byte| any | u8::from(byte == 0)) != 0
}

/// The bytes of a word that are 00: of each the highest bit, of the first the lowest such bit.
#[inline]
pub(super) fn marks(word: [u8; 8]) -> u64 {
    const LOW: u64 = u64::from_le_bytes([0x7f; 8]);
    let word = u64::from_le_bytes(word);
    // Set by a carry out of the byte's other bits, if not by itself.
    !(((word & LOW).wrapping_add(LOW)) | word | LOW)
}

/// The places of [`marks`].
#[inline]
pub(super) fn places(mut marks: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let at = marks.trailing_zeros() as usize / 8;
        marks &= marks.wrapping_sub(1);
        (at < 8).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn the_first_zero_is_found_at_every_place_of_every_length() {
        for len in 0..200 {
            for other in [0x01, 0x7f, 0x80, 0xff] {
                let mut bytes = vec![other; len];
                assert_eq!(first(&bytes), None, "{other:02x}, {len} bytes");
                for at in (0..len).rev() {
                    bytes[at] = 0;
                    assert_eq!(first(&bytes), Some(at), "{other:02x}, {at} of {len}");
                }
            }
        }
    }

    #[test]
    fn every_choice_of_bytes_of_a_word_is_told_apart() {
        for choice in 0..=0xff_u8 {
            for other in [0x01, 0x7f, 0x80, 0xff] {
                let is_zero = |at: usize| choice >> at & 1 == 1;
                let word = core::array::from_fn(|at| if is_zero(at) { 0 } else { other });
                let found: Vec<usize> = places(marks(word)).collect();
                let want: Vec<usize> = (0..8).filter(|&at| is_zero(at)).collect();
                assert_eq!(found, want, "{word:02x?}");
            }
        }
    }
}
