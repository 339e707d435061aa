//! The client without a runtime keeps what the async one promises, and some promises of its own; what a
//! hostile collector gets from it is in `hostile_collectors`.

mod conversation;
mod departure;
mod service;

use eyelet_codec::DetectionTask;
use eyelet_tests::wire::{body, bytes, framed, number};
use eyelet_transport::blocking::{ClientError, Stream};

/// A task for so many records.
fn asking(count: &str) -> DetectionTask<'_> {
    DetectionTask { metadata: Some(count), ..Default::default() }
}

/// The last chunk of a result, of so many records.
fn last(stream: u32, records: u64) -> Vec<u8> {
    framed(stream, body::RESULT, &[self::records(records), number(2, 1)].concat())
}

fn records(count: u64) -> Vec<u8> {
    (1..=count).flat_map(|pid| bytes(4, &[number(1, pid), bytes(3, b"name")].concat())).collect()
}

/// Reads a result to its end; the number of its records.
fn read(stream: &mut Stream<'_>) -> Result<u64, ClientError> {
    while let Some(mut chunk) = stream.next()? {
        chunk.for_each(|_| {})?;
    }
    Ok(stream.records())
}
