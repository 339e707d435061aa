use eyelet_codec::Message;
use eyelet_codec::frame::{self, Decoded, FrameError, MAX_OVERHEAD};

use crate::NodeError;
use crate::messages::commands::Command;

/// Room for fields that a later host sends and this node skips.
const LATER: usize = 64;
const LONGEST: usize = Command::MAX_ENCODED_LEN + LATER;
/// With its frame.
const ROOM: usize = LONGEST + MAX_OVERHEAD;

#[expect(clippy::cast_possible_truncation, reason = "no message is over 1 MiB")]
const MAX_COMMAND: u32 = LONGEST as u32;

/// Takes commands from a serial line, byte by byte.
///
/// After an error nobody knows where the next frame begins: [`clear`](Self::clear) it once the line has
/// been silent. Where bytes are lost in earnest, `eyelet_codec` has a link that repeats them.
#[derive(Debug)]
pub struct Inbox {
    bytes: [u8; ROOM],
    /// `filled <= ROOM`
    filled: usize,
    /// What is filled is a command that has been handed out.
    complete: bool,
}

impl Inbox {
    /// With nothing in it.
    pub const fn new() -> Self {
        Self { bytes: [0; ROOM], filled: 0, complete: false }
    }

    /// Takes the next byte, and with a frame's last one returns the command in it.
    ///
    /// # Errors
    /// Bytes that are no frame, or not a command within its limits.
    pub fn receive(&mut self, byte: u8) -> Result<Option<Command<'_>>, NodeError> {
        if self.complete {
            self.clear();
        }
        *self.bytes.get_mut(self.filled).ok_or(FrameError::Buffer)? = byte;
        self.filled += 1;
        let filled = self.bytes.get(..self.filled).ok_or(FrameError::Buffer)?;
        match frame::decode(filled, MAX_COMMAND)? {
            Decoded::Partial { .. } => Ok(None),
            Decoded::Frame { body, .. } => {
                self.complete = true;
                Ok(Some(Command::decode(body)?))
            }
        }
    }

    /// Forgets what has come.
    pub fn clear(&mut self) {
        self.filled = 0;
        self.complete = false;
    }
}

impl Default for Inbox {
    fn default() -> Self {
        Self::new()
    }
}
