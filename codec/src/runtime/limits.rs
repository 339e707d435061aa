/// What decoding one message may cost, whatever its bytes say.
///
/// Each message has its own by the schema ([`Message::LIMITS`](super::Message::LIMITS)). Those of a
/// caller can only lower them: of two limits on one thing the lower one holds.
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
    /// Those of the schema, and nothing lower.
    pub const SCHEMA: Self = Self {
        bytes: u32::MAX,
        elements: u32::MAX,
        depth: u32::MAX,
        value_bytes: u32::MAX,
        items: u32::MAX,
    };

    /// The lower of both.
    #[must_use]
    #[inline]
    pub fn lowered(&self, other: &Self) -> Self {
        Self {
            bytes: self.bytes.min(other.bytes),
            elements: self.elements.min(other.elements),
            depth: self.depth.min(other.depth),
            value_bytes: self.value_bytes.min(other.value_bytes),
            items: self.items.min(other.items),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::SCHEMA
    }
}
