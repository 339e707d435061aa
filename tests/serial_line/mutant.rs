use std::fmt::{self, Display, Formatter};
use std::num::NonZeroU64;

use eyelet_codec::cobs::{self, DELIMITER};
use eyelet_codec::frame::{self, MAX_OVERHEAD};

use crate::station::LINE;

/// A part of the protocol that is left out, by changing what goes into a link and what comes out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lacks {
    Nothing,
    /// Checksums fit whatever has arrived.
    Checksum,
    /// All are the same.
    Epochs,
    /// DATA is taken before a RESET-ACK has come.
    Patience,
    /// A repeated DATA has the a of its first time.
    CurrentNumbers,
}

pub(crate) const CONTROLS: [Lacks; 4] =
    [Lacks::Checksum, Lacks::Epochs, Lacks::Patience, Lacks::CurrentNumbers];

/// What stands between one side's link and its line.
pub(crate) struct Mutant {
    lacks: Lacks,
    side: usize,
    /// Of this side, and whether the peer has really answered it.
    epoch: u64,
    is_answered: bool,
    peer: u64,
    /// The a of each number's first time.
    first: [u8; 8],
}

impl Mutant {
    pub(crate) fn new(lacks: Lacks, side: usize) -> Self {
        Self { lacks, side, epoch: 0, is_answered: false, peer: UNKNOWN, first: [0; 8] }
    }

    /// The `count`th epoch of this side.
    pub(crate) fn epoch(&mut self, count: u64) -> NonZeroU64 {
        let fresh = (1 + self.side as u64) << 32 | count;
        self.epoch = if self.lacks == Lacks::Epochs { 1 } else { fresh };
        self.is_answered = false;
        NonZeroU64::new(self.epoch).unwrap()
    }

    pub(crate) fn restart(&mut self) {
        self.peer = UNKNOWN;
    }

    /// What the link gets to see of a frame that has come.
    pub(crate) fn received(&mut self, frame: Vec<u8>) -> Vec<u8> {
        match self.lacks {
            Lacks::Checksum => with_checksum(&frame).unwrap_or(frame),
            _ => frame,
        }
    }

    /// An answer that has not come, if DATA is to be taken without it.
    pub(crate) fn answer_before(&mut self, frame: &[u8], is_connecting: bool) -> Option<Vec<u8>> {
        if self.lacks != Lacks::Patience {
            return None;
        }
        let body = body(frame)?;
        match body.first()? >> 3 {
            0..8 if is_connecting && body.len() > 1 => {
                let epochs = [self.peer.to_le_bytes(), self.epoch.to_le_bytes()].concat();
                Some(framed(&[&[RESET_ACK | 1][..], &epochs].concat()))
            }
            // RESET and RESET-ACK.
            0b10000 | 0b11000 => {
                let epoch =
                    |at: usize| body.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes);
                self.peer = epoch(1)?;
                self.is_answered |= epoch(9) == Some(self.epoch);
                None
            }
            _ => None,
        }
    }

    /// What the line gets to see of a frame that is sent.
    pub(crate) fn sent(&mut self, line: Vec<u8>, is_repeat: bool) -> Vec<u8> {
        match self.lacks {
            Lacks::CurrentNumbers => self.with_first_number(&line, is_repeat).unwrap_or(line),
            // The link believes that it has been answered, and leaves it to us to repeat RESET.
            Lacks::Patience if !self.is_answered => {
                let reset = [&[RESET | 1][..], &self.epoch.to_le_bytes()].concat();
                [on_line(&framed(&reset)), line].concat()
            }
            _ => line,
        }
    }

    fn with_first_number(&mut self, line: &[u8], is_repeat: bool) -> Option<Vec<u8>> {
        let mut plain = [0; LINE];
        let stretch = line.split(|&byte| byte == DELIMITER).find(|stretch| !stretch.is_empty())?;
        let len = cobs::decode(stretch, &mut plain).ok()?;
        let mut body = body(&plain[..len])?.to_vec();
        let (number, a) = (body[0] >> 3, body[0] & 0b111);
        if number > 7 {
            return None;
        }
        let first = &mut self.first[usize::from(number)];
        if !is_repeat {
            *first = a;
        }
        body[0] = number << 3 | *first;
        Some(on_line(&framed(&body)))
    }
}

const UNKNOWN: u64 = 0x0bad;
const RESET: u8 = 0b1000_0000;
const RESET_ACK: u8 = 0b1100_0000;

/// The body of a frame that has the length it says; its checksum may be wrong.
fn body(frame: &[u8]) -> Option<&[u8]> {
    let (&len, rest) = frame.split_first()?;
    let body = rest.get(..rest.len().checked_sub(4)?)?;
    (body.len() == usize::from(len) && (1..128).contains(&len)).then_some(body)
}

fn with_checksum(frame: &[u8]) -> Option<Vec<u8>> {
    body(frame).map(framed)
}

fn framed(body: &[u8]) -> Vec<u8> {
    let mut frame = vec![0; body.len() + MAX_OVERHEAD];
    let len = frame::encode(body, &mut frame).expect("a body of the link");
    frame.truncate(len);
    frame
}

fn on_line(frame: &[u8]) -> Vec<u8> {
    let mut line = vec![DELIMITER; cobs::max_encoded_len(frame.len()) + 2];
    let len = cobs::encode(frame, &mut line[1..]).expect("there is room");
    line.truncate(len + 1);
    line.push(DELIMITER);
    line
}

impl Display for Lacks {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "the link as it is",
            Self::Checksum => "without CRC",
            Self::Epochs => "without epochs",
            Self::Patience => "DATA taken before the RESET-ACK",
            Self::CurrentNumbers => "a stale a on repeats",
        })
    }
}
