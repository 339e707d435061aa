//! Workloads that the benchmarks share: messages like those of a real collector, from a fixed seed.

mod process;
mod random;

use std::sync::LazyLock;

use eyelet_codec::{DetectionTask, ProcessFilter, ProcessRecord, Repeated, TaskType};

pub use random::Random;

/// Different records there are; [`record`] begins anew behind them.
pub const RECORDS: usize = 10_240;

/// A task of 195 bytes: an id, five names, six pids, a pattern and a note.
pub fn task() -> DetectionTask<'static> {
    const NAMES: [&str; 5] =
        ["systemd-journald", "containerd-shim", "NetworkManager", "postgres", "gnome-keyring-d"];
    const PIDS: [u32; 6] = [1, 388, 1_999, 12_345, 20_001, 31_337];
    DetectionTask {
        task_id: "0b7c1a52-6f0e-4b5f-9a52-0f6a3f1f8f10",
        task_type: TaskType::ENUMERATE_PROCESSES,
        process_filter: Some(ProcessFilter {
            process_names: Repeated::new(&NAMES),
            pids: Repeated::new(&PIDS),
            executable_pattern: Some("/usr/lib/systemd/**"),
        }),
        metadata: Some("requested by the nightly sweep, host 17"),
        ..Default::default()
    }
}

/// A record of about 195 bytes, three quarters of it text in short strings. What a neighbour has is of
/// other lengths, and there are many of them: a branch predictor cannot learn them by heart.
pub fn record(index: u32) -> ProcessRecord<'static> {
    static ALL: LazyLock<Vec<ProcessRecord<'static>>> = LazyLock::new(|| records(RECORDS));
    let mut record = ALL[index as usize % RECORDS];
    record.pid = 100 + index;
    record
}

/// The first so many of those that [`record`] returns, but for their pids; for programs whose memory is
/// measured, since all take some megabytes.
pub fn records(count: usize) -> Vec<ProcessRecord<'static>> {
    // A seed whose first ten records are of average length, and have as many texts as others.
    let mut random = Random::new(36);
    (0..count).map(|_| process::record(&mut random)).collect()
}
