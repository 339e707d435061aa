//! What is measured.

use std::fmt::{self, Display, Formatter};

use crate::place::Place;

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Workload {
    /// One task after the other, both processes on one CPU: the cost of all software on the way.
    RoundTrip,
    /// So many tasks under way on one connection.
    InFlight(u16),
    /// As `RoundTrip`, on runtimes of many threads: what a program gets that does not choose.
    RoundTripOnThreads,
    /// As `InFlight`, on such runtimes.
    InFlightOnThreads(u16),
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

use Workload::{
    Calls, Clients, Connect, Idle, InFlight, InFlightOnThreads, RoundTrip, RoundTripOnThreads,
    Stream, SystemCalls,
};

/// In the order in which they are shown.
pub(crate) const ALL: [Workload; 11] = [
    RoundTrip,
    RoundTripOnThreads,
    InFlight(64),
    InFlight(16),
    InFlightOnThreads(64),
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
/// With several tasks on one connection, and anywhere between threads.
pub(crate) const WITHOUT_STREAMS: &[Workload] = &[
    RoundTrip,
    RoundTripOnThreads,
    InFlight(64),
    InFlight(16),
    InFlightOnThreads(64),
    Clients(256),
    Connect,
    Idle(1_000),
    SystemCalls,
];
/// All but those on threads.
pub(crate) const ON_ONE_THREAD: &[Workload] = &[
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
/// All of them.
pub(crate) const EVERYTHING: &[Workload] = &ALL;

impl Workload {
    /// By its name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let calls = || name.strip_suffix(" calls")?.parse().ok().map(Calls);
        ALL.into_iter().find(|workload| workload.to_string() == name).or_else(calls)
    }

    /// Of the server, and of the client. Where these take turns they share a CPU: waking the other one's
    /// would take longer than all that is to be measured.
    pub(crate) fn places(self) -> (Place, Place) {
        match self {
            InFlight(_) | Clients(_) | Stream(_) => (Place::Cpu(0), Place::Cpu(1)),
            RoundTripOnThreads | InFlightOnThreads(_) => (Place::Threads, Place::Threads),
            RoundTrip | Connect | Idle(_) | SystemCalls | Calls(_) => {
                (Place::Cpu(0), Place::Cpu(0))
            }
        }
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
            RoundTripOnThreads => f.write_str("threads: round trip"),
            InFlightOnThreads(width) => write!(f, "threads: {width} in flight"),
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
