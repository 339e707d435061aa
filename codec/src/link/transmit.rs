use core::time::Duration;

use super::Link;
use super::body::Body;
use crate::cobs::{self, DELIMITER};
use crate::frame::FrameError;

/// What is owed to the peer beside packets.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one frame that is owed or not")]
pub(super) struct Owed {
    pub(super) reset: bool,
    /// A RESET-ACK.
    pub(super) answer: bool,
    pub(super) nak: bool,
    /// An ACK for a repeat.
    pub(super) repeat: bool,
    /// An acknowledgment for what was delivered; any frame with a number will do.
    pub(super) ack: bool,
    /// Something has gone since the line was last left quiet.
    begun: bool,
}

impl Owed {
    pub(super) fn reset() -> Self {
        Self { reset: true, ..Self::default() }
    }

    /// Nothing of a session that is over.
    pub(super) fn clear(&mut self) {
        (self.nak, self.repeat, self.ack) = (false, false, false);
    }
}

/// What goes next.
#[derive(Clone, Copy, Debug)]
enum Next {
    Answer,
    Reset,
    Nak,
    Repeat,
    Packet,
    Ack,
}

impl<const WINDOW: usize, const BUFFER: usize> Link<WINDOW, BUFFER> {
    /// Writes the next frame for the line and returns its length, delimiters included; `None`: nothing
    /// is to be sent now. The timer of what it writes starts at `now`.
    ///
    /// # Errors
    /// [`FrameError::Buffer`], and nothing has changed; [`MAX_LINE`](Self::MAX_LINE) bytes are enough.
    pub fn poll_transmit(
        &mut self,
        now: Duration,
        buf: &mut [u8],
    ) -> Result<Option<usize>, FrameError> {
        let Some(next) = self.next() else {
            self.owed.begun = false;
            return Ok(None);
        };
        let len = self.write(next, buf)?;
        self.owed.begun = true;
        self.gone(now, next);
        Ok(Some(len))
    }

    fn next(&self) -> Option<Next> {
        let owed = &self.owed;
        match () {
            () if owed.answer => Some(Next::Answer),
            () if owed.reset => Some(Next::Reset),
            () if owed.nak => Some(Next::Nak),
            () if owed.repeat => Some(Next::Repeat),
            () if self.window.has_next() => Some(Next::Packet),
            () if owed.ack => Some(Next::Ack),
            () => None,
        }
    }

    fn write(&mut self, next: Next, buf: &mut [u8]) -> Result<usize, FrameError> {
        // A delimiter before it ends what a quiet line has made up.
        let quiet = usize::from(!self.owed.begun);
        let (before, line) = buf.split_at_mut_checked(quiet).ok_or(FrameError::Buffer)?;
        before.fill(DELIMITER);
        let len = match self.control(next) {
            Some(body) => {
                let (body, len) = body.encode();
                cobs::encode_frame(body.get(..len).unwrap_or(&[]), line)?
            }
            None => write_line(self.window.frame(self.expected)?, line)?,
        };
        Ok(len.saturating_add(quiet))
    }

    /// `None`: it is a packet.
    fn control(&self, next: Next) -> Option<Body<'static>> {
        let (window, epoch, expected) = (Self::WINDOW_BITS, self.epoch, self.expected);
        match next {
            Next::Packet => None,
            Next::Answer => {
                Some(Body::ResetAck { window, epoch, answered: self.peer.unwrap_or(epoch) })
            }
            Next::Reset => Some(Body::Reset { window, epoch }),
            Next::Nak => Some(Body::Nak { expected }),
            Next::Repeat | Next::Ack => Some(Body::Ack { expected }),
        }
    }

    fn gone(&mut self, now: Duration, next: Next) {
        match next {
            Next::Answer => self.owed.answer = false,
            Next::Reset => {
                self.owed.reset = false;
                self.timer = Some(self.repeat_at(now));
            }
            Next::Nak => (self.owed.nak, self.owed.ack) = (false, false),
            Next::Repeat | Next::Ack => (self.owed.repeat, self.owed.ack) = (false, false),
            Next::Packet => {
                self.owed.ack = false;
                self.timer = Some(self.repeat_at(now));
                if self.window.advance() {
                    self.counters.repeats = self.counters.repeats.saturating_add(1);
                }
            }
        }
    }
}

/// A frame and its delimiter.
fn write_line(frame: &[u8], line: &mut [u8]) -> Result<usize, FrameError> {
    let len = cobs::encode(frame, line).map_err(|_| FrameError::Buffer)?;
    *line.get_mut(len).ok_or(FrameError::Buffer)? = DELIMITER;
    Ok(len.saturating_add(1))
}
