use crate::frame::{self, FrameError};
use crate::runtime::varint;
use crate::{Fault, Message, MessageError, Packet, PacketBody};

/// Room for any frame that [`poll_transmit`](super::Session::poll_transmit) writes: a `Fault` or
/// `GoAway` body of at most 256 bytes.
pub const CONTROL_FRAME: usize = 256 + frame::MAX_OVERHEAD;

/// Writes a packet as a frame and returns its length.
pub(super) fn write(packet: &Packet<'_>, buf: &mut [u8]) -> Result<usize, MessageError> {
    let end = buf.len().saturating_sub(frame::CRC);
    let body = buf.get_mut(frame::HEAD..end).unwrap_or(&mut []);
    let len = packet.encode(body)?;
    // No packet that is written here is empty, and none is so large that its length needs more than
    // the head.
    Ok(frame::seal(buf, len).unwrap_or(0))
}

/// A `Fault` as a frame; `stream` 0 is the connection. Its texts are cut to the schema's limits, so
/// that its body is at most 256 bytes.
///
/// # Errors
/// A buffer that is too small; [`CONTROL_FRAME`] bytes never are.
pub fn write_fault(stream: u32, fault: &Fault<'_>, buf: &mut [u8]) -> Result<usize, MessageError> {
    let message = cut(fault.message, Fault::MESSAGE.max_bytes);
    let field = fault.field.map(|field| cut(field, Fault::FIELD.max_bytes));
    let fault = Fault { message, field, ..*fault };
    write(&Packet { stream, more: false, body: Some(PacketBody::Fault(fault)) }, buf)
}

/// The longest start of `text` that ends at a character boundary within `max` bytes.
pub(super) fn cut(text: &str, max: u32) -> &str {
    let max = text.len().min(max as usize);
    (0..=max).rev().find_map(|end| text.get(..end)).unwrap_or("")
}

/// What a frame that is written in place carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried {
    /// Agent to collector.
    Task,
    /// Collector to agent.
    Result,
}

/// A frame whose task or result is written in place, so that nothing is copied.
///
/// ```text
/// [ frame::HEAD | stream | tag | length, 3 bytes ] task or result | more, if so | checksum
/// ^ start of the buffer                            ^ message_start()
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OpenFrame {
    message: usize,
}

/// The length of the message within its packet, padded so that it need not be known beforehand; a
/// varint of three bytes reaches 2 MiB.
const LENGTH: usize = 3;
const STREAM_KEY: u8 = 1 << 3;
const MORE: [u8; 2] = [2 << 3, 1];
const TASK_KEY: u8 = 4 << 3 | 2;
const RESULT_KEY: u8 = 5 << 3 | 2;

impl OpenFrame {
    /// Bytes before the message at most.
    pub const MAX_HEAD: usize = frame::HEAD + 1 + 5 + 1 + LENGTH;

    /// Bytes behind the message at most: `more` and the checksum, and one by which a body of 16 KiB or
    /// more is moved.
    pub const MAX_TAIL: usize = 2 + 4 + 1;

    /// Begins a frame at the start of `buf`.
    ///
    /// # Errors
    /// A buffer without room for the head.
    pub fn begin(buf: &mut [u8], stream: u32, carried: Carried) -> Result<Self, FrameError> {
        let id = varint::len(stream.into());
        let message = frame::HEAD + 1 + id + 1 + LENGTH;
        let head = buf.get_mut(frame::HEAD..message).ok_or(FrameError::Buffer)?;
        let (key, rest) = head.split_first_mut().ok_or(FrameError::Buffer)?;
        *key = STREAM_KEY;
        let (number, rest) = rest.split_at_mut_checked(id).ok_or(FrameError::Buffer)?;
        varint::write(stream.into(), number);
        *rest.first_mut().ok_or(FrameError::Buffer)? = match carried {
            Carried::Task => TASK_KEY,
            Carried::Result => RESULT_KEY,
        };
        Ok(Self { message })
    }

    /// Where the message begins in the buffer.
    pub fn message_start(&self) -> usize {
        self.message
    }

    /// Body bytes of the frame, with a message of `len` bytes: what it costs of the stream's credit.
    pub fn body_len(&self, len: usize, more: bool) -> usize {
        let head = self.message.saturating_sub(frame::HEAD);
        head.saturating_add(len).saturating_add(if more { MORE.len() } else { 0 })
    }

    /// Ends the frame behind a message of `len` bytes and returns the frame's length.
    ///
    /// # Errors
    /// A buffer without room for the tail, or a body over [`frame::MAX_BODY`].
    pub fn seal(self, buf: &mut [u8], len: usize, more: bool) -> Result<usize, FrameError> {
        let length = buf.get_mut(self.message.saturating_sub(LENGTH)..self.message);
        let length = length.ok_or(FrameError::Buffer)?;
        varint::write(len as u64, length);
        if more {
            let end = self.message.saturating_add(len);
            let tail = buf.get_mut(end..).and_then(<[u8]>::first_chunk_mut);
            *tail.ok_or(FrameError::Buffer)? = MORE;
        }
        frame::seal(buf, self.body_len(len, more))
    }
}
