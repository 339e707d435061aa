//! Messages as a program fills them: encoded in both lanes, and read again by both decoders.

mod make;
mod source;

use std::fmt::Debug;

use bumpalo::Bump;
use eyelet_codec::runtime::{Field, decode_careful, encode_careful, encode_field};
use eyelet_codec::{
    DetectionResult, ErrorClass, ErrorKind, Limits, Message, MessageError, PacketBody, Repeated,
    proto,
};
use prost::Message as _;

use self::source::Source;
use crate::NAMES;
use crate::lanes::writers;

/// Encodings of up to this many bytes are tried in buffers of every size.
const EVERY_SIZE: usize = 400;

macro_rules! messages {
    ($($name:ident),* $(,)?) => {
        /// A byte that says which message, and bytes of which its fields are made. True if the message
        /// keeps within its limits.
        pub fn values(input: &[u8]) -> bool {
            let Some((choice, rest)) = input.split_first() else { return false };
            let arena = Bump::new();
            let mut source = Source::new(rest, &arena);
            match NAMES[usize::from(*choice) % NAMES.len()] {
                $(stringify!($name) => {
                    let value: eyelet_codec::$name = source.value();
                    both_ways(value, proto::$name::from, &arena)
                })*
                "DetectionResult" => {
                    let value = source.value();
                    each_alone(&value);
                    both_ways(value, proto::DetectionResult::from, &arena)
                }
                "Packet" => both_ways(source.value(), packet, &arena),
                name => panic!("there is no message {name}"),
            }
        }
    };
}

messages![
    DetectionTask,
    ProcessRecord,
    FieldNote,
    ProcessFilter,
    HashCheck,
    HashResult,
    ProcessEvent,
    Coverage,
    Finding,
    Hello,
    Fault,
    Credit,
    Cancel,
    Ping,
    GoAway,
];

fn both_ways<'a, M: Message<'a> + Debug, O: prost::Message + Default>(
    value: M,
    owned: fn(M) -> O,
    arena: &'a Bump,
) -> bool {
    let by_prost = arena.alloc_slice_copy(&owned(value).encode_to_vec());
    // What a peer would say to all of it.
    let whole = decode_careful::<M>(by_prost, &Limits::SCHEMA).map(|_| &*by_prost);
    match writers(&value, sizes) {
        Ok(encoded) => {
            let encoded = arena.alloc_slice_copy(&encoded.bytes);
            comes_back(encoded, owned, whole);
            true
        }
        Err(error) => {
            assert_eq!(error.class(), ErrorClass::Limit, "{error}");
            assert!(whole.is_err(), "what a peer would take is not written: {error}");
            false
        }
    }
}

/// What was encoded is read alike by both, as all of the value or as one that says it was cut.
fn comes_back<'a, M: Message<'a> + Debug, O: prost::Message + Default>(
    encoded: &'a [u8],
    owned: fn(M) -> O,
    whole: Result<&[u8], MessageError>,
) {
    assert!(encoded.len() <= M::MAX_ENCODED_LEN, "an encoding of {} bytes", encoded.len());
    let read = M::decode_with(encoded, &Limits::SCHEMA).unwrap();
    let by_us = owned(read).encode_to_vec();
    assert_eq!(by_us, O::decode(encoded).unwrap().encode_to_vec(), "prost reads something else");
    if let Err(error) = whole {
        assert!(is_of_a_cut(error), "it was encoded in spite of {error}");
        let read = format!("{read:?}");
        assert!(read.contains("CUT") || read.contains('\u{2026}'), "cut in silence: {read}");
    } else {
        assert_eq!(whole, Ok(&*by_us), "it comes back changed");
    }
}

/// What was too long may have been too much for the message as a whole, too.
fn is_of_a_cut(error: MessageError) -> bool {
    use ErrorKind::{MaxBytes, MaxItems, MaxTotalBytes, MessageBytes};
    matches!(error.kind(), MaxBytes | MaxItems | MaxTotalBytes | MessageBytes)
}

/// Of each list the first.
fn each_alone(result: &DetectionResult<'_>) {
    let none = DetectionResult::default();
    if let Some(one) = result.processes.iter().next() {
        let one = [one];
        let whole = DetectionResult { processes: Repeated::new(&one), ..none };
        alone(&DetectionResult::PROCESSES, &one[0], &whole);
    }
    if let Some(one) = result.events.iter().next() {
        let one = [one];
        let whole = DetectionResult { events: Repeated::new(&one), ..none };
        alone(&DetectionResult::EVENTS, &one[0], &whole);
    }
    if let Some(one) = result.findings.iter().next() {
        let one = [one];
        let whole = DetectionResult { findings: Repeated::new(&one), ..none };
        alone(&DetectionResult::FINDINGS, &one[0], &whole);
    }
    if let Some(one) = result.hash_results.iter().next() {
        let one = [one];
        let whole = DetectionResult { hash_results: Repeated::new(&one), ..none };
        alone(&DetectionResult::HASH_RESULTS, &one[0], &whole);
    }
}

/// A record as a field by itself is the result that has nothing else, in any buffer.
fn alone<'a>(field: &Field, record: &impl Message<'a>, whole: &DetectionResult<'_>) {
    let size = writers(whole, |len| [len]).map_or(64, |whole| whole.bytes.len());
    for size in sizes(size) {
        let (mut one, mut all) = (vec![0xa5; size], vec![0x5a; size]);
        let one = encode_field::<DetectionResult<'_>, _>(field, record, &mut one)
            .map(|len| one[..len].to_vec());
        let all = encode_careful(whole, &mut all).map(|len| all[..len].to_vec());
        assert_eq!(one, all, "a buffer of {size} bytes");
    }
}

/// All, or half of it and its neighbours if it is longer than that.
fn sizes(len: usize) -> impl Iterator<Item = usize> {
    let step = if len <= EVERY_SIZE { 1 } else { len / 2 };
    (0..=len).step_by(step).chain([len.saturating_sub(1), len, len + 1])
}

/// Its task or result was encoded by the codec.
fn packet(packet: eyelet_codec::Packet<'_>) -> proto::Packet {
    use proto::packet::Body;
    let body = packet.body.map(|body| match body {
        PacketBody::Hello(hello) => Body::Hello(hello.into()),
        PacketBody::Task(bytes) => Body::Task(proto::DetectionTask::decode(bytes).unwrap()),
        PacketBody::Result(bytes) => Body::Result(proto::DetectionResult::decode(bytes).unwrap()),
        PacketBody::Fault(fault) => Body::Fault(fault.into()),
        PacketBody::Credit(credit) => Body::Credit(credit.into()),
        PacketBody::Cancel(cancel) => Body::Cancel(cancel.into()),
        PacketBody::Ping(ping) => Body::Ping(ping.into()),
        PacketBody::Pong(ping) => Body::Pong(ping.into()),
        PacketBody::GoAway(go_away) => Body::GoAway(go_away.into()),
    });
    proto::Packet { stream: packet.stream, more: packet.more, body }
}
