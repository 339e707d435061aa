use core::error::Error;
use core::fmt::{self, Debug, Display, Formatter};

use super::{Descriptor, Field};

/// Why a message was not decoded or encoded: the message, the field, the limit and what was seen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MessageError {
    pub(super) message: &'static Descriptor,
    pub(super) field: u32,
    pub(super) kind: ErrorKind,
    pub(super) limit: u64,
    pub(super) seen: u64,
}

/// What was wrong. In brackets: what [`MessageError::limit`] and [`MessageError::seen`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Ends within a field (bytes there are; bytes announced).
    Truncated,
    /// A varint of more than 10 bytes or 64 bits.
    Varint,
    /// A field number of 0 or over 2^29 - 1.
    FieldNumber,
    /// A group, which proto3 does not have.
    Group,
    /// Another wire type than the field's, or 6 or 7, which do not exist (the field's; the one found).
    WireType,
    /// A number that its type cannot hold (largest; found).
    Range,
    /// Text that is not UTF-8.
    Utf8,
    /// A second occurrence of a message field, or a second member of a `oneof`.
    Twice,
    /// A value over its field's `max_bytes` (limit; length).
    MaxBytes,
    /// More elements than the field's `max_items` (limit; elements).
    MaxItems,
    /// Elements that are together over the field's `max_total_bytes` (limit; bytes).
    MaxTotalBytes,
    /// An empty value where the field is `non_empty`.
    Empty,
    /// A message over [`Limits::bytes`](super::Limits::bytes) (limit; length).
    MessageBytes,
    /// More elements than [`Limits::elements`](super::Limits::elements) (limit; elements).
    Elements,
    /// Messages nested deeper than [`Limits::depth`](super::Limits::depth) (limit; depth).
    Depth,
    /// The caller's buffer is too small (its length; bytes needed so far).
    Buffer,
    /// An owned message that would take too much from the heap (bytes it may take; bytes it would).
    Heap,
    /// The caller's slots are used up, or its visitor stopped.
    Stopped,
}

/// Whose fault an error is, when it comes from decoding a peer's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// Not an encoding of the schema: the peer is broken, and no later byte can be trusted.
    Malformed,
    /// An encoding, but over a limit.
    Limit,
    /// The caller's memory, or the caller's wish.
    Caller,
}

impl MessageError {
    /// The message's name in its schema.
    pub fn message(&self) -> &'static str {
        self.message.name
    }

    /// The field's number; 0 where no field was reached.
    pub fn field(&self) -> u32 {
        self.field
    }

    /// The field's name, where the schema has one of this number.
    pub fn field_name(&self) -> Option<&'static str> {
        self.message.field(self.field).map(|field| field.name)
    }

    #[cfg(feature = "alloc")]
    pub(crate) fn heap(message: &'static Descriptor, limit: usize, seen: usize) -> Self {
        let (limit, seen) = (limit as u64, seen as u64);
        Self { message, field: 0, kind: ErrorKind::Heap, limit, seen }
    }

    /// `seen` elements of a field that may have fewer.
    pub(crate) fn items(message: &'static Descriptor, field: &Field, seen: u32) -> Self {
        let (limit, seen) = (field.max_items.into(), seen.into());
        Self { message, field: field.number, kind: ErrorKind::MaxItems, limit, seen }
    }

    /// A message of `seen` bytes in a buffer of `limit` bytes.
    pub(crate) fn buffer(message: &'static Descriptor, limit: usize, seen: usize) -> Self {
        let (limit, seen) = (limit as u64, seen as u64);
        Self { message, field: 0, kind: ErrorKind::Buffer, limit, seen }
    }

    /// What was wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The limit that was passed; 0 where the kind has none.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// What was found instead; 0 where the kind has nothing to show.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Whose fault it is.
    pub fn class(&self) -> ErrorClass {
        self.kind.class()
    }
}

