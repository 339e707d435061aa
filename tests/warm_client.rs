//! Once warm, the client without a runtime takes no memory for a task and its result.

use eyelet_codec::DetectionTask;
use eyelet_tests::attacked::Attacked;
use eyelet_transport::blocking::Client;
use peak_alloc::PeakAlloc;

/// Counts every byte of this process that is in use.
#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// One test alone in this process: what another one sets aside would count, too.
#[test]
fn a_warm_stream_takes_no_memory() {
    let collector = Attacked::start(env!("CARGO_BIN_EXE_synthetic_collector"), &["send"]);
    let mut client = Client::connect(collector.endpoint()).expect("connected");
    assert!(added(|| assert_eq!(run(&mut client, "5000"), 5000)) > 0, "the control: it is cold");
    for (task, records) in [("10", 10), ("5000", 5000)] {
        let added = added(|| {
            for _ in 0..100 {
                assert_eq!(run(&mut client, task), records);
            }
        });
        assert_eq!(added, 0, "{records} records");
    }
    client.close();
}

fn run(client: &mut Client, count: &str) -> u64 {
    let task = DetectionTask { metadata: Some(count), ..Default::default() };
    let mut stream = client.stream(&task).expect("sent");
    while let Some(mut chunk) = stream.next().expect("a chunk") {
        chunk.for_each(|_| {}).expect("a result");
    }
    stream.records()
}

/// Bytes that `work` has had in use at once beyond those in use before.
fn added(work: impl FnOnce()) -> usize {
    let before = HEAP.current_usage();
    HEAP.reset_peak_usage();
    work();
    HEAP.peak_usage() - before
}
