/// What a figure has to reach.
pub(crate) struct Bar {
    pub(crate) workload: &'static str,
    pub(crate) measure: &'static str,
    /// The set of features that it holds for; `None`: each.
    pub(crate) set: Option<&'static str>,
    pub(crate) against: Against,
    pub(crate) least: f64,
    /// What it may become.
    pub(crate) aim: f64,
}

/// What is compared with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Against {
    /// How many times as fast as this one.
    One(&'static str),
    /// How many times as fast as the fastest of the others.
    Best,
    /// How many instructions; here more is worse.
    Instructions,
}

impl Bar {
    pub(crate) fn is_met(&self, reached: f64) -> bool {
        if self.against == Against::Instructions {
            reached <= self.least
        } else {
            reached >= self.least
        }
    }
}

const PROST: Against = Against::One("prost");
const POSTCARD: Against = Against::One("postcard");
const CORE: Option<&str> = Some("core");
const HOSTS: Option<&str> = Some("hosts");

macro_rules! bars {
    ($($measure:literal, $workload:literal, $set:expr, $against:expr => $least:literal ($aim:literal);)*) => {
        &[$(Bar {
            workload: $workload,
            measure: $measure,
            set: $set,
            against: $against,
            least: $least,
            aim: $aim,
        }),*]
    };
}

/// All of them; they hold for what is called plain `eyelet`.
pub(crate) const BARS: &[Bar] = bars! {
    "decode", "T", None, PROST => 3.5 (4.3);
    "decode", "T", None, Against::Best => 1.7 (2.3);
    "decode", "R1x512", CORE, PROST => 3.8 (4.6);
    "decode", "R1x512", CORE, Against::Best => 1.3 (1.6);
    "decode", "R1x512", HOSTS, PROST => 4.6 (5.8);
    "decode", "R1x512", HOSTS, Against::Best => 1.6 (2.0);
    "decode", "R10k", CORE, PROST => 3.8 (4.6);
    "decode", "R10k", CORE, Against::Best => 1.3 (1.6);
    "decode", "R10k", HOSTS, PROST => 4.6 (5.8);
    "decode", "R10k", HOSTS, Against::Best => 1.6 (2.0);
    "encode", "T", None, PROST => 1.8 (2.2);
    "encode", "T", None, Against::Best => 1.45 (1.8);
    "encode", "R10k", None, PROST => 1.9 (2.4);
    "encode", "R10k", None, Against::Best => 1.3 (1.6);
    "decode", "T", HOSTS, Against::Instructions => 1_600.0 (1_300.0);
    "encode", "T", HOSTS, Against::Instructions => 800.0 (700.0);
    "decode", "R1", HOSTS, Against::Instructions => 12_500.0 (10_000.0);
    "encode", "R1", HOSTS, Against::Instructions => 5_800.0 (5_200.0);
    "frame encode", "200 B", CORE, POSTCARD => 5.0 (5.0);
    "frame decode", "200 B", CORE, POSTCARD => 5.0 (5.0);
    "frame encode", "4 KiB", CORE, POSTCARD => 8.0 (8.0);
    "frame decode", "4 KiB", CORE, POSTCARD => 8.0 (8.0);
    "frame encode", "16 KiB", CORE, POSTCARD => 8.0 (8.0);
    "frame decode", "16 KiB", CORE, POSTCARD => 8.0 (8.0);
    "frame encode", "64 KiB", CORE, POSTCARD => 8.0 (8.0);
    "frame decode", "64 KiB", CORE, POSTCARD => 8.0 (8.0);
    "frame encode", "4 KiB", HOSTS, POSTCARD => 30.0 (30.0);
    "frame decode", "4 KiB", HOSTS, POSTCARD => 30.0 (30.0);
    "frame encode", "16 KiB", HOSTS, POSTCARD => 30.0 (30.0);
    "frame decode", "16 KiB", HOSTS, POSTCARD => 30.0 (30.0);
    "frame encode", "64 KiB", HOSTS, POSTCARD => 30.0 (30.0);
    "frame decode", "64 KiB", HOSTS, POSTCARD => 30.0 (30.0);
    "COBS encode", "4 KiB", None, Against::One("cobs") => 4.0 (4.0);
    "COBS decode", "4 KiB", None, Against::One("cobs in place") => 8.0 (8.0);
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_fast_must_be_many_and_instructions_few() {
        let bar = |against| Bar {
            workload: "T",
            measure: "decode",
            set: None,
            against,
            least: 2.0,
            aim: 2.0,
        };
        for (reached, ratio, count) in [(1.9, false, true), (2.0, true, true), (2.1, true, false)] {
            assert_eq!(bar(Against::Best).is_met(reached), ratio, "{reached}");
            assert_eq!(bar(Against::Instructions).is_met(reached), count, "{reached}");
        }
    }
}
