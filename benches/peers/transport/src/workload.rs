//! What is measured.

use std::fmt::{self, Display, Formatter};

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Workload {
    /// One task after the other, both processes on one CPU: the cost of all software on the way.
    RoundTrip,
    /// So many tasks under way on one connection.
    InFlight(u16),
    /// So many connections, each with one task under way.
    Clients(u16),
    /// Connect, one task, close.
    Connect,
    /// One result of so many records, read while it comes.
    Stream(u32),
    /// So many connections that have done one task each and now do nothing.
    Idle(u16),
    /// What the system is asked for in a round trip.
    SystemCalls,
    /// So many tasks one after the other, for whoever counts what the system is asked for.
    Calls(u32),
}

use Workload::{Calls, Clients, Connect, Idle, InFlight, RoundTrip, Stream, SystemCalls};

/// In the order in which they are shown.
pub(crate) const ALL: [Workload; 9] = [
    RoundTrip,
    InFlight(64),
    InFlight(16),
    Clients(256),
    Connect,
    Stream(100_000),
    Stream(1_000_000),
    Idle(1_000),
    SystemCalls,
];

/// For a client that does one thing at a time.
pub(crate) const BLOCKING: &[Workload] =
    &[RoundTrip, Connect, Stream(100_000), Stream(1_000_000), Idle(1_000), SystemCalls];
/// With several tasks on one connection.
pub(crate) const CONCURRENT: &[Workload] =
    &[RoundTrip, InFlight(64), InFlight(16), Clients(256), Connect, Idle(1_000), SystemCalls];
/// With results that come in chunks as well.
pub(crate) const EVERYTHING: &[Workload] = &ALL;

impl Workload {
    /// By its name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let calls = || name.strip_suffix(" calls")?.parse().ok().map(Calls);
        ALL.into_iter().find(|workload| workload.to_string() == name).or_else(calls)
    }

    /// Whether server and client share a CPU. Where they take turns, waking the other one's CPU would
    /// take longer than all that is to be measured.
    pub(crate) fn shares_cpu(self) -> bool {
        !matches!(self, InFlight(_) | Clients(_) | Stream(_))
    }

    /// Memory and counts are hardly different the next time, and take long.
    pub(crate) fn most_repetitions(self) -> usize {
        match self {
            Stream(1_000_000) | Idle(_) => 3,
            SystemCalls => 1,
            _ => usize::MAX,
        }
    }
}

impl Display for Workload {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            RoundTrip => f.write_str("round trip"),
            InFlight(width) => write!(f, "{width} in flight"),
            Clients(count) => write!(f, "{count} clients"),
            Connect => f.write_str("connect + one + close"),
            Stream(100_000) => f.write_str("stream 100,000 records"),
            Stream(1_000_000) => f.write_str("stream 1,000,000 records"),
            Stream(count) => write!(f, "stream {count} records"),
            Idle(_) => f.write_str("idle"),
            SystemCalls => f.write_str("system calls"),
            Calls(count) => write!(f, "{count} calls"),
        }
    }
}
