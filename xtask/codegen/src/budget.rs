use serde::Serialize;

use crate::schema::{Message, Schema};
use crate::worst_case;

/// What decoding a message may cost, whatever its bytes say.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Budget {
    pub(crate) bytes: u64,
    pub(crate) elements: u64,
    pub(crate) depth: u32,
}

/// Room for fields that only a newer peer knows, and for numbers written longer than they need be.
const UNKNOWN_BYTES: u64 = 4096;
/// Each unknown field is an element.
const UNKNOWN_FIELDS: u64 = 1024;
/// Of any message.
const ELEMENTS: u64 = 65_536;

impl Budget {
    pub(crate) fn of(schema: &Schema, message: &Message) -> Self {
        let bytes = worst_case::message(schema, message);
        let elements = worst_case::elements(schema, message);
        Self {
            bytes: (2 * bytes + UNKNOWN_BYTES).min(worst_case::MESSAGE),
            elements: elements.saturating_add(UNKNOWN_FIELDS).min(ELEMENTS),
            depth: worst_case::depth(schema, message),
        }
    }
}
