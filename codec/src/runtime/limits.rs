/// What decoding one message may cost, whatever its bytes say. The schema's limits of each field
/// hold besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Encoded bytes.
    pub bytes: u32,
    /// Elements of all repeated fields and unknown fields together, nested messages included.
    pub elements: u32,
    /// Messages within messages, the outermost counted.
    pub depth: u32,
}

impl Limits {
    /// 1 MiB is the largest frame there is (WIRE.md, `Hello.max_frame`); 65,536 elements are sixteen
    /// full repeated fields; our deepest message, a note of a record of an event of a result, is 4 deep.
    pub const SCHEMA: Self = Self { bytes: 1024 * 1024, elements: 65_536, depth: 8 };

    /// For bytes that were checked before.
    pub(super) const CHECKED: Self = Self { bytes: u32::MAX, elements: u32::MAX, depth: u32::MAX };
}

impl Default for Limits {
    fn default() -> Self {
        Self::SCHEMA
    }
}
