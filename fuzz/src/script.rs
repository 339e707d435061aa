//! What happens to one side of a line, one thing after the other, as bytes.

/// What is left of it. A script may end anywhere.
#[derive(Clone, Copy)]
pub(crate) struct Script<'a>(pub(crate) &'a [u8]);

impl<'a> Script<'a> {
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    /// A length of two bytes, little-endian, and as many bytes, or all that are left.
    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let (len, rest) = self.0.split_first_chunk()?;
        let (bytes, rest) = rest.split_at(rest.len().min(u16::from_le_bytes(*len).into()));
        self.0 = rest;
        Some(bytes)
    }
}
