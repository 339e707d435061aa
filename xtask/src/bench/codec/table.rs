use std::fmt::Write as _;

use super::bar::{Against, Bar};
use super::block::Block;
use super::peers::Set;
use crate::bench::figure::Figure;

/// Measures that are shown together, and the others that are measured in them, side by side.
const SECTIONS: [(&[&str], &[&str]); 3] = [
    (
        &["decode", "validate", "encode"],
        &[
            "prost",
            "quick-protobuf",
            "femtopb",
            "micropb",
            "micropb heap",
            "buffa",
            "buffa view",
            "buffa lazy",
        ],
    ),
    (&["frame encode", "frame decode"], &["postcard"]),
    (&["COBS encode", "COBS decode"], &["cobs", "cobs in place"]),
];

const WORKLOADS: [&str; 8] = ["T", "R1", "R1x512", "R10k", "200 B", "4 KiB", "16 KiB", "64 KiB"];

const LABEL: usize = 38;
const COLUMN: usize = 16;

/// Every time, how many times as fast ours are, and what they have to reach.
pub(crate) fn of(measured: &[(&Set, Vec<Figure>)]) -> String {
    let (mut text, mut bars) = (String::new(), Vec::new());
    for (measures, others) in SECTIONS {
        head(&mut text, others);
        for measure in measures {
            for block in WORKLOADS.iter().flat_map(|name| Block::all(measured, name, measure)) {
                write(&mut text, &block, others);
                bars.extend(block.bars().into_iter().map(|judged| (label(&block), judged)));
            }
        }
        text.push('\n');
    }
    summary(&mut text, &bars);
    text
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
    let _ = write!(text, "{:LABEL$}{:>COLUMN$}", label(block), "");
    for other in others {
        let shown = block.values.get(other).map(|value| shown(*value, block.unit));
        let mark = if Some(*other) == block.best() { "*" } else { "" };
        let _ = write!(text, "{:>COLUMN$}", shown.unwrap_or_default() + mark);
    }
    end_line(text);
    for (who, value) in block.values.iter().filter(|(who, _)| !others.contains(who)) {
        let shown = shown(*value, block.unit);
        let _ = write!(text, "  {who:<width$}{shown:>COLUMN$}", width = LABEL - 2);
        for other in others {
            let ratio = block.ratios.get(&(*who, *other)).map(|ratio| format!("{ratio:.2} x"));
            let _ = write!(text, "{:>COLUMN$}", ratio.unwrap_or_default());
        }
        if *who == "eyelet" {
            for (bar, reached) in block.bars() {
                let _ = write!(text, "   [{}]", judged(bar, reached));
            }
        }
        end_line(text);
    }
}

fn end_line(text: &mut String) {
    text.truncate(text.trim_end().len());
    text.push('\n');
}

fn label(block: &Block<'_>) -> String {
    let unit = if block.unit == "ns" { "" } else { ", instructions" };
    format!("{} {}, {}{unit}", block.measure, block.workload, block.set.name)
}

fn shown(value: f64, unit: &str) -> String {
    match value {
        count if unit == "instructions" => format!("{count}"),
        time if time < 1e4 => format!("{time:.0} ns"),
        time if time < 1e6 => format!("{:.2} µs", time / 1e3),
        time => format!("{:.2} ms", time / 1e6),
    }
}

fn judged(bar: &Bar, reached: f64) -> String {
    let verdict = if bar.is_met(reached) { "met" } else { "NOT MET" };
    match bar.against {
        Against::One(other) => format!("{reached:.2} x {other}, bar {}: {verdict}", bar.least),
        Against::Best => format!("{reached:.2} x best, bar {}: {verdict}", bar.least),
        Against::Instructions => format!("{reached}, bar {}: {verdict}", bar.least),
    }
}

/// What is to be reached and was not.
fn summary(text: &mut String, bars: &[(String, (&Bar, f64))]) {
    let missed = || bars.iter().filter(|(_, (bar, reached))| !bar.is_met(*reached));
    let met = bars.len() - missed().count();
    let _ = writeln!(text, "* the fastest of the others; {met} of {} bars met", bars.len());
    for (label, (bar, reached)) in missed() {
        let _ = writeln!(text, "  {label}: {} (aim {})", judged(bar, *reached), bar.aim);
    }
}

#[cfg(test)]
mod tests {
    use super::super::peers::SETS;
    use super::*;

    #[test]
    fn a_bar_stands_beside_what_was_reached_and_is_named_where_it_was_missed() {
        let figure = |who: &str, value: f64, unit: &str| {
            let line = format!(
                r#"{{"workload":"T","measure":"decode","who":"{who}","value":{value},"unit":"{unit}","features":""}}"#
            );
            Figure::parse(&line).unwrap()
        };
        let figures = vec![
            figure("eyelet", 100.0, "ns"),
            figure("prost", 400.0, "ns"),
            figure("femtopb", 160.0, "ns"),
            figure("floor: memcpy", 3.0, "ns"),
            figure("eyelet", 4.0, "x prost"),
            figure("eyelet", 1.6, "x femtopb"),
        ];
        let text = of(&[(&SETS[0], figures)]);
        assert!(text.contains("[4.00 x prost, bar 3.5: met]   [1.60 x best, bar 1.7: NOT MET]"));
        assert!(text.contains("160 ns*"));
        let missed = "1 of 2 bars met\n  decode T, core: 1.60 x best, bar 1.7: NOT MET (aim 2.3)\n";
        assert!(text.ends_with(missed), "{text}");
    }
}
