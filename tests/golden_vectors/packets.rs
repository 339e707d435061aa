//! `packets.json`: what a side sends, and results that come in chunks.

use eyelet_codec::frame::{self, Decoded, MAX_BODY};
use eyelet_codec::{DetectionResult, Limits, Message as _, Packet, PacketBody, proto};
use eyelet_fuzz::agreement::owned_packet;
use serde_json::Value;

use crate::kind::assert_refused;
use crate::notation::{bytes, list, text, vectors};
use crate::schema::meaning;

#[test]
fn every_stream_is_the_packets_that_it_says() {
    for vector in vectors("packets.json") {
        let (name, stream) = (text(&vector, "name"), bytes(&vector["stream"]));
        let packets: Vec<_> = bodies(&stream).iter().map(|body| read(body)).collect();
        assert_eq!(packets, list(&vector, "packets"), "{name}");
    }
}

#[test]
fn chunks_joined_are_the_whole_result() {
    let mut count = 0;
    for vector in vectors("packets.json") {
        let Some(whole) = vector.get("whole") else { continue };
        let (name, stream) = (text(&vector, "name"), bytes(&vector["stream"]));
        let chunks: Vec<_> = bodies(&stream).into_iter().map(chunk).collect();
        let more: Vec<_> = chunks.iter().map(|(more, _)| *more).collect();
        let last = chunks.len() - 1;
        assert!(more[..last].iter().all(|more| *more) && !more[last], "{name}: {more:?}");
        for (_, chunk) in &chunks {
            DetectionResult::decode(chunk).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        let joined: Vec<u8> = chunks.iter().flat_map(|(_, chunk)| *chunk).copied().collect();
        assert!(joined == bytes(&vector["whole_bytes"]), "{name}");
        match (vector.get("whole_as_one_message"), DetectionResult::decode(&joined)) {
            (None, Ok(result)) => {
                assert_eq!(meaning(&proto::DetectionResult::from(result)).json, *whole, "{name}");
            }
            (Some(want), Err(error)) => assert_refused(error, want, name),
            (_, other) => panic!("{name}: {other:?}"),
        }
        assert_eq!(merged(chunks.iter().map(|(_, chunk)| *chunk)), *whole, "{name}");
        count += 1;
    }
    assert!(count > 0);
}

/// The bodies of all frames, of which nothing is left.
pub(crate) fn bodies(mut stream: &[u8]) -> Vec<&[u8]> {
    let mut bodies = Vec::new();
    while !stream.is_empty() {
        let found = frame::decode(stream, MAX_BODY);
        let Ok(Decoded::Frame { body, consumed }) = found else { panic!("{found:?}") };
        bodies.push(body);
        stream = &stream[consumed..];
    }
    bodies
}

fn read(body: &[u8]) -> Value {
    let packet = owned_packet(Packet::decode(body).unwrap(), &Limits::SCHEMA).unwrap();
    meaning(&packet).json
}

fn chunk(body: &[u8]) -> (bool, &[u8]) {
    let packet = Packet::decode(body).unwrap();
    let Some(PacketBody::Result(chunk)) = packet.body else { panic!("{packet:?}") };
    (packet.more, chunk)
}

/// As a receiver does that takes chunk after chunk: lists grow, scalars come last.
fn merged<'c>(chunks: impl Iterator<Item = &'c [u8]>) -> Value {
    let mut whole = proto::DetectionResult::default();
    for chunk in chunks {
        prost::Message::merge(&mut whole, chunk).unwrap();
    }
    meaning(&whole).json
}
