/// What a figure has to be.
pub(crate) struct Bar {
    pub(crate) who: &'static str,
    pub(crate) workload: &'static str,
    pub(crate) measure: &'static str,
    pub(crate) against: Against,
    pub(crate) limit: Limit,
    /// What it may become.
    pub(crate) aim: f64,
}

/// What is compared with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Against {
    /// With nobody: the value itself, in this unit.
    Alone(&'static str),
    /// With one.
    One(&'static str),
    /// With the best of some: what these are called together, and who they are.
    Best(&'static str, &'static [&'static str]),
}

/// Of a time, that it takes at most so many times as long; of a rate, that it is so many times as high.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Limit {
    Most(f64),
    Least(f64),
}

impl Limit {
    pub(crate) fn is_met(self, reached: f64) -> bool {
        match self {
            Self::Most(most) => reached <= most,
            Self::Least(least) => reached >= least,
        }
    }
}

use Against::{Alone, Best, One};
use Limit::{Least, Most};

const RAW: Against = One("raw echo");
const LIBRARY: Against =
    Best("the best library", &["tarpc", "ttrpc", "tonic", "Cap'n Proto RPC", "zlink"]);
const ANYBODY: Against = Best(
    "the best peer",
    &["tarpc", "ttrpc", "tonic", "Cap'n Proto RPC", "zlink", "Framed + prost"],
);
const PROTOBUF: Against =
    Best("the best peer with protobuf", &["ttrpc", "tonic", "Framed + prost"]);
const BYTES: Against = Alone("B");
const MEBIBYTE: f64 = 1_048_576.0;
const KIBIBYTE: f64 = 1_024.0;

macro_rules! bars {
    ($($who:literal, $workload:literal, $measure:literal, $against:expr => $limit:expr, $aim:expr;)*) => {
        &[$(Bar {
            who: $who,
            workload: $workload,
            measure: $measure,
            against: $against,
            limit: $limit,
            aim: $aim,
        }),*]
    };
}

/// All of them.
pub(crate) const BARS: &[Bar] = bars! {
    "eyelet", "round trip", "p50", RAW => Most(1.5), 1.25;
    "eyelet", "round trip", "p50", LIBRARY => Most(0.55), 0.45;
    "eyelet blocking", "round trip", "p50", RAW => Most(1.3), 1.15;
    "eyelet", "system calls", "a round trip", Alone("system calls") => Most(6.1), 6.0;
    "eyelet", "system calls", "100,000 round trips", Alone("futex calls") => Most(10.0), 0.0;
    "eyelet", "64 in flight", "rate", LIBRARY => Least(3.0), 4.0;
    "eyelet", "256 clients", "rate", LIBRARY => Least(2.4), 3.0;
    "eyelet", "connect + one + close", "rate", LIBRARY => Least(1.1), 1.35;
    "eyelet", "stream 100,000 records", "rate", ANYBODY => Least(1.6), 2.1;
    "eyelet", "stream 100,000 records", "rate", PROTOBUF => Least(3.0), 4.0;
    "eyelet", "stream 100,000 records", "server, most resident", BYTES => Most(8.0 * MEBIBYTE), 4.3 * MEBIBYTE;
    "eyelet", "stream 100,000 records", "client, most resident", BYTES => Most(8.0 * MEBIBYTE), 4.1 * MEBIBYTE;
    "eyelet", "stream 1,000,000 records", "server, most resident", BYTES => Most(8.0 * MEBIBYTE), 4.3 * MEBIBYTE;
    "eyelet", "stream 1,000,000 records", "client, most resident", BYTES => Most(8.0 * MEBIBYTE), 4.1 * MEBIBYTE;
    "eyelet", "idle", "server, a connection", BYTES => Most(2.5 * KIBIBYTE), 1.5 * KIBIBYTE;
    "eyelet", "idle", "client, a connection", BYTES => Most(2.5 * KIBIBYTE), 1.5 * KIBIBYTE;
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_must_be_short_and_rates_high() {
        for (reached, short, high) in [(1.9, true, false), (2.0, true, true), (2.1, false, true)] {
            assert_eq!(Most(2.0).is_met(reached), short, "{reached}");
            assert_eq!(Least(2.0).is_met(reached), high, "{reached}");
        }
    }
}
