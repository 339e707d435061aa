use core::mem;

use super::{CobsError, decoder, zeros};
use crate::copy::copy;

/// Collects what was encoded out of a stream of bytes with delimiters between.
///
/// `N` is the longest encoded stretch that is taken, without its delimiter: [`max_encoded_len`] of the
/// longest one wanted. What was damaged or is longer is left out as a whole, up to its delimiter.
///
/// ```
/// use eyelet_codec::cobs::{Accumulator, Fed};
///
/// let mut accumulator = Accumulator::<16>::new();
/// assert_eq!(accumulator.feed(&[0x03, 0x11]), Fed::Partial);
/// let input = [0x22, 0x00, 0x02];
/// let Fed::Decoded { bytes, consumed } = accumulator.feed(&input) else { unreachable!() };
/// assert_eq!((bytes, consumed), (&[0x11, 0x22][..], 2));
/// assert_eq!(accumulator.feed(&input[consumed..]), Fed::Partial);
/// ```
///
/// [`max_encoded_len`]: super::max_encoded_len
#[derive(Clone, Debug)]
pub struct Accumulator<const N: usize> {
    /// The stretch so far is its first `len` bytes, if there is room for them.
    buf: [u8; N],
    /// Over `N` if the stretch is too long.
    len: usize,
}

/// What came of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fed<'a> {
    /// All bytes were taken, and what they began has not ended.
    Partial,
    /// What was between two delimiters.
    Decoded {
        /// As it was before it was encoded.
        bytes: &'a [u8],
        /// Bytes that were taken, the delimiter included; those behind are to be fed next.
        consumed: usize,
    },
    /// Something between two delimiters that is left out.
    Refused {
        /// How many bytes that were, without the delimiter.
        lost: usize,
        /// What is wrong with it; [`CobsError::Buffer`] if it is too long.
        error: CobsError,
        /// Bytes that were taken, the delimiter included; those behind are to be fed next.
        consumed: usize,
    },
}

/// What stood between two delimiters.
pub(super) struct Stretch {
    /// Its length there.
    pub(super) encoded: usize,
    /// Its length as it was decoded into the buffer.
    pub(super) decoded: Result<usize, CobsError>,
    /// Bytes of the input up to its end, the delimiter included.
    pub(super) consumed: usize,
}

impl<const N: usize> Accumulator<N> {
    /// With nothing in it, as after a delimiter.
    pub const fn new() -> Self {
        Self { buf: [0; N], len: 0 }
    }

    /// Takes bytes up to the delimiter of the first stretch that is not empty, or all.
    ///
    /// However the bytes of a line are parted, what comes of them is the same.
    pub fn feed(&mut self, input: &[u8]) -> Fed<'_> {
        match self.complete(input) {
            None => Fed::Partial,
            Some(Stretch { decoded: Ok(len), consumed, .. }) => {
                Fed::Decoded { bytes: self.decoded(len), consumed }
            }
            Some(Stretch { encoded: lost, decoded: Err(error), consumed }) => {
                Fed::Refused { lost, error, consumed }
            }
        }
    }

    pub(super) fn complete(&mut self, input: &[u8]) -> Option<Stretch> {
        let mut rest = input;
        while let Some(at) = zeros::first(rest) {
            let (last, behind) = rest.split_at_checked(at)?;
            let (_delimiter, behind) = behind.split_first()?;
            rest = behind;
            let encoded = self.len.saturating_add(at);
            if encoded > 0 {
                let consumed = input.len().saturating_sub(rest.len());
                return Some(Stretch { encoded, decoded: self.decode(last), consumed });
            }
        }
        self.append(rest);
        None
    }

    /// What was decoded last, of that length.
    pub(super) fn decoded(&self, len: usize) -> &[u8] {
        self.buf.get(..len).unwrap_or(&[])
    }

    /// Decodes the stretch that ends with these bytes, and begins the next.
    fn decode(&mut self, last: &[u8]) -> Result<usize, CobsError> {
        if self.len == 0 && last.len() <= N {
            return decoder::decode(last, &mut self.buf);
        }
        self.append(last);
        let stretch = self.buf.get_mut(..mem::take(&mut self.len)).ok_or(CobsError::Buffer)?;
        decoder::decode_in_place(stretch)
    }

    fn append(&mut self, bytes: &[u8]) {
        let end = self.len.saturating_add(bytes.len());
        if let Some(room) = self.buf.get_mut(self.len..end) {
            copy(bytes, room);
        }
        self.len = end;
    }
}

