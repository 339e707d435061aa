//! How fast such a thing could be at all: what the least of the work costs alone.

use std::hint::black_box;

use crate::cell::{BUFFER, Cell, texts};
use crate::workload::Workload;

/// Every text is checked by itself, by what `core` has, and by the crate that hosts may turn on.
pub(crate) fn decode(workload: &Workload) -> [Cell; 2] {
    let core = |text: &'static str| u64::from(str::from_utf8(black_box(text.as_bytes())).is_ok());
    let smooth = |text: &'static str| u64::from(smoothutf8::verify(black_box(text.as_bytes())));
    [
        texts(workload, "decode", "floor: UTF-8 alone, core", core),
        texts(workload, "decode", "floor: UTF-8 alone, smoothutf8", smooth),
    ]
}

/// Every text is copied by itself, and the whole message at once.
pub(crate) fn encode(workload: &Workload) -> [Cell; 2] {
    let mut buf = vec![0xa5; BUFFER];
    let copy = move |text: &'static str| {
        let text = black_box(text.as_bytes());
        black_box(&mut buf)[..text.len()].copy_from_slice(text);
        text.len() as u64
    };
    let mut buf = vec![0xa5; BUFFER];
    let all = crate::cell::bytes(workload, "encode", "floor: memcpy", move |message| {
        black_box(&mut buf)[..message.len()].copy_from_slice(message);
        message.len() as u64
    });
    [texts(workload, "encode", "floor: copy each text", copy), all]
}
