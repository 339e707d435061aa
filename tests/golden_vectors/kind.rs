//! The words of the vectors for what can be wrong, and the codec's.

use eyelet_codec::frame::FrameError;
use eyelet_codec::{ErrorClass, ErrorKind, MessageError};
use serde_json::Value;

use crate::notation::{number, text};

/// A word for each kind that bytes from a peer can be refused for.
pub(crate) const KINDS: [(&str, ErrorKind); 15] = [
    ("truncated", ErrorKind::Truncated),
    ("varint", ErrorKind::Varint),
    ("field_number", ErrorKind::FieldNumber),
    ("group", ErrorKind::Group),
    ("wire_type", ErrorKind::WireType),
    ("range", ErrorKind::Range),
    ("utf8", ErrorKind::Utf8),
    ("twice", ErrorKind::Twice),
    ("max_bytes", ErrorKind::MaxBytes),
    ("max_items", ErrorKind::MaxItems),
    ("max_total_bytes", ErrorKind::MaxTotalBytes),
    ("non_empty", ErrorKind::Empty),
    ("message_bytes", ErrorKind::MessageBytes),
    ("elements", ErrorKind::Elements),
    ("depth", ErrorKind::Depth),
];

#[track_caller]
pub(crate) fn assert_refused(error: MessageError, want: &Value, name: &str) {
    let kind = KINDS.iter().find(|(word, _)| *word == text(want, "kind")).expect("a kind").1;
    let class = match text(want, "class") {
        "malformed" => ErrorClass::Malformed,
        "limit" => ErrorClass::Limit,
        other => panic!("{name}: no class {other}"),
    };
    let place = (text(want, "message"), number(want, "field"));
    assert_eq!((error.message(), error.field()), place, "{name}: {error}");
    assert_eq!((error.class(), error.kind()), (class, kind), "{name}: {error}");
    if class == ErrorClass::Limit {
        let numbers = (number(want, "limit"), number(want, "seen"));
        assert_eq!((error.limit(), error.seen()), numbers, "{name}: {error}");
    }
}

pub(crate) fn frame_error(want: &Value) -> FrameError {
    match text(want, "kind") {
        "length" => FrameError::Length,
        "empty" => FrameError::Empty,
        "too_large" => {
            FrameError::TooLarge { len: number(want, "seen"), limit: number(want, "limit") }
        }
        "checksum" => FrameError::Checksum,
        other => panic!("a frame cannot be {other}"),
    }
}
