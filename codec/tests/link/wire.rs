//! Bodies, frames and COBS, written and read as `proto/WIRE.md` says it.

/// A body on the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    Data { s: u8, a: u8, packet: Vec<u8> },
    Ack { a: u8 },
    Nak { a: u8 },
    Reset { w: u8, epoch: u64 },
    ResetAck { w: u8, epoch: u64, answered: u64 },
}

impl Body {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Data { s, a, packet } => [&[s << 3 | a][..], packet].concat(),
            Self::Ack { a } => vec![0b0100_0000 | a],
            Self::Nak { a } => vec![0b0100_1000 | a],
            Self::Reset { w, epoch } => [&[0b1000_0000 | w][..], &epoch.to_le_bytes()].concat(),
            Self::ResetAck { w, epoch, answered } => {
                let epochs = [epoch.to_le_bytes(), answered.to_le_bytes()].concat();
                [&[0b1100_0000 | w][..], &epochs].concat()
            }
        }
    }

    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let (&byte, rest) = body.split_first()?;
        let low = byte & 0b111;
        let epoch = |at: usize| u64::from_le_bytes(rest[at..at + 8].try_into().unwrap());
        match (byte >> 6, byte >> 3 & 0b111, rest.len()) {
            (0b00, s, 1..) => Some(Self::Data { s, a: low, packet: rest.to_vec() }),
            (0b01, 0, 0) => Some(Self::Ack { a: low }),
            (0b01, 1, 0) => Some(Self::Nak { a: low }),
            (0b10, 0, 8) if low > 0 && epoch(0) > 0 => {
                Some(Self::Reset { w: low, epoch: epoch(0) })
            }
            (0b11, 0, 16) if low > 0 && epoch(0) > 0 && epoch(8) > 0 => {
                Some(Self::ResetAck { w: low, epoch: epoch(0), answered: epoch(8) })
            }
            _ => None,
        }
    }
}

pub(crate) fn data(s: u8, a: u8, packet: &[u8]) -> Body {
    Body::Data { s: s % 8, a: a % 8, packet: packet.to_vec() }
}

/// A frame whose body is shorter than 16,384 bytes.
pub(crate) fn frame(body: &[u8]) -> Vec<u8> {
    let low = u8::try_from(body.len() % 128).unwrap();
    let mut frame = match body.len() / 128 {
        0 => vec![low],
        high => vec![low | 0x80, u8::try_from(high).unwrap()],
    };
    frame.extend(body);
    frame.extend(crc32c(&frame).to_le_bytes());
    frame
}

/// The body of a frame.
pub(crate) fn unframe(bytes: &[u8]) -> Vec<u8> {
    let head = if bytes[0] < 0x80 { 1 } else { 2 };
    let body = &bytes[head..bytes.len() - 4];
    assert_eq!(frame(body), bytes, "not a frame");
    body.to_vec()
}

/// What stands between the delimiters of some whole frames on the line, decoded.
pub(crate) fn frames(line: &[u8]) -> Vec<Vec<u8>> {
    assert!(line.last().is_none_or(|&last| last == 0), "a frame without an end");
    let stretches = line.split(|&byte| byte == 0);
    stretches.filter(|stretch| !stretch.is_empty()).map(uncobs).collect()
}

fn uncobs(stretch: &[u8]) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), stretch);
    while let Some((&code, behind)) = rest.split_first() {
        let (group, further) = behind.split_at(usize::from(code) - 1);
        bytes.extend(group);
        if code < 0xff {
            bytes.push(0);
        }
        rest = further;
    }
    if bytes.last() == Some(&0) {
        bytes.pop();
    }
    bytes
}

fn crc32c(bytes: &[u8]) -> u32 {
    let bits = bytes.iter().flat_map(|byte| (0..8).map(move |bit| u32::from(byte >> bit & 1)));
    let step = |crc: u32, bit| crc >> 1 ^ if (crc ^ bit) & 1 == 1 { 0x82f6_3b78 } else { 0 };
    !bits.fold(u32::MAX, step)
}
