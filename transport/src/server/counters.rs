//! What a server has done, for who watches it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use eyelet_codec::FaultCode;

use crate::lock::lock;

/// Counts what a server does. Give one to [`Options`](super::Options) and keep the other
/// [`Arc`](std::sync::Arc); [`read`](Self::read) may be called at any time, from any thread.
#[derive(Debug, Default)]
pub struct Counters {
    accepted: AtomicU64,
    closed: AtomicU64,
    refused: AtomicU64,
    accept_errors: AtomicU64,
    tasks: AtomicU64,
    tasks_done: AtomicU64,
    records: AtomicU64,
    bytes_received: AtomicU64,
    bytes_sent: AtomicU64,
    faults: [AtomicU64; CODES],
    unlogged: Mutex<Unlogged>,
}

/// What a server has done since it began, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Connections that were let in.
    pub accepted: u64,
    /// Of these, how many are open.
    pub open: u64,
    /// Connections that were told UNAUTHORIZED or BUSY, or just closed.
    pub refused: u64,
    /// Times that the system could not accept a connection, for want of descriptors, say.
    pub accept_errors: u64,
    /// Tasks that were begun.
    pub tasks: u64,
    /// Tasks that ended in a result.
    pub tasks_done: u64,
    /// Records that were sent.
    pub records: u64,
    /// Bytes of frames.
    pub bytes_received: u64,
    /// Bytes of frames.
    pub bytes_sent: u64,
    /// Faults that were sent, on streams and on connections, by their code; only those there were.
    pub faults: Vec<(FaultCode, u64)>,
}

/// What one connection has done since it told the counters last.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) tasks: u64,
    pub(super) tasks_done: u64,
    pub(super) records: u64,
    pub(super) bytes_received: u64,
    pub(super) bytes_sent: u64,
    faults: Vec<FaultCode>,
}

/// The codes of `session.proto`, and 0 for what has none.
const CODES: usize = 17;

impl Counters {
    /// What has happened so far.
    pub fn read(&self) -> Counts {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let closed = of(&self.closed);
        let accepted = of(&self.accepted);
        let faults = (0..).zip(&self.faults).map(|(code, count)| (FaultCode(code), of(count)));
        Counts {
            accepted,
            open: accepted.saturating_sub(closed),
            refused: of(&self.refused),
            accept_errors: of(&self.accept_errors),
            tasks: of(&self.tasks),
            tasks_done: of(&self.tasks_done),
            records: of(&self.records),
            bytes_received: of(&self.bytes_received),
            bytes_sent: of(&self.bytes_sent),
            faults: faults.filter(|(_, count)| *count > 0).collect(),
        }
    }

    pub(super) fn accepted(&self) {
        add(&self.accepted, 1);
    }

    pub(super) fn closed(&self) {
        add(&self.closed, 1);
    }

    /// With the fault that was sent, if one was.
    pub(super) fn refused(&self, code: Option<FaultCode>) {
        add(&self.refused, 1);
        if let Some(code) = code {
            self.fault(code);
        }
    }

    pub(super) fn accept_error(&self) {
        add(&self.accept_errors, 1);
    }

    pub(super) fn add(&self, tally: &mut Tally) {
        let Tally { tasks, tasks_done, records, bytes_received, bytes_sent, faults } = tally;
        for (count, more) in [
            (&self.tasks, tasks),
            (&self.tasks_done, tasks_done),
            (&self.records, records),
            (&self.bytes_received, bytes_received),
            (&self.bytes_sent, bytes_sent),
        ] {
            if *more > 0 {
                add(count, std::mem::take(more));
            }
        }
        for code in faults.drain(..) {
            self.fault(code);
        }
    }

    fn fault(&self, code: FaultCode) {
        let count = usize::try_from(code.0).ok().and_then(|code| self.faults.get(code));
        add(count.unwrap_or(&self.faults[0]), 1);
    }

    /// Says something that a peer can make us say: `BURST` lines at once and then one a second, so that
    /// it cannot fill the log. What was not said is counted, and told with the next line.
    pub(super) fn log(&self, say: impl FnOnce()) {
        let Some(unlogged) = lock(&self.unlogged).ask(Instant::now()) else { return };
        if unlogged > 0 {
            log::warn!("{unlogged} lines like the next were left out");
        }
        say();
    }
}

fn add(count: &AtomicU64, more: u64) {
    count.fetch_add(more, Ordering::Relaxed);
}

impl Tally {
    pub(super) fn fault(&mut self, code: FaultCode) {
        self.faults.push(code);
    }
}

/// A bucket of lines that the log may get.
#[derive(Debug)]
struct Unlogged {
    lines: u64,
    left: u32,
    refilled: Option<Instant>,
}

/// Lines at once; then one a second.
const BURST: u32 = 100;

impl Default for Unlogged {
    fn default() -> Self {
        Self { lines: 0, left: BURST, refilled: None }
    }
}

impl Unlogged {
    /// May a line be said? Then how many were not, before.
    fn ask(&mut self, now: Instant) -> Option<u64> {
        let since = now.saturating_duration_since(*self.refilled.get_or_insert(now));
        let seconds = u32::try_from(since.as_secs()).unwrap_or(u32::MAX);
        if seconds > 0 {
            self.left = self.left.saturating_add(seconds).min(BURST);
            self.refilled = Some(now);
        }
        if self.left == 0 {
            self.lines += 1;
            return None;
        }
        self.left -= 1;
        Some(std::mem::take(&mut self.lines))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_counted_is_read() {
        let counters = Counters::default();
        counters.accepted();
        counters.refused(Some(FaultCode::BUSY));
        let mut tally = Tally { tasks: 2, records: 7, ..Tally::default() };
        tally.fault(FaultCode(99));
        counters.add(&mut tally);
        counters.add(&mut tally);
        let counts = counters.read();
        let want = Counts {
            accepted: 1,
            open: 1,
            refused: 1,
            tasks: 2,
            records: 7,
            faults: vec![(FaultCode(0), 1), (FaultCode::BUSY, 1)],
            ..Counts::default()
        };
        assert_eq!(counts, want);
        counters.closed();
        assert_eq!(counters.read().open, 0);
    }

    #[test]
    fn a_flood_of_lines_is_counted_and_one_a_second_is_said() {
        let (mut bucket, begin) = (Unlogged::default(), Instant::now());
        let second = Duration::from_secs(1);
        let burst = (0..1000).filter(|_| bucket.ask(begin).is_some()).count();
        assert_eq!(burst, BURST as usize);
        assert_eq!(bucket.ask(begin + second), Some(1000 - u64::from(BURST)));
        assert_eq!(bucket.ask(begin + second), None);
        assert_eq!(bucket.ask(begin + 3 * second), Some(1));
        assert_eq!(bucket.ask(begin + 3 * second), Some(0));
    }
}
