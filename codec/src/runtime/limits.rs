/// What decoding one message may cost, whatever its bytes say.
///
/// These can only lower what the schema allows: of two limits on one thing the lower one holds.
///
/// ```
/// use eyelet_codec::{DetectionTask, Limits, Message};
///
/// // A board that keeps texts of 64 bytes.
/// let limits = Limits { value_bytes: 64, ..Limits::SCHEMA };
/// let task = DetectionTask { metadata: Some(&"m".repeat(65)), ..Default::default() };
/// let mut buf = [0; 128];
/// let len = task.encode(&mut buf)?;
/// let error = DetectionTask::decode_with(&buf[..len], &limits).unwrap_err();
/// assert_eq!(error.to_string(), "DetectionTask.metadata: 65 bytes, at most 64");
/// # Ok::<(), eyelet_codec::MessageError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Encoded bytes.
    pub bytes: u32,
    /// Elements of all repeated fields and unknown fields together, nested messages included.
    pub elements: u32,
    /// Messages within messages, the outermost counted.
    pub depth: u32,
    /// Bytes of one text or byte string.
    pub value_bytes: u32,
    /// Elements of one repeated field.
    pub items: u32,
}

impl Limits {
    /// 1 MiB is the largest frame there is (WIRE.md, `Hello.max_frame`); 65,536 elements are sixteen
    /// full repeated fields; our deepest message, a note of a record of an event of a result, is 4 deep.
    /// Values and items have their limits in the schema.
    pub const SCHEMA: Self = Self {
        bytes: 1024 * 1024,
        elements: 65_536,
        depth: 8,
        value_bytes: u32::MAX,
        items: u32::MAX,
    };

    /// For bytes that were checked before.
    pub(super) const CHECKED: Self = Self {
        bytes: u32::MAX,
        elements: u32::MAX,
        depth: u32::MAX,
        value_bytes: u32::MAX,
        items: u32::MAX,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::SCHEMA
    }
}
