//! What is done with every field that was decoded: the same work, whoever decoded it.

/// Sees fields one by one. An absent field and one that holds its type's zero or nothing are the same,
/// since not every peer can tell them apart.
pub(crate) trait Observer {
    /// A number, or a float's bits.
    fn number(&mut self, field: u64, value: u64);
    /// A text, or bytes.
    fn bytes(&mut self, field: u64, value: &[u8]);
}

/// What is measured: every number, and of each text its length, its first and its last byte.
#[derive(Default)]
pub(crate) struct Glance(pub(crate) u64);

impl Observer for Glance {
    #[inline(always)]
    fn number(&mut self, field: u64, value: u64) {
        self.0 = self.0.wrapping_add(value.wrapping_mul(2 * field + 1));
    }

    #[inline(always)]
    fn bytes(&mut self, field: u64, value: &[u8]) {
        if let (Some(first), Some(last)) = (value.first(), value.last()) {
            let ends = u64::from(*first) << 32 | u64::from(*last) << 40;
            self.number(field, value.len() as u64 | ends);
        }
    }
}

/// What proves that two decoders saw the same: every byte, and in which order (FNV-1a).
pub(crate) struct Digest(pub(crate) u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    fn step(&mut self, value: u64) {
        for byte in value.to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

impl Observer for Digest {
    fn number(&mut self, field: u64, value: u64) {
        if value != 0 {
            self.step(field);
            self.step(value);
        }
    }

    fn bytes(&mut self, field: u64, value: &[u8]) {
        if value.is_empty() && !LISTS.contains(&field) {
            return;
        }
        self.step(field);
        self.step(value.len() as u64);
        value.iter().for_each(|byte| self.step(u64::from(*byte)));
    }
}

/// An empty element of these is an element.
const LISTS: [u64; 3] = [5, 23, 31];
