//! Frames and packets written and read byte by byte, as `proto/WIRE.md` has them and with nothing of
//! eyelet's own: what a hostile or foreign peer says, and what it understands.

use eyelet_codec::FaultCode;

/// Field numbers of `Packet`'s bodies.
pub mod body {
    /// First packet, both ways.
    pub const HELLO: u32 = 3;
    /// Opens a stream.
    pub const TASK: u32 = 4;
    /// One chunk.
    pub const RESULT: u32 = 5;
    /// Ends a stream or the connection.
    pub const FAULT: u32 = 6;
    /// How far results may go.
    pub const CREDIT: u32 = 7;
    /// No more of a stream.
    pub const CANCEL: u32 = 8;
    /// Are you there?
    pub const PING: u32 = 9;
    /// Yes.
    pub const PONG: u32 = 10;
    /// No new tasks.
    pub const GO_AWAY: u32 = 11;
}

/// `Role` of a `Hello`.
pub const AGENT: u64 = 1;
/// `Role` of a `Hello`.
pub const COLLECTOR: u64 = 2;

/// LEB128 in its shortest form.
pub fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    bytes.push(value.to_le_bytes()[0]);
    bytes
}

/// CRC-32/ISCSI.
pub fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| crc >> 8 ^ TABLE[usize::from(crc.to_le_bytes()[0] ^ byte)])
}

static TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 * 8 {
        let entry: &mut u32 = &mut table[index / 8];
        if index % 8 == 0 {
            #[expect(clippy::cast_possible_truncation, reason = "below 256")]
            let byte = (index / 8) as u32;
            *entry = byte;
        }
        *entry = if *entry & 1 == 1 { *entry >> 1 ^ 0x82f6_3b78 } else { *entry >> 1 };
        index += 1;
    }
    table
}

/// A body as a frame.
pub fn frame(body: &[u8]) -> Vec<u8> {
    let mut frame = varint(body.len() as u64);
    frame.extend_from_slice(body);
    let crc = crc32c(&frame);
    frame.extend_from_slice(&crc.to_le_bytes());
    frame
}

/// A field that holds a number.
pub fn number(field: u32, value: u64) -> Vec<u8> {
    let mut bytes = varint(u64::from(field) << 3);
    bytes.extend(varint(value));
    bytes
}

/// A field that holds text, bytes or a message.
pub fn bytes(field: u32, value: &[u8]) -> Vec<u8> {
    let mut bytes = varint(u64::from(field) << 3 | 2);
    bytes.extend(varint(value.len() as u64));
    bytes.extend_from_slice(value);
    bytes
}

/// A packet's body, not framed yet. Stream 0 is left out, as proto3 does.
pub fn packet(stream: u32, field: u32, content: &[u8]) -> Vec<u8> {
    let mut packet = if stream == 0 { Vec::new() } else { number(1, stream.into()) };
    packet.extend(bytes(field, content));
    packet
}

/// A framed packet.
pub fn framed(stream: u32, field: u32, content: &[u8]) -> Vec<u8> {
    frame(&packet(stream, field, content))
}

/// A framed result after which others follow.
pub fn chunk(stream: u32, content: &[u8]) -> Vec<u8> {
    frame(&[packet(stream, body::RESULT, content), number(2, 1)].concat())
}

/// What a `Hello` says, to begin from.
#[derive(Clone, Copy, Debug)]
pub struct Greeting {
    /// Lowest and highest version.
    pub versions: (u64, u64),
    /// Largest body accepted.
    pub max_frame: u64,
    /// A collector's tasks at once.
    pub max_streams: u64,
    /// An agent's bytes a stream.
    pub credit: u64,
    /// Which end of the line.
    pub role: u64,
}

impl Greeting {
    /// Of a well-behaved agent.
    pub fn agent() -> Self {
        let credit = 256 * 1024;
        Self { versions: (1, 1), max_frame: 64 * 1024, max_streams: 0, credit, role: AGENT }
    }

    /// Of a well-behaved collector.
    pub fn collector() -> Self {
        Self { max_streams: 64, credit: 0, role: COLLECTOR, ..Self::agent() }
    }

    /// As a frame.
    pub fn framed(self) -> Vec<u8> {
        framed(0, body::HELLO, &self.content())
    }

    /// The message alone.
    pub fn content(self) -> Vec<u8> {
        let numbers = [
            (1, self.versions.0),
            (2, self.versions.1),
            (3, self.max_frame),
            (4, self.max_streams),
            (5, self.credit),
            (8, self.role),
        ];
        let present = numbers.into_iter().filter(|(_, value)| *value != 0);
        present.flat_map(|(field, value)| number(field, value)).collect()
    }
}

/// A framed task that says its id and nothing else.
pub fn task(stream: u32, id: &str) -> Vec<u8> {
    framed(stream, body::TASK, &bytes(1, id.as_bytes()))
}

