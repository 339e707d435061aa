use std::fmt::Write as _;

use super::bars::{BARS, OTHERS};
use super::peers::name_of;
use crate::bench::bar::{Judged, judge};
use crate::bench::block::{Block, INSTRUCTIONS, Role};
use crate::bench::figure::Figure;
use crate::bench::quantity::{ratio, shown};
use crate::bench::summary;

/// Measures that are shown together, and the others that are measured in them, side by side.
const SECTIONS: [(&[&str], &[&str]); 3] = [
    (&["decode", "validate", "encode"], &OTHERS),
    (&["frame encode", "frame decode"], &["postcard"]),
    (&["COBS encode", "COBS decode"], &["cobs", "cobs in place"]),
];

pub(crate) const WORKLOADS: [&str; 8] =
    ["T", "R1", "R1x512", "R10k", "200 B", "4 KiB", "16 KiB", "64 KiB"];

const LABEL: usize = 38;
const COLUMN: usize = 16;

/// Every time, how many times as fast ours are, and what they have to reach.
pub(crate) fn of(figures: &[Figure]) -> String {
    let mut text = String::new();
    let blocks = Block::all(figures);
    for (measures, others) in SECTIONS {
        head(&mut text, others);
        for measure in measures {
            for workload in WORKLOADS {
                let here = |block: &&Block| block.measure == *measure && block.workload == workload;
                blocks.iter().filter(here).for_each(|block| write(&mut text, block, others));
            }
        }
        text.push('\n');
    }
    let _ = writeln!(text, "* the fastest of the others\n");
    summary::write(&mut text, BARS, &judge(BARS, &blocks), name);
    text
}

/// Of a bar.
pub(crate) fn name(judged: &Judged<'_>) -> String {
    label(judged.block)
}

fn head(text: &mut String, others: &[&str]) {
    let _ = write!(text, "{:LABEL$}{:>COLUMN$}", "", "");
    for name in others {
        let _ = write!(text, "{name:>COLUMN$}");
    }
    text.push('\n');
}

/// A line of what the others took, then a line for each of ours, and the floors.
fn write(text: &mut String, block: &Block<'_>, others: &[&str]) {
    let best = block.best(others);
    let _ = write!(text, "{:LABEL$}{:>COLUMN$}", label(block), "");
    for other in others {
        let shown = block.value(other).map(|value| shown(value, block.unit));
        let mark = if Some(*other) == best { "*" } else { "" };
        let _ = write!(text, "{:>COLUMN$}", shown.unwrap_or_default() + mark);
    }
    end_line(text);
    for who in [Role::Ours, Role::Reference].into_iter().flat_map(|role| block.of_role(role)) {
        let shown = block.value(who).map(|value| shown(value, block.unit)).unwrap_or_default();
        let _ = write!(text, "  {who:<width$}{shown:>COLUMN$}", width = LABEL - 2);
        for other in others.iter().filter(|_| Role::of(who) == Role::Ours) {
            let times = block.measured_ratio(who, other).map(|times| format!("{} x", ratio(times)));
            let _ = write!(text, "{:>COLUMN$}", times.unwrap_or_default());
        }
        end_line(text);
    }
}

fn end_line(text: &mut String) {
    text.truncate(text.trim_end().len());
    text.push('\n');
}

fn label(block: &Block<'_>) -> String {
    let unit = if block.unit == INSTRUCTIONS { ", instructions" } else { "" };
    format!("{} {}, {}{unit}", block.measure, block.workload, name_of(block.features))
}

#[cfg(test)]
mod tests {
    use super::super::peers::CORE;
    use super::*;

    #[test]
    fn ours_stand_below_the_others_and_the_bars_at_the_end() {
        let figure = |who: &str, value: f64, unit: &str| {
            let line = format!(
                r#"{{"workload":"T","measure":"decode","who":"{who}","value":{value},"unit":"{unit}","features":"{}"}}"#,
                CORE.features
            );
            Figure::parse(&line).unwrap()
        };
        let figures = [
            figure("eyelet", 100.0, "ns"),
            figure("prost", 400.0, "ns"),
            figure("femtopb", 160.0, "ns"),
            figure("floor: memcpy", 3.0, "ns"),
            figure("eyelet", 4.0, "x prost"),
            figure("eyelet", 1.6, "x femtopb"),
        ];
        let text = of(&figures);
        let line = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap();
        assert!(line("decode T, core").ends_with("160 ns*"), "{text}");
        assert!(line("  eyelet").contains("4.00 x                          1.60 x"), "{text}");
        assert!(line("  floor: memcpy").ends_with("3.00 ns"), "{text}");
        assert!(text.contains("× as fast as the best other (femtopb)"), "{text}");
        assert!(text.contains("1.60      ≥ 1.70        2.30  NOT MET"), "{text}");
        assert!(text.ends_with("1 of 2 bars met; 32 not measured\n"), "{text}");
    }
}
