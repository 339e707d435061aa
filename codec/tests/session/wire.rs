//! Frames and packets by hand; nothing here knows the codec.

/// A packet as its receiver sees it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) stream: u64,
    pub(crate) more: bool,
    /// The body's field number; 0: there is none.
    pub(crate) body: u64,
    pub(crate) content: Vec<u8>,
    /// Bytes of the whole body, which is what credit counts.
    pub(crate) len: usize,
}

pub(crate) const HELLO: u64 = 3;
pub(crate) const TASK: u64 = 4;
pub(crate) const RESULT: u64 = 5;
pub(crate) const FAULT: u64 = 6;
pub(crate) const CREDIT: u64 = 7;
pub(crate) const CANCEL: u64 = 8;
pub(crate) const PING: u64 = 9;
pub(crate) const PONG: u64 = 10;
pub(crate) const GO_AWAY: u64 = 11;

/// What a Hello says.
#[derive(Clone, Copy)]
pub(crate) struct Hello {
    pub(crate) versions: (u64, u64),
    pub(crate) max_frame: u64,
    pub(crate) max_streams: u64,
    pub(crate) credit: u64,
    pub(crate) role: u64,
}

pub(crate) const AGENT: Hello =
    Hello { versions: (1, 1), max_frame: 65_536, max_streams: 0, credit: 262_144, role: 1 };
pub(crate) const COLLECTOR: Hello =
    Hello { versions: (1, 1), max_frame: 65_536, max_streams: 64, credit: 0, role: 2 };

impl Hello {
    pub(crate) fn body(&self) -> Vec<u8> {
        self.with(b"")
    }

    /// With further fields behind its own.
    pub(crate) fn with(&self, more: &[u8]) -> Vec<u8> {
        let fields = [
            (1, self.versions.0),
            (2, self.versions.1),
            (3, self.max_frame),
            (4, self.max_streams),
            (5, self.credit),
            (8, self.role),
        ];
        let present = fields.into_iter().filter(|(_, value)| *value != 0);
        let mut hello: Vec<u8> = present.flat_map(|(field, value)| number(field, value)).collect();
        hello.extend(more);
        packet(0, HELLO, &hello)
    }
}

pub(crate) fn task(stream: u64, content: &[u8]) -> Vec<u8> {
    packet(stream, TASK, content)
}

/// With `more`, in the order of the numbers as a protobuf library writes them.
pub(crate) fn result(stream: u64, content: &[u8], more: bool) -> Vec<u8> {
    let flag = if more { number(2, 1) } else { Vec::new() };
    [stream_field(stream), flag, bytes(RESULT, content)].concat()
}

/// A result whose whole body has `len` bytes, by a field of the packet that nobody knows.
pub(crate) fn result_of(stream: u64, len: usize, more: bool) -> Vec<u8> {
    let body =
        |content: &[u8], pad| [result(stream, content, more), bytes(97, &vec![b'x'; pad])].concat();
    // Where the pad's length takes a byte more, a length is skipped that the content makes up for.
    (len.saturating_sub(30)..len)
        .flat_map(|pad| [body(b"", pad), body(&number(98, 0), pad)])
        .find(|body| body.len() == len)
        .unwrap_or_else(|| panic!("no pad makes {len} bytes"))
}

pub(crate) fn fault(stream: u64, code: u64) -> Vec<u8> {
    packet(stream, FAULT, &number(1, code))
}

pub(crate) fn credit(stream: u64, total: u64) -> Vec<u8> {
    packet(stream, CREDIT, &number(1, total))
}

pub(crate) fn cancel(stream: u64) -> Vec<u8> {
    packet(stream, CANCEL, b"")
}

pub(crate) fn ping(nonce: u64) -> Vec<u8> {
    packet(0, PING, &nonce_field(nonce))
}

pub(crate) fn go_away(last_stream: u64) -> Vec<u8> {
    packet(0, GO_AWAY, &number(2, last_stream))
}

pub(crate) fn nonce_field(nonce: u64) -> Vec<u8> {
    [vec![1 << 3 | 1], nonce.to_le_bytes().to_vec()].concat()
}

pub(crate) fn packet(stream: u64, body: u64, content: &[u8]) -> Vec<u8> {
    [stream_field(stream), bytes(body, content)].concat()
}

/// 0 is not on the wire.
pub(crate) fn stream_field(stream: u64) -> Vec<u8> {
    if stream == 0 { Vec::new() } else { number(1, stream) }
}

