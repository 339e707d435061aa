use super::SendError;
use super::body::Body;
use super::config::{MAX_FRAME, OVERHEAD};
use super::number::Number;
use crate::copy::copy;
use crate::frame::{self, FrameError};
use crate::runtime::varint;

/// The packets that are kept until they are acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Window<const WINDOW: usize, const BUFFER: usize> {
    /// A ring, of which `kept` from `first` on are in use.
    slots: [Slot<BUFFER>; WINDOW],
    /// `0 <= first < WINDOW`
    first: usize,
    /// Number of the packet in `first`.
    oldest: Number,
    /// `0 <= next <= sent <= kept <= WINDOW`
    kept: u8,
    /// Outstanding: they have been on the line.
    sent: u8,
    /// How many of them need not be sent again.
    next: u8,
    /// How many the peer takes at once, 1 to 7.
    peers: u8,
}

/// A packet in a frame.
///
/// ```text
/// | len | link byte | packet | room for the checksum |
///       ^ varint::len(len)
/// ```
#[derive(Clone, Copy, Debug)]
struct Slot<const BUFFER: usize> {
    frame: [u8; BUFFER],
    /// Of link byte and packet.
    len: usize,
}

impl<const WINDOW: usize, const BUFFER: usize> Window<WINDOW, BUFFER> {
    /// Bytes of the largest packet that can be kept.
    pub(super) const MAX_PACKET: usize = {
        let room = BUFFER.saturating_sub(OVERHEAD);
        if room > MAX_FRAME as usize { MAX_FRAME as usize } else { room }
    };

    pub(super) const fn new() -> Self {
        const { assert!(WINDOW >= 1 && WINDOW <= 7, "a window is 1 to 7 packets") };
        const { assert!(BUFFER > OVERHEAD, "a buffer holds a packet and what is around it") };
        let slots = [Slot { frame: [0; BUFFER], len: 0 }; WINDOW];
        Self { slots, first: 0, oldest: Number::of(0), kept: 0, sent: 0, next: 0, peers: 1 }
    }

    /// Drops all, and counts from 0 again.
    pub(super) fn reset(&mut self, peers: u8) {
        (self.first, self.oldest) = (0, Number::of(0));
        (self.kept, self.sent, self.next, self.peers) = (0, 0, 0, peers);
    }

    pub(super) fn push(&mut self, packet: &[u8]) -> Result<(), SendError> {
        let (len, limit) = (packet.len(), Self::MAX_PACKET);
        match len {
            0 => return Err(SendError::Empty),
            _ if len > limit => return Err(SendError::TooLarge { len, limit }),
            _ => {}
        }
        let slot = if self.is_full() { None } else { self.slot(self.kept) };
        slot.ok_or(SendError::Full)?.fill(packet).ok_or(SendError::TooLarge { len, limit })?;
        self.kept = self.kept.saturating_add(1);
        Ok(())
    }

    /// Everything before `expected` has arrived. How many that are; `None`: the number is outside of
    /// what is outstanding.
    pub(super) fn acknowledge(&mut self, expected: Number) -> Option<u8> {
        let count = expected.since(self.oldest);
        if count > self.sent {
            return None;
        }
        self.first = self.first.wrapping_add(usize::from(count)) % WINDOW;
        self.oldest = expected;
        self.kept = self.kept.saturating_sub(count);
        self.sent = self.sent.saturating_sub(count);
        self.next = self.next.saturating_sub(count);
        Some(count)
    }

    /// Everything outstanding is to be sent again.
    pub(super) fn go_back(&mut self) {
        self.next = 0;
    }

    /// The next packet's frame for the line.
    ///
    /// # Errors
    /// None that comes about, since the packet was small enough.
    pub(super) fn frame(&mut self, expected: Number) -> Result<&[u8], FrameError> {
        let number = self.oldest.plus(self.next);
        let ([byte, ..], _) = Body::Data { number, expected, packet: &[] }.encode();
        self.slot(self.next).ok_or(FrameError::Buffer)?.seal(byte)
    }

    /// The next packet has gone; whether it had gone before.
    pub(super) fn advance(&mut self) -> bool {
        let again = self.next < self.sent;
        self.next = self.next.saturating_add(1);
        self.sent = self.sent.max(self.next);
        again
    }

    /// Whether there is a packet that may go now.
    pub(super) fn has_next(&self) -> bool {
        self.next < self.sent || self.sent < self.kept.min(self.peers)
    }

    pub(super) fn is_full(&self) -> bool {
        usize::from(self.kept) >= WINDOW
    }

    pub(super) fn kept(&self) -> u8 {
        self.kept
    }

    pub(super) fn outstanding(&self) -> u8 {
        self.sent
    }

    fn slot(&mut self, index: u8) -> Option<&mut Slot<BUFFER>> {
        self.slots.get_mut(self.first.wrapping_add(usize::from(index)) % WINDOW)
    }
}

impl<const BUFFER: usize> Slot<BUFFER> {
    fn fill(&mut self, packet: &[u8]) -> Option<()> {
        let len = packet.len().saturating_add(1);
        let head = varint::len(len as u64);
        let (_, room) = self.frame.get_mut(head..)?.get_mut(..len)?.split_first_mut()?;
        copy(packet, room);
        self.len = len;
        Some(())
    }

    fn seal(&mut self, byte: u8) -> Result<&[u8], FrameError> {
        let head = varint::len(self.len as u64);
        *self.frame.get_mut(head).ok_or(FrameError::Buffer)? = byte;
        let total = frame::close(&mut self.frame, head, self.len)?;
        self.frame.get(..total).ok_or(FrameError::Buffer)
    }
}