impl ErrorKind {
    /// Whose fault it is.
    pub fn class(self) -> ErrorClass {
        match self {
            Self::Truncated
            | Self::Varint
            | Self::FieldNumber
            | Self::Group
            | Self::WireType
            | Self::Range
            | Self::Utf8
            | Self::Twice => ErrorClass::Malformed,
            Self::MaxBytes
            | Self::MaxItems
            | Self::MaxTotalBytes
            | Self::Empty
            | Self::MessageBytes
            | Self::Elements
            | Self::Depth
            | Self::Heap => ErrorClass::Limit,
            Self::Buffer | Self::Stopped => ErrorClass::Caller,
        }
    }
}

impl Debug for MessageError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageError")
            .field("message", &self.message.name)
            .field("field", &self.field)
            .field("kind", &self.kind)
            .field("limit", &self.limit)
            .field("seen", &self.seen)
            .finish()
    }
}

impl Display for MessageError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.message.name)?;
        match (self.field, self.field_name()) {
            (0, _) => {}
            (_, Some(name)) => write!(f, ".{name}")?,
            (number, None) => write!(f, ", field {number}")?,
        }
        f.write_str(": ")?;
        self.describe(f)
    }
}

impl MessageError {
    fn describe(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (limit, seen) = (self.limit, self.seen);
        match self.kind {
            ErrorKind::Truncated => write!(f, "ends after {limit} of {seen} bytes"),
            ErrorKind::Varint => f.write_str("a varint of more than 10 bytes or 64 bits"),
            ErrorKind::FieldNumber => f.write_str("a field number out of range"),
            ErrorKind::Group => f.write_str("a group, which proto3 does not have"),
            ErrorKind::WireType if seen > 5 => write!(f, "wire type {seen}, which does not exist"),
            ErrorKind::WireType => write!(f, "wire type {seen}, not {limit}"),
            ErrorKind::Range => write!(f, "{seen} is out of range, at most {limit}"),
            ErrorKind::Utf8 => f.write_str("text that is not UTF-8"),
            ErrorKind::Twice => f.write_str("occurs twice"),
            ErrorKind::MaxBytes => write!(f, "{seen} bytes, at most {limit}"),
            ErrorKind::MaxItems => write!(f, "{seen} items, at most {limit}"),
            ErrorKind::MaxTotalBytes => write!(f, "{seen} bytes together, at most {limit}"),
            ErrorKind::Empty => f.write_str("is empty"),
            ErrorKind::MessageBytes => write!(f, "a message of {seen} bytes, at most {limit}"),
            ErrorKind::Elements => write!(f, "{seen} elements in the message, at most {limit}"),
            ErrorKind::Depth => write!(f, "messages nested {seen} deep, at most {limit}"),
            ErrorKind::Buffer => write!(f, "needs {seen} bytes, the buffer has {limit}"),
            ErrorKind::Heap => write!(f, "owned, {seen} bytes in memory, at most {limit}"),
            ErrorKind::Stopped => {
                f.write_str("stopped by the caller, or by its slots being used up")
            }
        }
    }
}

impl Error for MessageError {}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use crate::{DetectionTask, Message};

    #[test]
    fn an_error_says_where_it_is_and_what_is_wrong() {
        for (bytes, want) in [
            (&b"\x08\x01"[..], "DetectionTask.task_id: wire type 0, not 2"),
            (b"\x0e", "DetectionTask.task_id: wire type 6, which does not exist"),
            (b"\x37", "DetectionTask, field 6: wire type 7, which does not exist"),
            (b"\x00", "DetectionTask: a field number out of range"),
            (b"\x1a\x00\x1a\x00", "DetectionTask.process_filter: occurs twice"),
            (b"\x1a\x04\x12\x03a", "DetectionTask.process_filter: ends after 3 of 4 bytes"),
            (b"\x1a\x02\x1a\x01", "ProcessFilter.executable_pattern: ends after 0 of 1 bytes"),
            (
                b"\x50\x80\x80\x80\x80\x10",
                "DetectionTask.deadline_ms: 4294967296 is out of range, at most 4294967295",
            ),
        ] {
            let error = DetectionTask::decode(bytes).unwrap_err();
            assert_eq!(error.to_string(), want, "{bytes:02x?}");
        }
    }
}
