use crate::bench::bar::Judged;
use crate::bench::block::{Block, INSTRUCTIONS};
use crate::bench::{codec, transport};

/// What is measured of one half of the project, in the order of the page.
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    sections: &'static [Section],
    /// What workloads are, for those who have not read more.
    workloads: &'static [(&'static str, &'static str)],
    /// Shown folded: the same with these features of eyelet-codec.
    pub(super) folded: Option<(&'static str, &'static str)>,
    /// Of bars, whether one is shown before all others.
    pub(super) is_telling: fn(&Judged<'_>) -> bool,
    /// Of a bar.
    pub(super) bar_name: fn(&Judged<'_>) -> String,
}

/// Charts with something in common.
pub(super) struct Section {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    holds: fn(&Block<'_>) -> bool,
}

pub(super) const CODEC: Part = Part {
    name: "Codec",
    about: "All codecs in one binary, given the same bytes. Folded: the same with what firmware has, \
        where nothing but Rust's core library is asked of the platform.",
    sections: &[
        Section {
            name: "Decode",
            about: "Decode and read every field. Ours check every limit and budget; no other checks \
                as much.",
            holds: |block| block.measure == "decode" && is_time(block),
        },
        Section {
            name: "Encode",
            about: "Messages that stand ready in the codec's own types, into a buffer that stands \
                ready.",
            holds: |block| block.measure == "encode" && is_time(block),
        },
        Section {
            name: "Validate",
            about: "Decode without reading; only those that check all of a message at once.",
            holds: |block| block.measure == "validate" && is_time(block),
        },
        Section {
            name: "Instructions",
            about: "Counted by callgrind: what does not depend on the machine's mood.",
            holds: |block| block.unit == INSTRUCTIONS,
        },
        Section {
            name: "Framing",
            about: "Length, body and CRC-32C. Postcard's framing is the same, byte for byte.",
            holds: |block| block.measure.starts_with("frame"),
        },
        Section {
            name: "COBS",
            about: "A body without its zeros, and back, as on a serial line.",
            holds: |block| block.measure.starts_with("COBS"),
        },
    ],
    workloads: &[
        ("T", "one task of 195 bytes"),
        ("R1", "one result of ten records, 1.9 KB"),
        ("R1x512", "512 such results in turn, each another"),
        ("R10k", "10,000 records in chunks that fit a frame"),
    ],
    folded: Some((codec::CORE.features, "The same with what firmware has")),
    is_telling: |judged| {
        judged.block.workload == "R10k" && judged.block.features == codec::HOSTS.features
    },
    bar_name: codec::bar_name,
};

pub(super) const TRANSPORT: Part = Part {
    name: "Transport",
    about: "Server and client are processes of their own with a Unix socket between them. A task of \
        200 bytes is answered by a result of ten records, 2 KB.",
    sections: &[
        Section {
            name: "Latency",
            about: "What half of all round trips take at most, with both sides on one CPU, so that \
                it is all software.",
            holds: |block| block.measure == "p50" && !is_threaded(block),
        },
        Section {
            name: "Throughput",
            about: "Tasks, or records of a stream, in a second.",
            holds: |block| block.measure == "rate" && !is_threaded(block),
        },
        Section {
            name: "Processor time",
            about: "What server and client together had of the processors for one task or record. It \
                suffers less from others on the machine than a rate.",
            holds: |block| block.measure.starts_with("processor time") && !is_threaded(block),
        },
        Section {
            name: "Memory",
            about: "The most that either side ever had while a stream went by, and what an idle \
                connection keeps.",
            holds: |block| block.unit == "B",
        },
        Section {
            name: "System calls",
            about: "Of both sides. Libraries that try before they wait show fewer calls than they \
                make, since strace slows the other side down.",
            holds: |block| block.workload == "system calls",
        },
        Section {
            name: "Runtimes of many threads",
            about: "What a program gets that does not choose, on all CPUs.",
            holds: is_threaded,
        },
    ],
    workloads: &[
        ("round trip", "one task after the other"),
        ("16 in flight", "so many tasks under way on one connection"),
        ("64 in flight", "so many tasks under way on one connection"),
        ("256 clients", "so many connections, each with a task under way"),
        ("connect + one + close", "a connection for each task"),
        ("stream 100,000 records", "one result, read while it comes"),
        ("stream 1,000,000 records", "one result, read while it comes"),
        ("idle", "1,000 connections that have done one task"),
        ("threads: round trip", "one task after the other"),
        ("threads: 64 in flight", "so many tasks under way on one connection"),
    ],
    folded: None,
    is_telling: |judged| {
        let block = judged.block;
        matches!(
            (block.workload, block.measure),
            ("round trip" | "idle", _) | ("64 in flight" | "stream 100,000 records", "rate")
        )
    },
    bar_name: transport::bar_name,
};

impl Part {
    /// What a workload is, if its name does not say it.
    pub(super) fn about_workload(&self, name: &str) -> Option<&'static str> {
        self.workloads.iter().find(|(workload, _)| *workload == name).map(|(_, about)| *about)
    }

    /// Where a workload stands among the others; those of which nothing is known come last.
    fn place(&self, workload: &str) -> usize {
        let sizes = codec::WORKLOADS.iter().copied();
        let known = self.workloads.iter().map(|(name, _)| *name).chain(sizes);
        known.into_iter().position(|name| name == workload).unwrap_or(usize::MAX)
    }

    /// What belongs to each section, in the order of the workloads; what belongs to none comes last.
    pub(super) fn sections<'a, 'b>(
        &self,
        blocks: &'b [Block<'a>],
    ) -> Vec<(&'static Section, Vec<&'b Block<'a>>)> {
        let mut sections: Vec<_> =
            self.sections.iter().chain([&MORE]).map(|section| (section, Vec::new())).collect();
        for block in blocks {
            let home = sections.iter_mut().find(|(section, _)| (section.holds)(block));
            if let Some((_, held)) = home {
                held.push(block);
            }
        }
        for (_, held) in &mut sections {
            held.sort_by_key(|block| (block.measure, self.place(block.workload)));
        }
        sections.retain(|(_, held)| !held.is_empty());
        sections
    }
}

/// What is measured one day and not said here yet.
const MORE: Section = Section { name: "More", about: "What else was measured.", holds: |_| true };

fn is_time(block: &Block<'_>) -> bool {
    block.unit == "ns"
}

fn is_threaded(block: &Block<'_>) -> bool {
    block.workload.starts_with("threads: ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::figure::{Figure, Key};

    fn figure(workload: &str, measure: &str, unit: &str) -> Figure {
        let [workload, measure, who, unit, features] =
            [workload, measure, "eyelet", unit, ""].map(str::to_owned);
        Figure { key: Key { workload, measure, who, unit, features }, value: 1.0 }
    }

    #[test]
    fn every_figure_has_one_place_in_the_order_of_the_workloads() {
        let figures = [
            figure("R10k", "decode", "ns"),
            figure("a new one", "decode", "ns"),
            figure("T", "decode", "instructions"),
            figure("T", "decode", "ns"),
            figure("T", "something new", "B"),
        ];
        let blocks = Block::all(&figures);
        let sections = CODEC.sections(&blocks);
        let names: Vec<_> = sections
            .iter()
            .map(|(section, held)| {
                let held: Vec<_> = held.iter().map(|block| block.workload).collect();
                (section.name, held)
            })
            .collect();
        assert_eq!(
            names,
            [
                ("Decode", vec!["T", "R10k", "a new one"]),
                ("Instructions", vec!["T"]),
                ("More", vec!["T"]),
            ]
        );
    }
}
