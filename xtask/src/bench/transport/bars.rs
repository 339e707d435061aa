use crate::bench::bar::Against::{self, Alone, Best, One};
use crate::bench::bar::Bar;
use crate::bench::bar::Limit::{Least, Most};
use crate::bench::quantity::{KIBIBYTE, MEBIBYTE};

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

macro_rules! bars {
    ($($who:literal, $workload:literal, $measure:literal, $against:expr => $limit:expr, $aim:expr;)*) => {
        &[$(Bar {
            who: $who,
            workload: $workload,
            measure: $measure,
            features: None,
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
