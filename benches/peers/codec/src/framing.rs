//! Frames and COBS: bytes around a body, and what keeps zeros out of it.

use std::hint::black_box;

use crc::{CRC_32_ISCSI, Crc};
use eyelet_codec::cobs as ours;
use eyelet_codec::frame::{self, Decoded};
use serde::{Serialize, Serializer};

use crate::cell::{BUFFER, Cell, Run};
use crate::workload::Workload;

/// What postcard's API takes: a digest over one table.
static POSTCARD: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

const SIZES: [(&str, usize); 4] =
    [("200 B", 200), ("4 KiB", 4096), ("16 KiB", 16 * 1024), ("64 KiB", 64 * 1024)];

/// Bodies of several sizes, of encoded messages.
pub(crate) fn cells(workloads: &[Workload]) -> Vec<Cell> {
    let all = workloads.iter().flat_map(|workload| workload.encoded.iter());
    let all: &'static [u8] = all.copied().collect::<Vec<_>>().concat().leak();
    SIZES
        .into_iter()
        .flat_map(|(name, size)| {
            frames(name, &all[..size]).into_iter().chain(cobs(name, &all[..size]))
        })
        .collect()
}

fn frames(workload: &'static str, body: &'static [u8]) -> Vec<Cell> {
    let mut framed = vec![0xa5; BUFFER];
    let len = frame::encode(body, &mut framed).expect("room");
    let framed: &'static [u8] = framed[..len].to_vec().leak();
    let encode = |who, run| Cell::new(workload, "frame encode", who, run);
    let decode = |who, run| Cell::new(workload, "frame decode", who, run);
    vec![
        encode("eyelet", writing(body, |body, buf| frame::encode(body, buf).expect("room"))),
        encode("postcard", writing(body, postcard_encode)),
        decode("eyelet", reading(framed, frame_decode)),
        decode("postcard", reading(framed, postcard_decode)),
    ]
}

fn frame_decode(framed: &'static [u8]) -> &'static [u8] {
    let limit = black_box(frame::MAX_BODY);
    let Ok(Decoded::Frame { body, .. }) = frame::decode(framed, limit) else {
        panic!("not a frame");
    };
    body
}

/// serde has bytes only where a type asks for them; a slice of `u8` would be written byte by byte.
struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

fn postcard_encode(body: &[u8], buf: &mut [u8]) -> usize {
    let framed = postcard::to_slice_crc32(&Bytes(body), buf, POSTCARD.digest());
    framed.expect("room").len()
}

fn postcard_decode(framed: &'static [u8]) -> &'static [u8] {
    postcard::from_bytes_crc32(framed, POSTCARD.digest()).expect("a frame")
}

/// What is written is looked at: its length and its last eight bytes.
fn writing(from: &'static [u8], write: impl Fn(&[u8], &mut [u8]) -> usize + 'static) -> Run {
    let mut buf = vec![0xa5; BUFFER];
    Box::new(move |times| {
        (0..times).fold(0, |sum: u64, _| {
            let len = write(black_box(from), black_box(&mut buf));
            sum.wrapping_add(last(&buf[..len])).wrapping_add(len as u64)
        })
    })
}

/// What was read is looked at: its length and its last eight bytes.
fn reading(from: &'static [u8], read: impl Fn(&'static [u8]) -> &'static [u8] + 'static) -> Run {
    Box::new(move |times| {
        (0..times).fold(0, |sum: u64, _| {
            let body = read(black_box(from));
            sum.wrapping_add(last(body)).wrapping_add(body.len() as u64)
        })
    })
}

/// Into another buffer, and in place. In place nothing is left to decode again: a fresh copy stands
/// there each time, and what copying takes is not counted.
fn cobs(workload: &'static str, body: &'static [u8]) -> Vec<Cell> {
    let mut stuffed = vec![0xa5; BUFFER];
    let len = cobs::encode(body, &mut stuffed);
    let stuffed: &'static [u8] = stuffed[..len].to_vec().leak();
    let encode = |who, run| Cell::new(workload, "COBS encode", who, run);
    let decode = |who, run| Cell::new(workload, "COBS decode", who, run);
    let in_place = |who, run| {
        let overhead: Option<Run> = Some(writing(stuffed, fresh));
        Cell { overhead, ..Cell::new(workload, "COBS decode", who, run) }
    };
    vec![
        encode("eyelet", writing(body, |body, buf| ours::encode(body, buf).expect("room"))),
        encode("cobs", writing(body, cobs::encode)),
        decode("eyelet", writing(stuffed, |bytes, buf| ours::decode(bytes, buf).expect("room"))),
        decode(
            "cobs",
            writing(stuffed, |bytes, buf| cobs::decode(bytes, buf).expect("valid").frame_size()),
        ),
        in_place(
            "eyelet in place",
            writing(stuffed, |bytes, buf| {
                let len = fresh(bytes, buf);
                ours::decode_in_place(&mut buf[..len]).expect("valid")
            }),
        ),
        in_place(
            "cobs in place",
            writing(stuffed, |bytes, buf| {
                let len = fresh(bytes, buf);
                cobs::decode_in_place(&mut buf[..len]).expect("valid")
            }),
        ),
    ]
}

fn fresh(bytes: &[u8], buf: &mut [u8]) -> usize {
    buf[..bytes.len()].copy_from_slice(bytes);
    bytes.len()
}

fn last(bytes: &[u8]) -> u64 {
    bytes.last_chunk().map_or(0, |last| u64::from_le_bytes(*last))
}
