//! Frames that are none.

use eyelet_codec::FaultCode;
use eyelet_tests::peer::Peer;
use eyelet_tests::wire::{self, Greeting, body, bytes, task};

use crate::{RECORDS, Refusing, garbage};

const MAX_FRAME: usize = 64 * 1024;

#[test]
fn a_length_is_refused_as_soon_as_it_can_be_read() {
    let server = Refusing::start();
    let table: &[(&str, Vec<u8>, FaultCode, &str)] = &[
        ("none", vec![0], FaultCode::MALFORMED, "nothing in it"),
        ("one over the limit", wire::varint(65537), FaultCode::TOO_LARGE, "65537 bytes"),
        ("1 MiB", wire::varint(1 << 20), FaultCode::TOO_LARGE, "at most 65536"),
        ("2^31 - 1", wire::varint((1 << 31) - 1), FaultCode::TOO_LARGE, "at most 65536"),
        ("2^31", wire::varint(1 << 31), FaultCode::TOO_LARGE, "at most 65536"),
        ("2^32 - 1", wire::varint((1 << 32) - 1), FaultCode::TOO_LARGE, "at most 65536"),
        ("2^35 - 1", wire::varint((1 << 35) - 1), FaultCode::TOO_LARGE, "at most 65536"),
        ("padded", vec![0x81, 0x00], FaultCode::MALFORMED, "shortest form"),
        ("no end", vec![0x80; 5], FaultCode::MALFORMED, "shortest form"),
        ("0 in five bytes", vec![0x80, 0x80, 0x80, 0x80, 0], FaultCode::MALFORMED, "shortest form"),
    ];
    for (case, length, code, sentence) in table {
        // No body follows, and the sending half stays open: whoever waited for one would hang.
        let fault = server.refuses_first(case, length, *code, sentence);
        server.refuses_then(case, length, *code, sentence);
        if *code == FaultCode::TOO_LARGE {
            assert_eq!(fault.limit, Some(65536), "{case}");
            assert!(fault.seen.is_some_and(|seen| seen > 65536), "{case}: {fault:?}");
        }
    }
}

#[test]
fn a_body_of_exactly_the_limit_is_taken() {
    let server = Refusing::start();
    let mut peer = Peer::agent(server.path());
    let unknown = |len| bytes(100, &vec![0xa5; len]);
    let filled = unknown(MAX_FRAME - (unknown(MAX_FRAME).len() - MAX_FRAME));
    assert_eq!(filled.len(), MAX_FRAME);
    peer.say(&wire::frame(&filled));
    peer.say(&task(1, "after it"));
    assert_eq!(peer.result(1).1, RECORDS);
}

#[test]
fn every_flipped_bit_of_a_hello_and_of_a_task_is_noticed() {
    let server = Refusing::start();
    for (before, frame) in
        [(vec![], Greeting::agent().framed()), (Greeting::agent().framed(), task(1, "damaged"))]
    {
        for bit in 0..frame.len() * 8 {
            let mut damaged = frame.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let mut peer = Peer::connect(server.path());
            peer.say(&[&before[..], &damaged].concat());
            peer.shut();
            let fault = peer.last_words();
            assert_eq!(fault.code, verdict(&damaged), "bit {bit}: {fault:?}");
            assert!(server.has_logged(&[&fault.message]), "bit {bit}: {fault:?}");
        }
    }
    assert_eq!(server.tasks_seen(), 0);
    server.goes_on("every bit");
}

/// What is wrong with a frame of which one bit was flipped, as its first byte tells.
fn verdict(damaged: &[u8]) -> FaultCode {
    let body = damaged.len() - 5;
    match usize::from(damaged[0]) {
        0 => FaultCode::MALFORMED,
        // It announces more than comes.
        len if len > body => FaultCode::MALFORMED,
        _ => FaultCode::CHECKSUM,
    }
}

#[test]
fn a_frame_cut_at_any_offset_is_told_from_a_clean_end() {
    let server = Refusing::start();
    for (before, frame) in
        [(vec![], Greeting::agent().framed()), (Greeting::agent().framed(), task(1, "cut"))]
    {
        for end in 0..frame.len() {
            let mut peer = Peer::connect(server.path());
            peer.say(&[&before[..], &frame[..end]].concat());
            peer.shut();
            let mut packets = peer.rest();
            assert_eq!(packets.remove(0).body, body::HELLO, "{end} bytes");
            let faults: Vec<_> = packets.iter().filter_map(wire::Packet::fault).collect();
            if end == 0 {
                assert_eq!(faults, [], "a clean end");
                continue;
            }
            assert_eq!(faults.len(), 1, "{end} bytes");
            let fault = &faults[0];
            assert_eq!((fault.stream, fault.code), (0, FaultCode::MALFORMED), "{end} bytes");
            assert!(fault.message.contains("inside a frame"), "{end} bytes: {fault:?}");
            assert!(server.has_logged(&["WARN", &fault.message]), "{end} bytes");
        }
    }
    assert_eq!(server.tasks_seen(), 0);
    server.goes_on("every offset");
}

#[test]
fn garbage_is_refused_whenever_it_comes() {
    let server = Refusing::start();
    for seed in 1..=64 {
        for before in [vec![], Greeting::agent().framed()] {
            let mut peer = Peer::connect(server.path());
            peer.say(&[before, garbage(seed)].concat());
            peer.shut();
            let fault = peer.last_words();
            let codes = [FaultCode::MALFORMED, FaultCode::CHECKSUM, FaultCode::TOO_LARGE];
            assert!(codes.contains(&fault.code), "seed {seed}: {fault:?}");
        }
    }
    assert_eq!(server.tasks_seen(), 0);
    server.goes_on("garbage");
}