pub(crate) fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

pub(crate) fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(value.len() as u64), value.to_vec()].concat()
}

pub(crate) fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
    out
}

/// Bit by bit, from the parameters in the page's table.
pub(crate) fn crc32c(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0x82F6_3B78 } else { 0 }
        })
    })
}

pub(crate) fn frame(body: &[u8]) -> Vec<u8> {
    let covered = [varint(body.len() as u64), body.to_vec()].concat();
    let crc = crc32c(&covered).to_le_bytes();
    [covered, crc.to_vec()].concat()
}

/// The bodies of whole frames, one behind the other, with nothing between or behind them.
pub(crate) fn unframe(mut stream: &[u8]) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    while !stream.is_empty() {
        let (len, rest) = read_varint(stream);
        let body = &rest[..usize::try_from(len).unwrap()];
        let whole = frame(body);
        assert_eq!(stream[..whole.len()], whole, "a frame in its only legal form");
        bodies.push(body.to_vec());
        stream = &stream[whole.len()..];
    }
    bodies
}

pub(crate) enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// Every field of a message, in its order.
pub(crate) fn fields(mut message: &[u8]) -> Vec<(u64, Value<'_>)> {
    let mut all = Vec::new();
    while !message.is_empty() {
        let (key, rest) = read_varint(message);
        let (value, rest) = match key & 7 {
            0 => {
                let (value, rest) = read_varint(rest);
                (Value::Number(value), rest)
            }
            1 => (Value::Number(u64::from_le_bytes(rest[..8].try_into().unwrap())), &rest[8..]),
            2 => {
                let (len, rest) = read_varint(rest);
                let (value, rest) = rest.split_at(usize::try_from(len).unwrap());
                (Value::Bytes(value), rest)
            }
            wire => panic!("wire type {wire}"),
        };
        all.push((key >> 3, value));
        message = rest;
    }
    all
}

fn read_varint(bytes: &[u8]) -> (u64, &[u8]) {
    let end = bytes.iter().position(|byte| byte & 0x80 == 0).expect("a whole varint");
    let (varint, rest) = bytes.split_at(end + 1);
    (varint.iter().rev().fold(0, |value, byte| value << 7 | u64::from(byte & 0x7f)), rest)
}

impl Packet {
    pub(crate) fn read(body: &[u8]) -> Self {
        let mut packet =
            Self { stream: 0, more: false, body: 0, content: Vec::new(), len: body.len() };
        for (field, value) in fields(body) {
            match (field, value) {
                (1, Value::Number(stream)) => packet.stream = stream,
                (2, Value::Number(more)) => packet.more = more == 1,
                (field, Value::Bytes(content)) if packet.body == 0 => {
                    (packet.body, packet.content) = (field, content.to_vec());
                }
                (field, _) => panic!("field {field} in {body:02x?}"),
            }
        }
        packet
    }

    pub(crate) fn number(&self, field: u64) -> Option<u64> {
        fields(&self.content).into_iter().find_map(|(number, value)| match value {
            Value::Number(value) if number == field => Some(value),
            _ => None,
        })
    }

    pub(crate) fn text(&self, field: u64) -> Option<String> {
        fields(&self.content).into_iter().find_map(|(number, value)| match value {
            Value::Bytes(text) if number == field => {
                Some(String::from_utf8(text.to_vec()).expect("text that is UTF-8"))
            }
            _ => None,
        })
    }

    pub(crate) fn is_connection_fault(&self) -> bool {
        self.body == FAULT && self.stream == 0
    }

    pub(crate) fn is_fault(&self, stream: u64, code: u64) -> bool {
        self.body == FAULT && self.stream == stream && self.number(1) == Some(code)
    }
}

impl std::fmt::Debug for Packet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = ["", "", "", "hello", "task", "result", "fault", "credit", "cancel", "ping"];
        let name = names.get(usize::try_from(self.body).unwrap()).unwrap_or(&"other");
        write!(f, "{} {name} {}:", self.stream, self.body)?;
        for (field, value) in fields(&self.content) {
            match value {
                Value::Number(value) => write!(f, " {field}={value}")?,
                Value::Bytes(value) => write!(f, " {field}={:?}", String::from_utf8_lossy(value))?,
            }
        }
        Ok(())
    }
}

#[test]
fn the_checksum_is_the_one_of_the_page() {
    assert_eq!(crc32c(b"123456789"), 0xE306_9283);
}
