//! postcard 1.1 reads eyelet's frames and eyelet reads postcard's: a frame is what postcard's CRC-32
//! flavour makes of a byte slice.

use crc::{CRC_32_ISCSI, Crc};
use eyelet_codec::frame::{self, Decoded, FrameError, HEAD, MAX_BODY, MAX_OVERHEAD};
use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};
use proptest::test_runner::RngSeed;

static CHECKSUM: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// What postcard makes of `[0x01, 0x00, 0x20, 0x30]`, written out.
const GOLDEN: [u8; 9] = [0x04, 0x01, 0x00, 0x20, 0x30, 0x8e, 0xc8, 0x1a, 0x37];

/// What postcard makes of no bytes at all.
const GOLDEN_EMPTY: [u8; 5] = [0x00, 0x51, 0x53, 0x7d, 0x52];

#[test]
fn the_golden_frames_are_still_postcards() {
    assert_eq!(framed_by_postcard(&[0x01, 0x00, 0x20, 0x30]), GOLDEN);
    assert_eq!(framed_by_postcard(&[]), GOLDEN_EMPTY);
}

#[test]
fn each_reads_the_others_frames_of_every_length() {
    for len in (1..=300).chain(16_380..=16_390).chain([65_536, MAX_BODY as usize]) {
        agree_on(&bytes(len));
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        rng_seed: RngSeed::Fixed(0x706f_7374),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn each_reads_the_others_frames_of_any_bytes(body: Vec<u8>, first in any::<u8>()) {
        agree_on(&[&[first][..], &body].concat());
    }

    #[test]
    fn a_stream_of_frames_falls_apart_alike(bodies: [Vec<u8>; 3], first in any::<u8>()) {
        let bodies = bodies.map(|body| [&[first][..], &body].concat());
        let stream = bodies.each_ref().map(|body| framed(body)).concat();
        let (mut ours, mut postcards) = (&stream[..], &stream[..]);
        for want in bodies {
            let (body, rest) =
                postcard::take_from_bytes_crc32::<&[u8]>(postcards, CHECKSUM.digest()).unwrap();
            prop_assert_eq!(body, &want);
            let Decoded::Frame { body, consumed } = frame::decode(ours, MAX_BODY).unwrap() else {
                panic!("a whole frame is partial");
            };
            prop_assert_eq!(body, &want);
            (ours, postcards) = (&ours[consumed..], rest);
            prop_assert_eq!(ours, postcards);
        }
        prop_assert_eq!(ours, &[][..]);
    }
}

#[test]
fn every_flipped_bit_is_an_error_by_the_time_the_damaged_length_has_come() {
    const LIMIT: u32 = 512;
    let mut unnoticed_without_checksum = 0;
    for golden in golden_frames() {
        let stream = [&golden[..], &vec![0x5a; LIMIT as usize + MAX_OVERHEAD]].concat();
        for bit in 0..golden.len() * 8 {
            let mut damaged = stream.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let alone = frame::decode(&damaged[..golden.len()], LIMIT);
            assert!(!matches!(alone, Ok(Decoded::Frame { .. })), "bit {bit} of {golden:02x?}");
            let decoded = frame::decode(&damaged, LIMIT);
            assert!(decoded.is_err(), "bit {bit} of {golden:02x?}: {decoded:?}");
            unnoticed_without_checksum +=
                usize::from(postcard::from_bytes::<&[u8]>(&damaged[..golden.len()]).is_ok());
        }
    }
    // The control: it is the checksum that notices, not luck.
    assert!(unnoticed_without_checksum > 1_000, "{unnoticed_without_checksum}");
}

#[test]
fn every_truncation_is_partial_and_says_what_is_missing() {
    for golden in golden_frames() {
        let head = golden.len() - 4 - body_of(&golden).len();
        for end in 0..golden.len() {
            let needed = if end < head { 1 } else { golden.len() - end };
            let decoded = frame::decode(&golden[..end], MAX_BODY);
            assert_eq!(decoded, Ok(Decoded::Partial { needed }), "{end} bytes of {golden:02x?}");
            read_by_postcard(&golden[..end]).unwrap_err();
        }
    }
}

#[test]
fn what_postcard_takes_and_we_refuse_has_a_name() {
    let body = [0x01, 0x00, 0x20, 0x30];
    for (case, frame, read, limit, error) in [
        ("empty", GOLDEN_EMPTY.to_vec(), &[][..], 64, FrameError::Empty),
        ("a length of 2 bytes", with_length(&[0x84, 0x00]), &body, 64, FrameError::Length),
        ("of 5", with_length(&[0x84, 0x80, 0x80, 0x80, 0x00]), &body, 64, FrameError::Length),
        ("of 6", with_length(&[0x84, 0x80, 0x80, 0x80, 0x80, 0]), &body, 64, FrameError::Length),
        ("over the limit", GOLDEN.to_vec(), &body, 3, FrameError::TooLarge { len: 4, limit: 3 }),
    ] {
        assert_eq!(read_by_postcard(&frame).as_deref(), Ok(read), "{case}");
        assert_eq!(frame::decode(&frame, limit), Err(error), "{case}");
    }
}

#[test]
fn bytes_behind_a_frame_are_ignored_by_postcard_and_the_next_frame_here() {
    let two = [&GOLDEN[..], &GOLDEN_EMPTY].concat();
    let body = [0x01, 0x00, 0x20, 0x30];
    assert_eq!(read_by_postcard(&two).as_deref(), Ok(&body[..]));
    assert_eq!(frame::decode(&two, 64), Ok(Decoded::Frame { body: &body, consumed: 9 }));
    assert_eq!(frame::decode(&two[9..], 64), Err(FrameError::Empty));
}

#[track_caller]
fn agree_on(body: &[u8]) {
    let (ours, postcards) = (framed(body), framed_by_postcard(body));
    assert!(ours == postcards, "{} bytes are framed differently", body.len());
    assert!(sealed(body) == postcards, "{} bytes are sealed differently", body.len());
    assert!(read_by_postcard(&ours).as_deref() == Ok(body), "{} bytes", body.len());
    let want = Decoded::Frame { body, consumed: postcards.len() };
    assert!(frame::decode(&postcards, MAX_BODY) == Ok(want), "{} bytes", body.len());
}

fn golden_frames() -> Vec<Vec<u8>> {
    let lengths = [1, 4, 127, 128, 300];
    let made = lengths.map(|len| framed_by_postcard(&bytes(len)));
    [&[GOLDEN.to_vec()][..], &made].concat()
}

fn framed(body: &[u8]) -> Vec<u8> {
    let mut buf = vec![0xa5; body.len() + MAX_OVERHEAD];
    let len = frame::encode(body, &mut buf).unwrap();
    buf.truncate(len);
    buf
}

/// Framed in place, behind the room that is kept for the length.
fn sealed(body: &[u8]) -> Vec<u8> {
    let mut buf = [&[0xa5; HEAD][..], body, &[0xa5; MAX_OVERHEAD]].concat();
    let len = frame::seal(&mut buf, body.len()).unwrap();
    buf.truncate(len);
    buf
}

fn body_of(frame: &[u8]) -> Vec<u8> {
    read_by_postcard(frame).unwrap()
}

fn framed_by_postcard(body: &[u8]) -> Vec<u8> {
    postcard::to_allocvec_crc32(body, CHECKSUM.digest()).unwrap()
}

fn read_by_postcard(frame: &[u8]) -> postcard::Result<Vec<u8>> {
    postcard::from_bytes_crc32::<&[u8]>(frame, CHECKSUM.digest()).map(<[u8]>::to_vec)
}

/// The golden body behind a length of other bytes, with the checksum that then fits.
fn with_length(length: &[u8]) -> Vec<u8> {
    let covered = [length, &[0x01, 0x00, 0x20, 0x30]].concat();
    let crc = CHECKSUM.checksum(&covered).to_le_bytes();
    [&covered[..], &crc].concat()
}

/// Bytes that repeat late: the high bytes of Weyl's sequence of the golden ratio.
fn bytes(len: usize) -> Vec<u8> {
    let step = |index: u32| index.wrapping_mul(0x9e37_79b9).to_be_bytes()[0];
    (1..).take(len).map(step).collect()
}
