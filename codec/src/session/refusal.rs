use core::fmt::{self, Display, Formatter, Write};

use heapless::Vec;

use crate::frame::FrameError;
use crate::{ErrorClass, Fault, FaultCode, MessageError};

/// Why this side ends a stream or the connection; on the wire it is a [`Fault`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What kind, and so whose fault.
    pub code: FaultCode,
    /// What exactly.
    pub detail: Detail,
}

/// What exactly was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Detail {
    /// A sentence.
    Text(&'static str),
    /// A sentence about a number: the limit, and what was seen.
    Number(&'static str, u64, u64),
    /// The two sides share no version of the protocol.
    Versions {
        /// This side's lowest and highest.
        ours: (u32, u32),
        /// The peer's lowest and highest.
        theirs: (u32, u32),
    },
    /// A frame.
    Frame(FrameError),
    /// A message.
    Message(MessageError),
}

impl Refusal {
    /// A refusal that a sentence explains.
    pub const fn new(code: FaultCode, text: &'static str) -> Self {
        Self { code, detail: Detail::Text(text) }
    }

    pub(super) const fn number(code: FaultCode, text: &'static str, limit: u64, seen: u64) -> Self {
        Self { code, detail: Detail::Number(text, limit, seen) }
    }

    /// Of a packet's own messages: whatever is wrong with them, the packet is malformed (rule 14).
    pub(super) fn malformed(error: MessageError) -> Self {
        Self { code: FaultCode::MALFORMED, detail: Detail::Message(error) }
    }

    /// Of a task: over a limit is INVALID on its stream, anything else ends the connection (rule 14).
    pub fn of_task(error: MessageError) -> Self {
        let code = match error.class() {
            ErrorClass::Malformed => FaultCode::MALFORMED,
            ErrorClass::Limit => FaultCode::INVALID,
            ErrorClass::Caller => FaultCode::INTERNAL,
        };
        Self { code, detail: Detail::Message(error) }
    }

    /// Runs `f` on the fault that says so; its texts are cut to the schema's limits.
    pub fn with_fault<T>(&self, f: impl FnOnce(&Fault<'_>) -> T) -> T {
        let (message, field) = (Text::<128>::of(&self.detail), self.field());
        let (limit, seen) = self.numbers().unzip();
        let field = field.as_ref().map(Text::as_str);
        f(&Fault { code: self.code, message: message.as_str(), field, limit, seen })
    }

    fn field(&self) -> Option<Text<64>> {
        match self.detail {
            Detail::Message(error) if error.field() != 0 => Some(Text::of(&Place(error))),
            _ => None,
        }
    }

    fn numbers(&self) -> Option<(u64, u64)> {
        match self.detail {
            Detail::Message(error) if error.limit() != 0 => Some((error.limit(), error.seen())),
            Detail::Frame(FrameError::TooLarge { len, limit }) => Some((limit.into(), len)),
            Detail::Number(_, limit, seen) => Some((limit, seen)),
            _ => None,
        }
    }
}

impl From<FrameError> for Refusal {
    fn from(error: FrameError) -> Self {
        let code = match error {
            FrameError::TooLarge { .. } => FaultCode::TOO_LARGE,
            FrameError::Checksum => FaultCode::CHECKSUM,
            FrameError::Length | FrameError::Empty => FaultCode::MALFORMED,
            FrameError::Buffer => FaultCode::INTERNAL,
        };
        Self { code, detail: Detail::Frame(error) }
    }
}

impl Display for Refusal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.detail.fmt(f)
    }
}

impl core::error::Error for Refusal {}

impl Display for Detail {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(text, limit, seen) => write!(f, "{text}: {seen}, limit {limit}"),
            Self::Versions { ours, theirs } => versions(f, *ours, *theirs),
            Self::Frame(error) => error.fmt(f),
            Self::Message(error) => error.fmt(f),
        }
    }
}

fn versions(f: &mut Formatter<'_>, ours: (u32, u32), theirs: (u32, u32)) -> fmt::Result {
    let upgrade = if theirs.1 < ours.0 { "your" } else { "this" };
    write!(
        f,
        "no protocol version in common: this side speaks {} to {}, you {} to {}; \
         upgrade {upgrade} side",
        ours.0, ours.1, theirs.0, theirs.1
    )
}

/// `Message.field`, or its number where it has no name.
struct Place(MessageError);

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(error) = self;
        match error.field_name() {
            Some(name) => write!(f, "{}.{name}", error.message()),
            None => write!(f, "{}.{}", error.message(), error.field()),
        }
    }
}

/// Text cut at a character boundary.
struct Text<const N: usize>(Vec<u8, N>);

impl<const N: usize> Text<N> {
    fn of(value: &impl Display) -> Self {
        let mut text = Self(Vec::new());
        // An error means that the text is full, which is what cutting is.
        let _ = write!(text, "{value}");
        text
    }

    fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or("")
    }
}

impl<const N: usize> Write for Text<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for char in text.chars() {
            let mut utf8 = [0; 4];
            let bytes = char.encode_utf8(&mut utf8).as_bytes();
            if N.saturating_sub(self.0.len()) < bytes.len() {
                return Err(fmt::Error);
            }
            for &byte in bytes {
                let _ = self.0.push(byte);
            }
        }
        Ok(())
    }
}
