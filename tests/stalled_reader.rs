//! What an agent costs a server that asks on many streams and reads nothing: one outgoing buffer, and on
//! each stream what its handler holds.

use std::future::pending;
use std::sync::Arc;
use std::thread;

use eyelet_tests::server::runtime;
use eyelet_tests::synthetic::Collector;
use eyelet_tests::wire::{Greeting, body, bytes, framed};
use eyelet_transport::server::{Counters, Options, serve_line};
use peak_alloc::PeakAlloc;
use tokio::io::{AsyncWriteExt, duplex};
use tokio::task::yield_now;

/// Counts every byte of this process that is in use.
#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// What the line takes before it takes no more.
const LINE: usize = 4 * 1024;
/// What waits for it at most, and a chunk that was begun before.
const OUTGOING: usize = (64 + 16) * 1024;
/// The schema's largest record is longer; those here take 200 bytes.
const RECORD: usize = 2 * 1024;

/// One test alone in this process: what another one sets aside would count, too.
#[test]
fn a_reader_that_stalls_costs_one_outgoing_buffer_and_a_record_a_stream() {
    let [none, one, many] = [0, 1, 64].map(|streams| {
        // On a thread of its own, which has no buffers from before.
        thread::spawn(move || stalled(streams)).join().expect("a size")
    });
    println!("unread: {none} bytes without a stream, {one} with one, {many} with 64");
    assert!(one > none + OUTGOING / 2, "the control: it has sent nothing");
    assert!(one <= none + 2 * OUTGOING, "{one} bytes against {none}");
    assert!(many <= one + 63 * RECORD, "{many} bytes against {one}");
}

/// Bytes that a server holds for an agent which has asked on so many streams.
fn stalled(streams: usize) -> usize {
    runtime().block_on(async {
        let before = HEAP.current_usage();
        let (mut agent, line) = duplex(LINE);
        let counters = Arc::<Counters>::default();
        let options = Options { counters: counters.clone(), ..Options::default() };
        let served = tokio::spawn(async move {
            serve_line(line, Arc::new(Collector { records: 0 }), &options, pending()).await
        });
        let patient = Greeting { credit: 1 << 40, ..Greeting::agent() };
        agent.write_all(&patient.framed()).await.expect("there is room");
        for stream in (1..).step_by(2).take(streams) {
            let task = framed(stream, body::TASK, &bytes(5, b"1000000"));
            agent.write_all(&task).await.expect("there is room");
        }
        until_nothing_happens(&counters).await;
        assert!(!served.is_finished());
        HEAP.current_usage() - before
    })
}

/// The server has understood all and can do no more.
async fn until_nothing_happens(counters: &Counters) {
    let mut before = counters.read();
    loop {
        for _ in 0..1000 {
            yield_now().await;
        }
        let now = counters.read();
        if now == before && now.bytes_received > 0 {
            return;
        }
        before = now;
    }
}
