use core::num::NonZeroU64;

use super::number::Number;

/// The body of a frame on the line: one link byte and what it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body<'a> {
    /// `00sssaaa`
    Data { number: Number, expected: Number, packet: &'a [u8] },
    /// `01000aaa`
    Ack { expected: Number },
    /// `01001aaa`
    Nak { expected: Number },
    /// `10000www`
    Reset { window: u8, epoch: NonZeroU64 },
    /// `11000www`
    ResetAck { window: u8, epoch: NonZeroU64, answered: NonZeroU64 },
}

const ACK: u8 = 0b01000;
const NAK: u8 = 0b01001;
const RESET: u8 = 0b10000;
const RESET_ACK: u8 = 0b11000;

/// A body without a packet, at most.
pub(super) const CONTROL: usize = 1 + EPOCH + EPOCH;
const EPOCH: usize = 8;

impl<'a> Body<'a> {
    /// `None`: a link byte or a length that there is not.
    pub(super) fn decode(body: &'a [u8]) -> Option<Self> {
        let (&byte, rest) = body.split_first()?;
        let low = Number::of(byte);
        let window = low.bits();
        match byte >> 3 {
            number @ 0..8 if !rest.is_empty() => {
                Some(Self::Data { number: Number::of(number), expected: low, packet: rest })
            }
            ACK if rest.is_empty() => Some(Self::Ack { expected: low }),
            NAK if rest.is_empty() => Some(Self::Nak { expected: low }),
            RESET if window > 0 => {
                let [epoch] = epochs(rest)?;
                Some(Self::Reset { window, epoch })
            }
            RESET_ACK if window > 0 => {
                let [epoch, answered] = epochs(rest)?;
                Some(Self::ResetAck { window, epoch, answered })
            }
            _ => None,
        }
    }

    /// The link byte and the epochs; a packet is for the caller to write behind them. And how many bytes
    /// of it there are.
    pub(super) fn encode(&self) -> ([u8; CONTROL], usize) {
        let (high, low, epochs) = match *self {
            Self::Data { number, expected, packet: _ } => {
                (number.bits(), expected.bits(), [None; 2])
            }
            Self::Ack { expected } => (ACK, expected.bits(), [None; 2]),
            Self::Nak { expected } => (NAK, expected.bits(), [None; 2]),
            Self::Reset { window, epoch } => (RESET, window, [Some(epoch), None]),
            Self::ResetAck { window, epoch, answered } => {
                (RESET_ACK, window, [Some(epoch), Some(answered)])
            }
        };
        let (mut body, mut len) = ([high << 3 | low; CONTROL], 1);
        let (places, _) = body[1..].as_chunks_mut::<EPOCH>();
        for (place, epoch) in places.iter_mut().zip(epochs.into_iter().flatten()) {
            *place = epoch.get().to_le_bytes();
            len += EPOCH;
        }
        (body, len)
    }
}

/// Exactly `N` epochs.
fn epochs<const N: usize>(bytes: &[u8]) -> Option<[NonZeroU64; N]> {
    let (epochs, []) = bytes.as_chunks::<EPOCH>() else { return None };
    let epochs: &[[u8; EPOCH]; N] = epochs.try_into().ok()?;
    let mut read = [NonZeroU64::MIN; N];
    for (place, bytes) in read.iter_mut().zip(epochs) {
        *place = NonZeroU64::new(u64::from_le_bytes(*bytes))?;
    }
    Some(read)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    const ONE: NonZeroU64 = NonZeroU64::MIN;
    const OTHER: NonZeroU64 = NonZeroU64::new(0x9a3c_71e5_d20b_4f68).unwrap();

    #[test]
    fn every_link_byte_with_every_short_length_is_what_the_table_says_or_nothing() {
        let bytes: Vec<u8> = (1..=24).collect();
        for byte in 0..=u8::MAX {
            for len in 0..=bytes.len() {
                let body = [&[byte][..], &bytes[..len]].concat();
                let bits = (byte >> 6, byte >> 3 & 0b111, byte & 0b111);
                let want = match (bits, len) {
                    ((0b00, ..), 1..) => "DATA",
                    ((0b01, 0b000, _), 0) => "ACK",
                    ((0b01, 0b001, _), 0) => "NAK",
                    ((0b10, 0b000, 1..), 8) => "RESET",
                    ((0b11, 0b000, 1..), 16) => "RESET-ACK",
                    _ => "nothing",
                };
                let decoded = Body::decode(&body);
                assert_eq!(name(decoded), want, "{byte:08b} and {len} bytes");
                if let Some(decoded) = decoded {
                    let (head, len) = decoded.encode();
                    assert!(body.starts_with(&head[..len]), "{decoded:?}");
                }
            }
        }
        assert_eq!(Body::decode(&[]), None);
    }

    #[test]
    fn an_epoch_is_eight_bytes_the_lowest_first_and_never_0() {
        let reset = Body::Reset { window: 4, epoch: OTHER };
        let (bytes, len) = reset.encode();
        assert_eq!(bytes[..len], [0x84, 0x68, 0x4f, 0x0b, 0xd2, 0xe5, 0x71, 0x3c, 0x9a]);
        assert_eq!(Body::decode(&bytes[..len]), Some(reset));

        let answer = Body::ResetAck { window: 7, epoch: OTHER, answered: ONE };
        let (mut bytes, len) = answer.encode();
        assert_eq!(bytes[9..len], [1, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(Body::decode(&bytes), Some(answer));
        bytes[9] = 0;
        assert_eq!(Body::decode(&bytes), None);
        bytes[1..9].fill(0);
        bytes[9] = 1;
        assert_eq!(Body::decode(&bytes), None);
        assert_eq!(Body::decode(&[0x84, 0, 0, 0, 0, 0, 0, 0, 0]), None);
    }

    fn name(body: Option<Body<'_>>) -> &'static str {
        match body {
            Some(Body::Data { .. }) => "DATA",
            Some(Body::Ack { .. }) => "ACK",
            Some(Body::Nak { .. }) => "NAK",
            Some(Body::Reset { .. }) => "RESET",
            Some(Body::ResetAck { .. }) => "RESET-ACK",
            None => "nothing",
        }
    }
}
