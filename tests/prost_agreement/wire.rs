//! Protobuf's wire, written by hand: a tree of fields in any order and any encoding, legal or not.

/// One field.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// Number and wire type, as one varint.
    pub(crate) key: Varint,
    pub(crate) payload: Payload,
}

#[derive(Clone, Debug)]
pub(crate) enum Payload {
    Varint(Varint),
    /// Bytes behind a length.
    Delimited {
        pad: usize,
        bytes: Vec<u8>,
    },
    /// Fields behind a length.
    Message {
        pad: usize,
        parts: Vec<Part>,
    },
    /// Bytes as they are.
    Raw(Vec<u8>),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Varint {
    pub(crate) value: u64,
    /// Bytes beyond the shortest form.
    pub(crate) pad: usize,
}

impl Part {
    pub(crate) fn new(number: u64, wire: u64, payload: Payload) -> Self {
        Self { key: Varint { value: number << 3 | wire, pad: 0 }, payload }
    }

    pub(crate) fn varint(number: u64, value: u64) -> Self {
        Self::new(number, 0, Payload::Varint(Varint { value, pad: 0 }))
    }

    pub(crate) fn delimited(number: u64, bytes: Vec<u8>) -> Self {
        Self::new(number, 2, Payload::Delimited { pad: 0, bytes })
    }

    pub(crate) fn message(number: u64, parts: Vec<Self>) -> Self {
        Self::new(number, 2, Payload::Message { pad: 0, parts })
    }

    /// Zero bytes in the form of any wire type that exists.
    pub(crate) fn blank(number: u64, wire: u64) -> Self {
        let len = match wire {
            1 => 8,
            5 => 4,
            _ => 1,
        };
        Self::new(number, wire, Payload::Raw(vec![0; len]))
    }

    pub(crate) fn number(&self) -> u64 {
        self.key.value >> 3
    }

    fn write(&self, out: &mut Vec<u8>) {
        self.key.write(out);
        match &self.payload {
            Payload::Varint(varint) => varint.write(out),
            Payload::Delimited { pad, bytes } => delimit(*pad, bytes, out),
            Payload::Message { pad, parts } => delimit(*pad, &encode(parts), out),
            Payload::Raw(bytes) => out.extend_from_slice(bytes),
        }
    }
}

impl Payload {
    /// What stands behind the length, if there is one.
    pub(crate) fn content(&self) -> Option<Vec<u8>> {
        match self {
            Self::Delimited { bytes, .. } => Some(bytes.clone()),
            Self::Message { parts, .. } => Some(encode(parts)),
            Self::Varint(_) | Self::Raw(_) => None,
        }
    }
}

impl Varint {
    /// As many bytes more as were asked for, or as make 10.
    pub(crate) fn padded(value: u64, pad: usize) -> Self {
        let shortest = Self { value, pad: 0 }.encoded().len();
        Self { value, pad: pad.min(10 - shortest) }
    }

    pub(crate) fn encoded(self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    fn write(self, out: &mut Vec<u8>) {
        let (mut rest, mut pad) = (self.value, self.pad);
        while rest > 0x7f {
            out.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        let mut last = (rest & 0x7f) as u8;
        while pad > 0 {
            out.push(last | 0x80);
            (last, pad) = (0, pad - 1);
        }
        out.push(last);
    }
}

pub(crate) fn encode(parts: &[Part]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in parts {
        part.write(&mut out);
    }
    out
}

fn delimit(pad: usize, bytes: &[u8], out: &mut Vec<u8>) {
    Varint { value: bytes.len() as u64, pad }.write(out);
    out.extend_from_slice(bytes);
}

#[test]
fn parts_become_the_bytes_of_protobufs_own_page() {
    // https://protobuf.dev/programming-guides/encoding/: 150 in field 1, "testing" in 2, both in 3.
    let number = Part::varint(1, 150);
    let text = Part::delimited(2, b"testing".to_vec());
    let nested = Part::message(3, vec![number.clone()]);
    assert_eq!(encode(&[number]), [0x08, 0x96, 0x01]);
    assert_eq!(encode(&[text]), *b"\x12\x07testing");
    assert_eq!(encode(&[nested]), [0x1a, 0x03, 0x08, 0x96, 0x01]);
    assert_eq!(Varint { value: 1, pad: 2 }.encoded(), [0x81, 0x80, 0x00]);
    assert_eq!(Varint::padded(150, 99).encoded().len(), 10);
}