/// A packet that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// 0: the connection.
    pub stream: u64,
    /// Further results follow.
    pub more: bool,
    /// Which body; 0: none that is known.
    pub body: u32,
    /// The body's message.
    pub content: Vec<u8>,
    /// Bytes of the frame's body.
    pub len: usize,
}

/// A fault that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// 0: the connection.
    pub stream: u64,
    /// Its number.
    pub code: FaultCode,
    /// For people.
    pub message: String,
    /// What broke a limit.
    pub field: Option<String>,
    /// Which.
    pub limit: Option<u64>,
    /// By what.
    pub seen: Option<u64>,
}

impl Packet {
    /// Reads a frame's body.
    pub fn read(body: &[u8]) -> Self {
        let mut packet =
            Self { stream: 0, more: false, body: 0, content: Vec::new(), len: body.len() };
        for (field, value) in fields(body) {
            match (field, value) {
                (1, Value::Number(stream)) => packet.stream = stream,
                (2, Value::Number(more)) => packet.more = more == 1,
                (3..=11, Value::Bytes(content)) => {
                    (packet.body, packet.content) = (field, content.to_vec());
                }
                (field, value) => panic!("a Packet with field {field}: {value:?}"),
            }
        }
        packet
    }

    /// Takes a whole frame off the start of `bytes`, once it is there.
    pub fn take(bytes: &mut Vec<u8>) -> Option<Self> {
        let head = bytes.iter().position(|byte| *byte < 0x80)? + 1;
        let shift =
            |len, (index, byte): (usize, &u8)| len | usize::from(byte & 0x7f) << (7 * index);
        let len = bytes[..head].iter().enumerate().fold(0, shift);
        let crc = bytes.get(head + len..head + len + 4)?;
        assert_eq!(crc, crc32c(&bytes[..head + len]).to_le_bytes(), "a wrong checksum");
        let packet = Self::read(&bytes[head..head + len]);
        bytes.drain(..head + len + 4);
        Some(packet)
    }

    /// The fault that it is, if it is one.
    pub fn fault(&self) -> Option<Fault> {
        (self.body == body::FAULT).then(|| Fault {
            stream: self.stream,
            code: FaultCode(i32::try_from(self.number(1).unwrap_or(0)).expect("a code")),
            message: self.text(2).unwrap_or_default(),
            field: self.text(3),
            limit: self.number(4),
            seen: self.number(5),
        })
    }

    /// A number of the body's message.
    pub fn number(&self, field: u32) -> Option<u64> {
        fields(&self.content).into_iter().find_map(|(found, value)| match value {
            Value::Number(number) if found == field => Some(number),
            _ => None,
        })
    }

    /// A text of the body's message.
    pub fn text(&self, field: u32) -> Option<String> {
        let text = self.all(field).next()?;
        Some(String::from_utf8(text).expect("text in UTF-8"))
    }

    /// Every occurrence of a field of the body's message.
    pub fn all(&self, field: u32) -> impl Iterator<Item = Vec<u8>> {
        let values = fields(&self.content).into_iter().filter(move |(found, _)| *found == field);
        let bytes =
            |(_, value)| if let Value::Bytes(bytes) = value { bytes.to_vec() } else { vec![] };
        values.map(bytes).collect::<Vec<_>>().into_iter()
    }
}

#[derive(Debug)]
enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

fn fields(mut rest: &[u8]) -> Vec<(u32, Value<'_>)> {
    let mut fields = Vec::new();
    while !rest.is_empty() {
        let key = take_varint(&mut rest);
        let value = match key & 7 {
            0 => Value::Number(take_varint(&mut rest)),
            1 => Value::Number(u64::from_le_bytes(take(&mut rest, 8).try_into().expect("eight"))),
            2 => {
                let len = take_varint(&mut rest);
                Value::Bytes(take(&mut rest, usize::try_from(len).expect("a length")))
            }
            wire_type => panic!("wire type {wire_type}"),
        };
        fields.push((u32::try_from(key >> 3).expect("a field number"), value));
    }
    fields
}

fn take<'a>(rest: &mut &'a [u8], len: usize) -> &'a [u8] {
    let (taken, left) = rest.split_at(len);
    *rest = left;
    taken
}

fn take_varint(rest: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let byte = take(rest, 1)[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_has_its_check_value() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn a_frame_is_postcards() {
        // Written by postcard 1.1.3, to_slice_crc32(&[u8]).
        let golden = [0x04, 0x01, 0x00, 0x20, 0x30, 0x8e, 0xc8, 0x1a, 0x37];
        assert_eq!(frame(&[0x01, 0x00, 0x20, 0x30]), golden);
    }

    #[test]
    fn a_packet_is_read_as_it_was_written() {
        let fault = [number(1, 9), bytes(2, b"why"), number(4, 300)].concat();
        let packet = Packet::read(&packet(3, body::FAULT, &fault));
        let want = Fault {
            stream: 3,
            code: FaultCode::INVALID,
            message: "why".to_owned(),
            field: None,
            limit: Some(300),
            seen: None,
        };
        assert_eq!((packet.fault(), packet.more), (Some(want), false));
    }
}
