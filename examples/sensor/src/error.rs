use core::error::Error;
use core::fmt::{self, Display, Formatter};

use eyelet_codec::MessageError;
use eyelet_codec::frame::FrameError;

/// Why bytes were no command, or a report could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeError {
    /// Around the message.
    Frame(FrameError),
    /// In it: message, field, limit and what was seen.
    Message(MessageError),
}

impl Display for NodeError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frame(error) => error.fmt(f),
            Self::Message(error) => error.fmt(f),
        }
    }
}

impl Error for NodeError {}

impl From<FrameError> for NodeError {
    fn from(error: FrameError) -> Self {
        Self::Frame(error)
    }
}

impl From<MessageError> for NodeError {
    fn from(error: MessageError) -> Self {
        Self::Message(error)
    }
}