impl<const N: usize> Default for Accumulator<N> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::super::DELIMITER;
    use super::super::model::{self, Collected, collected};
    use super::*;

    #[test]
    fn every_short_stream_gives_what_the_model_gives_at_once_and_byte_by_byte() {
        model::each_of([0x00, 0x01, 0x02, 0x03], 8, |stream| {
            let want = model::collect(stream, 4);
            assert_eq!(fed::<4>(&[stream]), want, "{stream:02x?}");
            let bytes: Vec<&[u8]> = stream.chunks(1).collect();
            assert_eq!(fed::<4>(&bytes), want, "{stream:02x?} byte by byte");
        });
    }

    #[test]
    fn every_split_of_a_stream_gives_the_same() {
        let stream = stream();
        let want = model::collect(&stream, LONGEST);
        assert_eq!(want.iter().filter(|it| it.is_err()).count(), 3);
        for first in 0..=stream.len() {
            for second in [first, first + 1, first + 255, stream.len()] {
                let second = second.min(stream.len());
                let parts = [&stream[..first], &stream[first..second], &stream[second..]];
                assert_eq!(fed::<LONGEST>(&parts), want, "{first}, {second}");
            }
        }
    }

    #[test]
    fn every_damaged_byte_costs_what_it_stands_in_and_nothing_else() {
        let stream = stream();
        for at in 0..stream.len() {
            for value in [0x00, 0x01, stream[at] ^ 0x80, stream[at].wrapping_add(1)] {
                let mut damaged = stream.clone();
                damaged[at] = value;
                let want = model::collect(&damaged, LONGEST);
                assert_eq!(fed::<LONGEST>(&[&damaged]), want, "{value:02x} at {at}");
            }
        }
    }

    #[test]
    fn the_tail_of_what_was_refused_is_never_delivered() {
        // The tail of the first, 02 11, would be a whole stretch by itself.
        let mut accumulator = Accumulator::<4>::new();
        let input = [0x06, 0x01, 0x01, 0x01, 0x02, 0x11, 0x00, 0x02, 0x22, 0x00];
        for &byte in &input[..6] {
            assert_eq!(accumulator.feed(&[byte]), Fed::Partial);
        }
        let want = Fed::Refused { lost: 6, error: CobsError::Buffer, consumed: 1 };
        assert_eq!(accumulator.feed(&input[6..]), want);
        assert_eq!(accumulator.feed(&input[7..]), Fed::Decoded { bytes: &[0x22], consumed: 3 });
    }

    #[test]
    fn a_stretch_of_exactly_the_longest_is_taken() {
        let mut accumulator = Accumulator::<3>::new();
        let input = [0x03, 0x11, 0x22, 0x00];
        assert_eq!(accumulator.feed(&input), Fed::Decoded { bytes: &[0x11, 0x22], consumed: 4 });
        let mut accumulator = Accumulator::<2>::new();
        let want = Fed::Refused { lost: 3, error: CobsError::Buffer, consumed: 4 };
        assert_eq!(accumulator.feed(&input), want);
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 500,
            rng_seed: RngSeed::Fixed(0x636f_6273),
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn whatever_comes_in_whatever_parts_is_collected_as_by_the_model(
            plain in prop::collection::vec(texts(), 0..12),
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
        ) {
            let mut stream: Vec<u8> = plain.iter().flat_map(|it| delimited(it)).collect();
            for (at, value) in damage.into_iter().filter(|_| !plain.is_empty()) {
                let at = at.index(stream.len());
                stream[at] = value;
            }
            let mut cuts: Vec<usize> = cuts.iter().map(|it| it.index(stream.len() + 1)).collect();
            cuts.extend([0, stream.len()]);
            cuts.sort_unstable();
            let parts: Vec<&[u8]> = cuts.windows(2).map(|it| &stream[it[0]..it[1]]).collect();
            prop_assert_eq!(fed::<LONGEST>(&parts), model::collect(&stream, LONGEST));
        }
    }

    const LONGEST: usize = 600;

    /// Bytes of which few or many are zero, some of them too long.
    fn texts() -> impl Strategy<Value = Vec<u8>> {
        let few = prop::collection::vec(any::<u8>(), 0..700);
        let many = prop::collection::vec(0..3u8, 0..40);
        let none = prop::collection::vec(1..=0xffu8, 240..520);
        prop_oneof![few, many, none]
    }

    /// Good, empty, damaged and too long stretches; behind each bad one a good one, and one unfinished.
    fn stream() -> Vec<u8> {
        let good = |len| delimited(&model::uneven(len));
        let parts = [
            &[0x00, 0x00][..],
            &good(20),
            &[0x05, 0x11, 0x22, 0x00],
            &good(255),
            &good(700),
            &good(0),
            &[0x02, 0x11, 0xff, 0x00, 0x00],
            &good(590),
            &[0x02],
        ];
        parts.concat()
    }

    fn delimited(plain: &[u8]) -> Vec<u8> {
        [&model::encode(plain)[..], &[DELIMITER]].concat()
    }

    /// All that an accumulator makes of a stream that comes in parts.
    fn fed<const N: usize>(parts: &[&[u8]]) -> Vec<Collected> {
        let (mut accumulator, mut all) = (Accumulator::<N>::new(), Vec::new());
        for part in parts {
            let mut rest = *part;
            while !rest.is_empty() {
                let (one, consumed) = collected(accumulator.feed(rest), rest.len());
                all.extend(one);
                rest = &rest[consumed..];
            }
        }
        all
    }
}
