//! postcard 1.1 and the crate cobs 0.5 read what eyelet writes on a serial line, and eyelet reads what
//! they write: frames as postcard's CRC-32 flavour makes them, in COBS, each with a 00 behind it.

use crc::{CRC_32_ISCSI, Crc};
use eyelet_codec::cobs::{self as ours, CobsError, DELIMITER, Frames, Received};
use eyelet_codec::frame::{MAX_BODY, MAX_OVERHEAD};
use postcard::accumulator::{CobsAccumulator, FeedResult};
use postcard::ser_flavors::crc::CrcModifier;
use postcard::ser_flavors::{AllocVec, Cobs};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

static CHECKSUM: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// What postcard makes of `[0x01, 0x00, 0x20, 0x30]`, written out.
const GOLDEN: [u8; 11] = [0x03, 0x04, 0x01, 0x07, 0x20, 0x30, 0x8e, 0xc8, 0x1a, 0x37, 0x00];

/// The longest line whose frames are collected here.
const LONGEST: usize = ours::max_encoded_len(2_000 + MAX_OVERHEAD);

#[test]
fn the_golden_line_is_still_postcards() {
    assert_eq!(sent_by_postcard(&[0x01, 0x00, 0x20, 0x30]), GOLDEN);
    assert_eq!(sent_by_us(&[0x01, 0x00, 0x20, 0x30]), GOLDEN);
}

#[test]
fn each_reads_the_others_lines_of_every_length() {
    for len in (1..=1_100).chain([16_383, 16_384, 65_536]) {
        for body in [bytes(len), vec![0x5a; len], vec![0; len]] {
            agree_on_frame(&body);
        }
    }
}

#[test]
fn postcard_writes_a_byte_more_behind_a_last_group_of_254_and_no_other() {
    let mut longer = Vec::new();
    for len in 1..=600 {
        let body = vec![0x5a; len];
        let (postcards, ours) = (sent_by_postcard(&body), sent_by_us(&body));
        if postcards != ours {
            let without = [&postcards[..ours.len() - 1], &[0x00]].concat();
            assert_eq!((without, postcards.len()), (ours.clone(), ours.len() + 1), "{len}");
            longer.push(len);
        }
    }
    // With two bytes of length and four of checksum.
    assert_eq!(longer, [248, 502]);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        rng_seed: RngSeed::Fixed(0x636f_6273),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn each_reads_the_others_lines_of_any_bytes(body in any_bytes()) {
        agree_on_frame(&[&[0x00], &body[..]].concat());
    }

    #[test]
    fn any_bytes_are_encoded_as_by_the_crate_cobs(plain in any_bytes()) {
        let mut encoded = vec![0xa5; cobs::max_encoding_length(plain.len())];
        let len = cobs::encode(&plain, &mut encoded);
        encoded.truncate(len);
        let mut out = vec![0xa5; len];
        prop_assert_eq!(ours::encode(&plain, &mut out), Ok(len));
        prop_assert_eq!(&out, &encoded);
        prop_assert_eq!(ours::decode_in_place(&mut out), Ok(plain.len()));
        prop_assert_eq!(&out[..plain.len()], &plain[..]);
    }

    #[test]
    fn a_changed_byte_is_taken_or_refused_as_by_the_crate_cobs(
        plain in any_bytes(),
        at in any::<prop::sample::Index>(),
        value in 1..=0xff_u8,
    ) {
        let mut line = vec![0xa5; ours::max_encoded_len(plain.len())];
        let len = ours::encode(&plain, &mut line).unwrap();
        line.truncate(len);
        line[at.index(len)] = value;
        let (mut theirs, mut out) = (vec![0xa5; len + 1], vec![0xa5; len]);
        let theirs = cobs::decode(&line, &mut theirs).map(|it| theirs[..it.frame_size()].to_vec());
        let decoded = ours::decode(&line, &mut out).map(|len| out[..len].to_vec());
        prop_assert_eq!(decoded.ok(), theirs.ok());
    }

    #[test]
    fn a_damaged_line_of_postcards_costs_itself_alone(
        bodies in prop::collection::vec(any_bytes(), 1..6),
        damaged in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        change in 1..=0xff_u8,
        part in 1..300_usize,
    ) {
        let bodies: Vec<Vec<u8>> = bodies.iter().map(|body| [&[1], &body[..]].concat()).collect();
        let mut lines: Vec<Vec<u8>> = bodies.iter().map(|body| sent_by_postcard(body)).collect();
        let damaged = damaged.index(lines.len());
        let line = &mut lines[damaged];
        // The delimiter stays, so that it is this line alone.
        let at = at.index(line.len() - 1);
        line[at] ^= change;
        let mut want = bodies;
        want.remove(damaged);
        prop_assert_eq!(received(lines.concat().chunks(part)), want);
    }
}

