use super::{CobsError, LONGEST, zeros};

/// Encodes bytes that come in parts.
#[derive(Debug)]
pub struct Encoder<'a> {
    out: &'a mut [u8],
    /// Where the code of the last group will stand.
    code: usize,
    /// Where that group ends: `code < end <= code + 1 + LONGEST`.
    end: usize,
}

impl<'a> Encoder<'a> {
    /// Of nothing yet, into the start of `out`.
    #[inline]
    pub const fn new(out: &'a mut [u8]) -> Self {
        Self { out, code: 0, end: 1 }
    }

    /// Encodes some bytes more.
    ///
    /// # Errors
    /// [`CobsError::Buffer`]; what is in `out` is then of no use.
    #[inline]
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), CobsError> {
        while !bytes.is_empty() {
            let left = self.left()?;
            let window = bytes.get(..left).unwrap_or(bytes);
            let taken = match window.len() {
                32.. => self.push_blocks::<32>(window)?,
                8.. => self.push_blocks::<8>(window)?,
                _ => self.push_blocks::<1>(window)?,
            };
            bytes = bytes.get(taken..).unwrap_or(&[]);
        }
        Ok(())
    }

    /// Ends the last group, and returns the length of all.
    ///
    /// # Errors
    /// [`CobsError::Buffer`]; what is in `out` is then of no use.
    #[inline]
    pub fn finish(mut self) -> Result<usize, CobsError> {
        self.end_group(self.end)?;
        Ok(self.end)
    }

    /// How many bytes fit into the group, which is a new one if none fits into the last.
    #[inline]
    fn left(&mut self) -> Result<usize, CobsError> {
        let len = self.end.saturating_sub(self.code);
        if len <= LONGEST {
            return Ok(LONGEST + 1 - len);
        }
        self.end_group(self.end)?;
        self.end = self.end.saturating_add(1);
        Ok(LONGEST)
    }

    /// Encodes bytes that fit into the group, up to the block with the first zero, and says how many
    /// that were.
    #[inline]
    fn push_blocks<const N: usize>(&mut self, bytes: &[u8]) -> Result<usize, CobsError> {
        let room = self.out.get_mut(self.end..).and_then(|room| room.get_mut(..bytes.len()));
        let clean = copy_until_zero::<N>(bytes, room.ok_or(CobsError::Buffer)?);
        let start = self.end.saturating_add(clean);
        let Some(block) = bytes.get(clean..).and_then(<[u8]>::first_chunk::<N>) else {
            self.end = start;
            return Ok(clean);
        };
        self.end = start;
        self.end_groups(block)?;
        Ok(clean.saturating_add(N))
    }

    /// Ends a group at each zero of a block that is in its place, and takes the block.
    #[inline]
    fn end_groups(&mut self, block: &[u8]) -> Result<(), CobsError> {
        let (words, rest) = block.as_chunks::<8>();
        for word in words {
            for at in zeros::places(zeros::marks(*word)) {
                self.end_group(self.end.saturating_add(at))?;
            }
            self.end = self.end.saturating_add(8);
        }
        for byte in rest {
            if *byte == 0 {
                self.end_group(self.end)?;
            }
            self.end = self.end.saturating_add(1);
        }
        Ok(())
    }

    /// Writes the code of the last group; the next one's will stand at `end`.
    #[inline]
    fn end_group(&mut self, end: usize) -> Result<(), CobsError> {
        let [code, ..] = end.wrapping_sub(self.code).to_le_bytes();
        *self.out.get_mut(self.code).ok_or(CobsError::Buffer)? = code;
        self.code = end;
        Ok(())
    }
}

/// Copies blocks up to the first with a zero in it, and returns how many bytes are before that block.
///
/// The last block may overlap the one before. `from` and `to` are of the same length, at least `N`.
#[inline]
fn copy_until_zero<const N: usize>(from: &[u8], to: &mut [u8]) -> usize {
    let (blocks, places) = (from.as_chunks::<N>().0, to.as_chunks_mut::<N>().0);
    let mut clean = 0usize;
    for (block, place) in blocks.iter().zip(places) {
        *place = *block;
        if zeros::any(block) {
            return clean;
        }
        clean = clean.saturating_add(N);
    }
    if let (Some((before, block)), Some(place)) =
        (from.split_last_chunk(), to.last_chunk_mut::<N>())
    {
        *place = *block;
        if zeros::any(block) {
            return before.len();
        }
    }
    from.len()
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::super::model;
    use super::*;

    #[test]
    fn every_split_is_encoded_as_the_whole() {
        for len in [0, 1, 7, 8, 31, 32, 33, 253, 254, 255, 256, 286, 509, 540] {
            for plain in [vec![0x5a; len], model::uneven(len)] {
                let want = model::encode(&plain);
                for first in 0..=len {
                    for second in [first, first + 1, first + 40, len] {
                        let (first, rest) = plain.split_at(first);
                        let (second, third) = rest.split_at(rest.len().min(second - first.len()));
                        let mut out = vec![0xa5; want.len()];
                        let mut encoder = Encoder::new(&mut out);
                        for part in [first, second, third] {
                            encoder.push(part).unwrap();
                        }
                        assert_eq!(encoder.finish(), Ok(want.len()));
                        assert!(out == want, "{len}: {}, {}", first.len(), second.len());
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_fits_into_nothing() {
        assert_eq!(Encoder::new(&mut []).finish(), Err(CobsError::Buffer));
        assert_eq!(Encoder::new(&mut []).push(&[1]), Err(CobsError::Buffer));
        assert_eq!(Encoder::new(&mut [0xa5]).push(&[1]), Err(CobsError::Buffer));
        assert_eq!(Encoder::new(&mut [0xa5]).finish(), Ok(1));
    }
}
