use std::error::Error;
use std::fmt::{self, Display, Formatter};

use eyelet_codec::FaultCode;

/// Why a stream or a connection ended before its time, as one side told the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind, and so whose fault.
    pub code: FaultCode,
    /// For people.
    pub message: String,
    /// The message and field that broke a limit.
    pub field: Option<String>,
    /// The limit.
    pub limit: Option<u64>,
    /// What was seen instead.
    pub seen: Option<u64>,
}

impl Fault {
    /// A fault that a sentence explains; on the wire it is cut to 128 bytes.
    pub fn new(code: FaultCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None, limit: None, seen: None }
    }

    /// As the wire has it; what writes it cuts its texts.
    pub(crate) fn as_wire(&self) -> eyelet_codec::Fault<'_> {
        eyelet_codec::Fault {
            code: self.code,
            message: &self.message,
            field: self.field.as_deref(),
            limit: self.limit,
            seen: self.seen,
        }
    }
}

/// The longest start of `text` that ends at a character boundary within `max` bytes.
pub(crate) fn cut(text: &str, max: u32) -> &str {
    let mut end = text.len().min(max as usize);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

impl From<&eyelet_codec::Fault<'_>> for Fault {
    fn from(wire: &eyelet_codec::Fault<'_>) -> Self {
        Self {
            code: wire.code,
            message: wire.message.to_owned(),
            field: wire.field.map(str::to_owned),
            limit: wire.limit,
            seen: wire.seen,
        }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = self.code.name().and_then(|name| name.strip_prefix("FAULT_CODE_"));
        match name {
            Some(name) => write!(f, "{name}: ")?,
            None => write!(f, "fault {}: ", self.code.0)?,
        }
        write_visible(f, &self.message)?;
        match &self.field {
            Some(field) if !self.message.contains(field.as_str()) => {
                write!(f, " ({})", field.escape_default())
            }
            _ => Ok(()),
        }
    }
}

/// The peer's words reach terminals and logs: control characters in them are shown and do nothing.
fn write_visible(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    for char in text.chars() {
        if char.is_control() {
            write!(f, "{}", char.escape_default())?;
        } else {
            write!(f, "{char}")?;
        }
    }
    Ok(())
}

impl Error for Fault {}
