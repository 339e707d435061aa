use std::fmt::Write as _;

use super::bars::BARS;
use crate::bench::bar::{Judged, judge};
use crate::bench::block::{Block, Role};
use crate::bench::figure::Figure;
use crate::bench::quantity::{ratio, shown};
use crate::bench::summary;

/// Everything, in the order in which it was measured, and what has to be reached.
pub(crate) fn of(figures: &[Figure]) -> String {
    let mut text = String::new();
    let blocks = Block::all(figures);
    for block in &blocks {
        write(&mut text, block);
    }
    summary::write(&mut text, BARS, &judge(BARS, &blocks), name);
    text
}

/// Of a bar.
pub(crate) fn name(judged: &Judged<'_>) -> String {
    let bar = judged.bar;
    format!("{}, {}: {}", bar.who, bar.workload, bar.measure)
}

const NAME: usize = 34;
const COLUMN: usize = 18;

/// The best first, each with how many times as good ours are.
fn write(text: &mut String, block: &Block<'_>) {
    let ours = block.of_role(Role::Ours);
    let title = format!("{}: {}", block.workload, block.measure);
    let _ = write!(text, "{title:<width$}", width = NAME + COLUMN);
    for name in &ours {
        let _ = write!(text, "{name:>COLUMN$}");
    }
    end_line(text);
    for (who, value) in &block.values {
        let _ = write!(text, "  {who:<width$}", width = NAME - 2);
        let _ = write!(text, "{:>COLUMN$}", shown(*value, block.unit));
        for name in &ours {
            let times = block.measured_ratio(name, who).map(|times| format!("{} x", ratio(times)));
            let _ = write!(text, "{:>COLUMN$}", times.unwrap_or_default());
        }
        end_line(text);
    }
    text.push('\n');
}

fn end_line(text: &mut String) {
    text.truncate(text.trim_end().len());
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stands_beside_how_many_times_as_good_ours_are_and_the_bars_at_the_end() {
        let figure = |who: &str, value: f64, unit: &str| {
            let line = format!(
                r#"{{"workload":"round trip","measure":"p50","who":"{who}","value":{value},"unit":"{unit}","features":""}}"#
            );
            Figure::parse(&line).unwrap()
        };
        let figures = [
            figure("eyelet", 10_000.0, "ns"),
            figure("raw echo", 5_000.0, "ns"),
            figure("tarpc", 20_000.0, "ns"),
            figure("ttrpc", 25_000.0, "ns"),
            figure("eyelet", 0.5, "x raw echo"),
            figure("eyelet", 2.0, "x tarpc"),
            figure("eyelet", 2.5, "x ttrpc"),
        ];
        let text = of(&figures);
        let line = |end: &str| text.lines().any(|line| line.ends_with(end));
        assert!(line("20.0 µs            2.00 x"), "{text}");
        assert!(line("2.00      ≤ 1.50        1.25  NOT MET"), "{text}");
        assert!(line("0.50      ≤ 0.55        0.45  met"), "{text}");
        assert!(text.contains("× the time of the best library (tarpc)"), "{text}");
        assert!(text.ends_with("1 of 2 bars met; 14 not measured\n"), "{text}");
    }
}
