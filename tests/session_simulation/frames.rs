use eyelet_codec::FaultCode;

use crate::wire::{self, Packet, Value};

/// What the bytes at the start of a line are, by the chapter "A frame" of WIRE.md.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    Partial,
    /// A body, and the bytes of the whole.
    Whole(Vec<u8>, usize),
    Bad(FaultCode),
}

pub(crate) fn read(bytes: &[u8], max_frame: u64) -> Frame {
    let (mut len, mut head) = (0u64, 0);
    loop {
        let Some(byte) = bytes.get(head) else {
            return Frame::Partial;
        };
        len |= u64::from(byte & 0x7f) << (7 * head);
        head += 1;
        if byte & 0x80 == 0 {
            break;
        }
        // Whatever follows, it is over the limit, or not in its shortest form.
        if head == 5 {
            return Frame::Bad(FaultCode::MALFORMED);
        }
    }
    if wire::varint(len).len() != head || len == 0 {
        return Frame::Bad(FaultCode::MALFORMED);
    }
    if len > max_frame {
        return Frame::Bad(FaultCode::TOO_LARGE);
    }
    let end = head + usize::try_from(len).expect("within the limit");
    let Some(sum) = bytes.get(end..end + 4) else {
        return Frame::Partial;
    };
    if wire::crc32c(&bytes[..end]).to_le_bytes() != sum {
        return Frame::Bad(FaultCode::CHECKSUM);
    }
    Frame::Whole(bytes[head..end].to_vec(), end + 4)
}

/// A packet as far as it is known: what is not is no part of it.
pub(crate) fn packet(body: &[u8]) -> Packet {
    let mut packet =
        Packet { stream: 0, more: false, body: 0, content: Vec::new(), len: body.len() };
    for (field, value) in wire::fields(body) {
        match (field, value) {
            (1, Value::Number(stream)) => packet.stream = stream,
            (2, Value::Number(more)) => packet.more = more == 1,
            (3..=15, Value::Bytes(content)) => {
                (packet.body, packet.content) = (field, content.to_vec());
            }
            (..) => {}
        }
    }
    packet
}
