//! What the system holds for this process.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::skip;

/// Open descriptors; the one that looks is among them.
pub fn descriptors() -> usize {
    entries("/proc/self/fd")
}

/// Threads.
pub fn threads() -> usize {
    entries("/proc/self/task")
}

/// Whether they can be counted here; where not, `test` is said to be skipped.
pub fn can_be_counted(test: &str) -> bool {
    let can = Path::new("/proc/self/fd").exists();
    if !can {
        skip(test, "no /proc/self/fd");
    }
    can
}

/// Waits until `settled`, for 20 s at most: some of what ends does so a moment behind what was waited for.
/// False: it did not.
pub fn settles(mut settled: impl FnMut() -> bool) -> bool {
    let begun = Instant::now();
    while !settled() {
        if begun.elapsed() > Duration::from_secs(20) {
            return false;
        }
        std::thread::yield_now();
    }
    true
}

fn entries(directory: &str) -> usize {
    std::fs::read_dir(directory).expect("/proc").count()
}
