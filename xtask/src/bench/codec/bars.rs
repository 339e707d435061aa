use super::peers::{CORE, HOSTS};
use crate::bench::bar::Against::{self, Alone, Best, One};
use crate::bench::bar::Bar;
use crate::bench::bar::Limit::{Least, Most};
use crate::bench::block::{INSTRUCTIONS, OURS};

const ALL: Option<&str> = None;
const FIRMWARE: Option<&str> = Some(CORE.features);
const HOST: Option<&str> = Some(HOSTS.features);
const PROST: Against = One("prost");
const POSTCARD: Against = One("postcard");
const FASTEST: Against = Best("the best other", &OTHERS);
const COUNT: Against = Alone(INSTRUCTIONS);

/// Who else encodes and decodes messages.
pub(crate) const OTHERS: [&str; 8] = [
    "prost",
    "quick-protobuf",
    "femtopb",
    "micropb",
    "micropb heap",
    "buffa",
    "buffa view",
    "buffa lazy",
];

macro_rules! bars {
    ($($measure:literal, $workload:literal, $features:expr, $against:expr => $limit:expr, $aim:literal;)*) => {
        &[$(Bar {
            who: OURS,
            workload: $workload,
            measure: $measure,
            features: $features,
            against: $against,
            limit: $limit,
            aim: $aim,
        }),*]
    };
}

/// All of them.
pub(crate) const BARS: &[Bar] = bars! {
    "decode", "T", ALL, PROST => Least(3.5), 4.3;
    "decode", "T", ALL, FASTEST => Least(1.7), 2.3;
    "decode", "R1x512", FIRMWARE, PROST => Least(3.8), 4.6;
    "decode", "R1x512", FIRMWARE, FASTEST => Least(1.3), 1.6;
    "decode", "R1x512", HOST, PROST => Least(4.6), 5.8;
    "decode", "R1x512", HOST, FASTEST => Least(1.6), 2.0;
    "decode", "R10k", FIRMWARE, PROST => Least(3.8), 4.6;
    "decode", "R10k", FIRMWARE, FASTEST => Least(1.3), 1.6;
    "decode", "R10k", HOST, PROST => Least(4.6), 5.8;
    "decode", "R10k", HOST, FASTEST => Least(1.6), 2.0;
    "encode", "T", ALL, PROST => Least(1.8), 2.2;
    "encode", "T", ALL, FASTEST => Least(1.45), 1.8;
    "encode", "R10k", ALL, PROST => Least(1.9), 2.4;
    "encode", "R10k", ALL, FASTEST => Least(1.3), 1.6;
    "decode", "T", HOST, COUNT => Most(1_600.0), 1_300.0;
    "encode", "T", HOST, COUNT => Most(800.0), 700.0;
    "decode", "R1", HOST, COUNT => Most(12_500.0), 10_000.0;
    "encode", "R1", HOST, COUNT => Most(5_800.0), 5_200.0;
    "frame encode", "200 B", FIRMWARE, POSTCARD => Least(5.0), 5.0;
    "frame decode", "200 B", FIRMWARE, POSTCARD => Least(5.0), 5.0;
    "frame encode", "4 KiB", FIRMWARE, POSTCARD => Least(8.0), 8.0;
    "frame decode", "4 KiB", FIRMWARE, POSTCARD => Least(8.0), 8.0;
    "frame encode", "16 KiB", FIRMWARE, POSTCARD => Least(8.0), 8.0;
    "frame decode", "16 KiB", FIRMWARE, POSTCARD => Least(8.0), 8.0;
    "frame encode", "64 KiB", FIRMWARE, POSTCARD => Least(8.0), 8.0;
    "frame decode", "64 KiB", FIRMWARE, POSTCARD => Least(8.0), 8.0;
    "frame encode", "4 KiB", HOST, POSTCARD => Least(30.0), 30.0;
    "frame decode", "4 KiB", HOST, POSTCARD => Least(30.0), 30.0;
    "frame encode", "16 KiB", HOST, POSTCARD => Least(30.0), 30.0;
    "frame decode", "16 KiB", HOST, POSTCARD => Least(30.0), 30.0;
    "frame encode", "64 KiB", HOST, POSTCARD => Least(30.0), 30.0;
    "frame decode", "64 KiB", HOST, POSTCARD => Least(30.0), 30.0;
    "COBS encode", "4 KiB", ALL, One("cobs") => Least(4.0), 4.0;
    "COBS decode", "4 KiB", ALL, One("cobs in place") => Least(8.0), 8.0;
};