#[test]
fn the_tail_of_a_line_that_is_too_long_is_left_out_where_postcards_own_accumulator_takes_it() {
    // One group of 19 bytes. What is behind the 17th byte of the line would be a group by itself.
    let line = [&[0x14][..], &[0x09; 16], &[0x03, 0x11, 0x22], &[DELIMITER]].concat();
    let mut postcards = CobsAccumulator::<16>::new();
    let mut taken = 0;
    for byte in &line {
        taken +=
            usize::from(matches!(postcards.feed::<(u8, u8)>(&[*byte]), FeedResult::Success { .. }));
    }
    let mut accumulator = ours::Accumulator::<16>::new();
    let fed: Vec<_> = line.iter().filter_map(|byte| lost(accumulator.feed(&[*byte]))).collect();
    assert_eq!((taken, fed), (1, vec![(20, CobsError::Buffer)]));
}

fn lost(fed: ours::Fed<'_>) -> Option<(usize, CobsError)> {
    match fed {
        ours::Fed::Partial => None,
        ours::Fed::Refused { lost, error, .. } => Some((lost, error)),
        ours::Fed::Decoded { bytes, .. } => panic!("{bytes:02x?} are delivered"),
    }
}

#[track_caller]
fn agree_on_frame(body: &[u8]) {
    for line in [sent_by_postcard(body), sent_by_us(body)] {
        assert!(read_by_postcard(&line).as_deref() == Ok(body), "{} bytes", body.len());
        let mut frames = Frames::<70_000>::new(MAX_BODY);
        let want = Received::Frame { body, consumed: line.len() };
        assert!(frames.feed(&line) == want, "{} bytes", body.len());
    }
}

/// The bodies that come of a stream in parts.
fn received<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Vec<Vec<u8>> {
    let (mut frames, mut bodies) = (Frames::<LONGEST>::new(MAX_BODY), Vec::new());
    for part in parts {
        let mut rest = part;
        while !rest.is_empty() {
            let consumed = match frames.feed(rest) {
                Received::Partial => rest.len(),
                Received::Frame { body, consumed } => {
                    bodies.push(body.to_vec());
                    consumed
                }
                Received::Refused { consumed, .. } => consumed,
            };
            rest = &rest[consumed..];
        }
    }
    bodies
}

fn sent_by_us(body: &[u8]) -> Vec<u8> {
    let mut line = vec![0xa5; ours::max_encoded_len(body.len() + MAX_OVERHEAD) + 1];
    let len = ours::encode_frame(body, &mut line).unwrap();
    line.truncate(len);
    line
}

fn sent_by_postcard(body: &[u8]) -> Vec<u8> {
    let line = Cobs::try_new(AllocVec::new()).unwrap();
    postcard::serialize_with_flavor(body, CrcModifier::new(line, CHECKSUM.digest())).unwrap()
}

fn read_by_postcard(line: &[u8]) -> postcard::Result<Vec<u8>> {
    let mut frame = vec![0xa5; line.len()];
    let len = cobs::decode(line, &mut frame).unwrap().frame_size();
    postcard::from_bytes_crc32::<&[u8]>(&frame[..len], CHECKSUM.digest()).map(<[u8]>::to_vec)
}

/// Some with zeros here and there, some with many, some with none for longer than a group.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let few = prop::collection::vec(any::<u8>(), 0..600);
    let many = prop::collection::vec(0..3_u8, 0..40);
    let none = prop::collection::vec(1..=0xff_u8, 200..600);
    prop_oneof![few, many, none]
}

/// Bytes that repeat late: the high bytes of Weyl's sequence of the golden ratio.
fn bytes(len: usize) -> Vec<u8> {
    let step = |index: u32| index.wrapping_mul(0x9e37_79b9).to_be_bytes()[0];
    (1..).take(len).map(step).collect()
}
