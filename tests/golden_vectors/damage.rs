//! No golden frame can be damaged unnoticed: not by a flipped bit, not by being cut short.

use std::collections::BTreeSet;
use std::env;

use eyelet_codec::frame::{self, Decoded, MAX_BODY};

use crate::frames::accepted;
use crate::notation::{bytes, vectors};
use crate::packets::bodies;

/// Frames up to this size have every bit flipped, larger ones those of `bits`: a checksum over the whole
/// frame for each bit is the square of its size. `EYELET_EXHAUSTIVE=65543` takes the frames of 64 KiB
/// too, which is half a minute of an optimised build.
const EXHAUSTIVE: usize = 4096 + 6;

/// Of a larger frame: every bit of so many bytes at both ends, and as many bits in between.
const ENDS: usize = 8;

#[test]
fn every_flipped_bit_is_noticed() {
    let largest = exhaustive();
    let (mut all, mut sampled, mut unchecked) = (0_u64, 0_u64, 0_u64);
    for frame in golden() {
        let mut stream = [frame.clone(), behind(&frame)].concat();
        for bit in bits(frame.len(), largest) {
            let mask = 1 << (bit % 8);
            stream[bit / 8] ^= mask;
            assert!(!is_frame(&stream), "bit {bit} of {} bytes went unnoticed", frame.len());
            unchecked += u64::from(is_frame_unchecked(&stream));
            stream[bit / 8] ^= mask;
            *if frame.len() <= largest { &mut all } else { &mut sampled } += 1;
        }
        assert!(is_frame(&stream), "undamaged");
    }
    println!("{all} flips of frames of up to {largest} bytes, which is all of theirs");
    println!(
        "figure: {} flipped bits of golden frames, 0 accepted; a reader without checksum: {unchecked}",
        all + sampled
    );
    assert!(2 * unchecked > all + sampled, "the control notices what it cannot");
}

/// Also where the next frame follows at once, and its bytes stand where the lost ones were.
#[test]
fn no_prefix_is_taken_for_a_whole() {
    let (mut cuts, mut spliced, mut unchecked) = (0_u64, 0_u64, 0_u64);
    for frame in golden() {
        for end in 0..frame.len() {
            let found = frame::decode(&frame[..end], MAX_BODY);
            assert!(matches!(found, Ok(Decoded::Partial { .. })), "{end}: {found:?}");
        }
        cuts += frame.len() as u64;
        let ends = if frame.len() <= EXHAUSTIVE { 1..frame.len() } else { 0..0 };
        for end in ends {
            let damaged = [&frame[..end], &frame, &frame].concat();
            assert!(!is_frame(&damaged), "{end} of {} bytes, and another frame", frame.len());
            unchecked += u64::from(is_frame_unchecked(&damaged));
            spliced += 1;
        }
    }
    println!("figure: {cuts} prefixes of golden frames, 0 accepted");
    println!(
        "figure: {spliced} with another frame behind, 0 accepted; a reader without checksum: {unchecked}"
    );
    assert!(2 * unchecked > spliced, "the control notices what it cannot");
}

/// All frames that the vectors accept, each once.
fn golden() -> BTreeSet<Vec<u8>> {
    let mut frames = BTreeSet::new();
    for vector in vectors("frames.json") {
        frames.extend(accepted(&vector).map(|(_, _, frame)| frame));
    }
    for vector in vectors("packets.json") {
        let stream = bytes(&vector["stream"]);
        let mut rest = &stream[..];
        for body in bodies(&stream) {
            let Ok(Decoded::Frame { consumed, .. }) = frame::decode(rest, MAX_BODY) else {
                panic!("{} bytes of body", body.len())
            };
            frames.insert(rest[..consumed].to_vec());
            rest = &rest[consumed..];
        }
    }
    frames
}

fn exhaustive() -> usize {
    env::var("EYELET_EXHAUSTIVE").map_or(EXHAUSTIVE, |size| size.parse().unwrap())
}

/// Which bits of a frame of this length are flipped, one after the other.
fn bits(len: usize, largest: usize) -> Vec<usize> {
    let (all, ends) = (8 * len, 8 * ENDS);
    if len <= largest {
        return (0..all).collect();
    }
    let between = (ends..all - ends).step_by((all - 2 * ends) / ends);
    (0..ends).chain(between).chain(all - ends..all).collect()
}

/// What may follow, so that a length that has grown finds bytes to take; a length that has grown
/// beyond them leaves a beginning that is never completed.
fn behind(frame: &[u8]) -> Vec<u8> {
    frame.repeat(2 + 512 / frame.len())
}

fn is_frame(input: &[u8]) -> bool {
    matches!(frame::decode(input, MAX_BODY), Ok(Decoded::Frame { .. }))
}

/// A reader that believes the length and looks at no checksum.
fn is_frame_unchecked(input: &[u8]) -> bool {
    let mut len = 0;
    for (index, byte) in input.iter().take(5).enumerate() {
        len |= usize::from(byte & 0x7f) << (7 * index);
        if *byte < 0x80 {
            return len > 0 && index + 1 + len + 4 <= input.len();
        }
    }
    false
}
