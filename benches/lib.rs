//! Workloads that the benchmarks share.

use eyelet_codec::{DetectionTask, ProcessFilter, ProcessRecord, Repeated, TaskType};

/// A task of about 200 bytes: two names, twenty pids and a pattern.
pub fn task() -> DetectionTask<'static> {
    const PIDS: [u32; 20] = [
        1, 17, 254, 388, 1_024, 1_999, 2_048, 4_711, 8_191, 9_000, 12_345, 15_000, 16_383, 16_384,
        20_001, 23_456, 30_000, 31_337, 32_767, 65_000,
    ];
    DetectionTask {
        task_id: "0b7c1a52-6f0e-4b5f-9a52-0f6a3f1f8f10",
        task_type: TaskType::ENUMERATE_PROCESSES,
        process_filter: Some(ProcessFilter {
            process_names: Repeated::new(&["systemd-journald", "sshd"]),
            pids: Repeated::new(&PIDS),
            executable_pattern: Some("/usr/lib/systemd/**"),
        }),
        metadata: Some("requested by the nightly sweep"),
        ..Default::default()
    }
}

/// A record of about 195 bytes, three quarters of it text in short strings; no two of the same lengths
/// in a row, so that a branch predictor cannot learn them.
pub fn record(index: u32) -> ProcessRecord<'static> {
    const NAMES: [&str; 5] = ["sshd", "systemd-journal", "bash", "postgres", "kworker/u8:3"];
    const PATHS: [&str; 3] = ["/usr/sbin/sshd", "/usr/lib/systemd/systemd-journald", "/bin/bash"];
    const ARGUMENTS: [&[&str]; 4] = [
        &["sshd: /usr/sbin/sshd", "-D"],
        &["/usr/lib/systemd/systemd-journald"],
        &["bash", "-c", "sleep 60; echo done"],
        &["postgres", "-D", "/var/lib/postgresql/15/main", "-c", "config_file=/etc/pg.conf"],
    ];
    // Knuth's multiplicative hash: neighbours get different picks.
    let hash = index.wrapping_mul(2_654_435_761) >> 16;
    let pick = |len: usize| hash as usize % len;
    ProcessRecord {
        pid: 100 + index,
        ppid: Some(1 + index % 40),
        name: NAMES[pick(NAMES.len())],
        executable_path: Some(PATHS[pick(PATHS.len())]),
        command_line: Repeated::new(ARGUMENTS[pick(ARGUMENTS.len())]),
        start_time: Some(1_795_000_000 + i64::from(index)),
        cpu_usage: Some(f64::from(index % 100) / 7.0),
        memory_usage: Some(4096 * u64::from(index % 100_000)),
        user_id: Some("0"),
        accessible: true,
        file_exists: true,
        collection_time: 1_795_273_000_000,
        entity_id: "6b2f8d1c-1-184467",
        ..Default::default()
    }
}
