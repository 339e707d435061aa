use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::bar::{Against, BARS, Bar, Limit};
use crate::bench::figure::Figure;

/// Everything, in the order in which it was measured, and what has to be reached.
pub(crate) fn of(figures: &[Figure]) -> String {
    let mut text = String::new();
    let blocks = Block::all(figures);
    for block in &blocks {
        block.write(&mut text);
    }
    summary(&mut text, &blocks);
    text
}

/// What can be compared: one workload and measure.
struct Block<'a> {
    workload: &'a str,
    measure: &'a str,
    unit: &'a str,
    /// By whom, the best first.
    values: Vec<(&'a str, f64)>,
    /// How many times as good: of ours, as which other.
    ratios: BTreeMap<(&'a str, &'a str), f64>,
}

const NAME: usize = 34;
const COLUMN: usize = 18;

impl<'a> Block<'a> {
    fn all(figures: &'a [Figure]) -> Vec<Self> {
        let mut blocks: Vec<Self> = Vec::new();
        for Figure { key, value } in figures {
            let (workload, measure) = (key.workload.as_str(), key.measure.as_str());
            let here = |block: &Self| block.workload == workload && block.measure == measure;
            let at = blocks.iter().position(here).unwrap_or_else(|| {
                let (values, ratios) = (Vec::new(), BTreeMap::new());
                blocks.push(Self { workload, measure, unit: &key.unit, values, ratios });
                blocks.len() - 1
            });
            let who = key.who.as_str();
            match key.unit.strip_prefix("x ") {
                Some(other) => drop(blocks[at].ratios.insert((who, other), *value)),
                None => blocks[at].values.push((who, *value)),
            }
        }
        for block in &mut blocks {
            let more_is_better = block.is_rate();
            block.values.sort_by(|(_, one), (_, other)| one.total_cmp(other));
            if more_is_better {
                block.values.reverse();
            }
        }
        blocks
    }

    fn is_rate(&self) -> bool {
        self.unit == "1/s"
    }

    fn value(&self, who: &str) -> Option<f64> {
        self.values.iter().find(|(name, _)| *name == who).map(|(_, value)| *value)
    }

    /// As a bar has it: times as long, or times as many.
    fn ratio(&self, ours: &str, other: &str) -> Option<f64> {
        let times_as_good = *self.ratios.get(&(ours, other))?;
        Some(if self.is_rate() { times_as_good } else { 1.0 / times_as_good })
    }

    /// Always in one order.
    fn ours(&self) -> Vec<&'a str> {
        let all = self.values.iter().map(|(who, _)| *who);
        let mut ours: Vec<_> = all.filter(|who| who.starts_with("eyelet")).collect();
        ours.sort_unstable();
        ours
    }

    fn write(&self, text: &mut String) {
        let ours = self.ours();
        let title = format!("{}: {}", self.workload, self.measure);
        let _ = write!(text, "{title:<width$}", width = NAME + COLUMN);
        for name in &ours {
            let _ = write!(text, "{name:>COLUMN$}");
        }
        end_line(text);
        for (who, value) in &self.values {
            let _ = write!(text, "  {who:<width$}", width = NAME - 2);
            let _ = write!(text, "{:>COLUMN$}", shown(*value, self.unit));
            for name in &ours {
                let ratio = self.ratio(name, who).map(|ratio| format!("{ratio:.2} x"));
                let _ = write!(text, "{:>COLUMN$}", ratio.unwrap_or_default());
            }
            end_line(text);
        }
        text.push('\n');
    }

    /// What is compared with what here, and how that turned out.
    fn judge(&self, bar: &Bar) -> Option<(String, f64)> {
        match bar.against {
            Against::Alone(_) => Some((String::new(), self.value(bar.who)?)),
            Against::One(other) => Some((format!("x {other}"), self.ratio(bar.who, other)?)),
            Against::Best(name, others) => {
                let (best, _) = self.values.iter().find(|(who, _)| others.contains(who))?;
                Some((format!("x {name} ({best})"), self.ratio(bar.who, best)?))
            }
        }
    }
}

fn end_line(text: &mut String) {
    text.truncate(text.trim_end().len());
    text.push('\n');
}

fn shown(value: f64, unit: &str) -> String {
    match unit {
        "ns" if value < 1e6 => format!("{:.2} µs", value / 1e3),
        "ns" => format!("{:.2} ms", value / 1e6),
        "1/s" if value < 1e6 => format!("{:.1} k/s", value / 1e3),
        "1/s" => format!("{:.2} M/s", value / 1e6),
        "B" if value < 1_048_576.0 => format!("{:.2} KiB", value / 1_024.0),
        "B" => format!("{:.2} MiB", value / 1_048_576.0),
        "futex calls" => format!("{value:.0} {unit}"),
        _ => format!("{value:.2} {unit}"),
    }
}

/// What has to be reached, and what was.
fn summary(text: &mut String, blocks: &[Block<'_>]) {
    let judged: Vec<_> = BARS.iter().filter_map(|bar| judge(bar, blocks)).collect();
    if judged.is_empty() {
        return;
    }
    let _ =
        writeln!(text, "{:WHAT$}{:AGAINST$}{:>12}{:>12}{:>12}", "", "", "reached", "bar", "aim");
    for (bar, against, reached) in &judged {
        let _ = writeln!(text, "{}", line(bar, against, *reached));
    }
    let met = judged.iter().filter(|(bar, _, reached)| bar.limit.is_met(*reached)).count();
    let missing = BARS.len() - judged.len();
    let _ = writeln!(text, "{met} of {} bars met; {missing} not measured", judged.len());
}

fn judge(bar: &'static Bar, blocks: &[Block<'_>]) -> Option<(&'static Bar, String, f64)> {
    let here = |block: &&Block<'_>| block.workload == bar.workload && block.measure == bar.measure;
    let (against, reached) = blocks.iter().find(here)?.judge(bar)?;
    Some((bar, against, reached))
}

const WHAT: usize = 56;
const AGAINST: usize = 48;

fn line(bar: &Bar, against: &str, reached: f64) -> String {
    let unit = match bar.against {
        Against::Alone(unit) => unit,
        Against::One(_) | Against::Best(..) => "x",
    };
    let (sign, limit) = match bar.limit {
        Limit::Most(most) => ('≤', most),
        Limit::Least(least) => ('≥', least),
    };
    let verdict = if bar.limit.is_met(reached) { "met" } else { "NOT MET" };
    format!(
        "{:WHAT$}{against:AGAINST$}{:>12}{:>12}{:>12}  {verdict}",
        format!("{}, {}: {}", bar.who, bar.workload, bar.measure),
        brief(reached, unit),
        format!("{sign} {}", brief(limit, unit)),
        brief(bar.aim, unit),
    )
}

/// Units that speak for themselves are left out.
fn brief(value: f64, unit: &str) -> String {
    match unit {
        "B" => shown(value, unit),
        "futex calls" => format!("{value:.0}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_judged_by_the_best_of_those_it_names() {
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
        assert!(line("2.00      ≤ 1.50        1.25  NOT MET"), "{text}");
        assert!(line("0.50      ≤ 0.55        0.45  met"), "{text}");
        assert!(text.contains("x the best library (tarpc)"), "{text}");
        assert!(text.ends_with("1 of 2 bars met; 14 not measured\n"), "{text}");
    }
}
