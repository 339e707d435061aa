use super::block::{Block, INSTRUCTIONS};
use super::quantity::{ratio, shown};

/// What a figure has to be.
pub(crate) struct Bar {
    pub(crate) who: &'static str,
    pub(crate) workload: &'static str,
    pub(crate) measure: &'static str,
    /// Those of eyelet-codec that it holds for; `None`: any.
    pub(crate) features: Option<&'static str>,
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

/// Of a value, how much it may be or has to be. Of a comparison, that ours takes at most so many
/// times as long as the other, or that it is at least so many times as good.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Limit {
    Most(f64),
    Least(f64),
}

/// A bar, and what was reached.
pub(crate) struct Judged<'a> {
    pub(crate) bar: &'static Bar,
    pub(crate) block: &'a Block<'a>,
    /// Who it was compared with in the end.
    with: Option<&'a str>,
    reached: f64,
}

/// Each bar with each block that it holds for; none of what was not measured.
pub(crate) fn judge<'a>(bars: &'static [Bar], blocks: &'a [Block<'a>]) -> Vec<Judged<'a>> {
    bars.iter().flat_map(|bar| blocks.iter().filter_map(|block| Judged::new(bar, block))).collect()
}

impl Bar {
    fn is_of(&self, block: &Block<'_>) -> bool {
        let unit_fits = match self.against {
            Against::Alone(unit) => unit == block.unit,
            Against::One(_) | Against::Best(..) => block.unit != INSTRUCTIONS,
        };
        unit_fits
            && self.workload == block.workload
            && self.measure == block.measure
            && self.features.is_none_or(|features| features == block.features)
    }
}

impl Limit {
    pub(crate) fn is_met(self, reached: f64) -> bool {
        match self {
            Self::Most(most) => reached <= most,
            Self::Least(least) => reached >= least,
        }
    }
}

impl<'a> Judged<'a> {
    fn new(bar: &'static Bar, block: &'a Block<'a>) -> Option<Self> {
        if !bar.is_of(block) {
            return None;
        }
        let with = match bar.against {
            Against::Alone(_) => None,
            Against::One(other) => Some(other),
            Against::Best(_, others) => Some(block.best(others)?),
        };
        let reached = match with {
            None => block.value(bar.who)?,
            Some(other) => {
                let times_as_good = block.measured_ratio(bar.who, other)?;
                match bar.limit {
                    Limit::Least(_) => times_as_good,
                    Limit::Most(_) => 1.0 / times_as_good,
                }
            }
        };
        Some(Self { bar, block, with, reached })
    }

    pub(crate) fn is_met(&self) -> bool {
        self.bar.limit.is_met(self.reached)
    }

    pub(crate) fn verdict(&self) -> &'static str {
        if self.is_met() { "met" } else { "NOT MET" }
    }

    /// What the figure is a multiple of; of a value, nothing.
    pub(crate) fn against(&self) -> String {
        let Some(with) = self.with else { return String::new() };
        let times = match self.bar.limit {
            Limit::Most(_) => "× the time of",
            Limit::Least(_) if self.block.more_is_better() => "× the rate of",
            Limit::Least(_) => "× as fast as",
        };
        match self.bar.against {
            Against::Best(name, _) => format!("{times} {name} ({with})"),
            Against::One(_) | Against::Alone(_) => format!("{times} {with}"),
        }
    }

    pub(crate) fn reached(&self) -> String {
        self.brief(self.reached)
    }

    pub(crate) fn limit(&self) -> String {
        match self.bar.limit {
            Limit::Most(most) => format!("≤ {}", self.brief(most)),
            Limit::Least(least) => format!("≥ {}", self.brief(least)),
        }
    }

    pub(crate) fn aim(&self) -> String {
        self.brief(self.bar.aim)
    }

    /// A number of something that its measure names already goes without the unit.
    fn brief(&self, value: f64) -> String {
        match self.bar.against {
            Against::Alone(unit @ ("B" | INSTRUCTIONS)) => shown(value, unit),
            Against::Alone("futex calls") => format!("{value}"),
            _ => ratio(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::figure::{Figure, Key};
    use super::*;

    #[test]
    fn times_must_be_short_and_rates_high() {
        for (reached, short, high) in [(1.9, true, false), (2.0, true, true), (2.1, false, true)] {
            assert_eq!(Limit::Most(2.0).is_met(reached), short, "{reached}");
            assert_eq!(Limit::Least(2.0).is_met(reached), high, "{reached}");
        }
    }

    const fn bar(features: Option<&'static str>, against: Against, limit: Limit) -> Bar {
        Bar { who: "eyelet", workload: "T", measure: "decode", features, against, limit, aim: 0.0 }
    }

    const BARS: &[Bar] = &[
        bar(None, Against::One("b"), Limit::Least(2.5)),
        bar(None, Against::Best("the best", &["a", "b"]), Limit::Least(1.5)),
        bar(None, Against::Best("the best", &["a", "b"]), Limit::Most(0.4)),
        bar(Some("fast"), Against::Alone("ns"), Limit::Most(10.0)),
        bar(Some("slow"), Against::Alone("ns"), Limit::Most(10.0)),
        bar(None, Against::Alone("B"), Limit::Most(10.0)),
        bar(None, Against::One("nobody"), Limit::Least(0.0)),
    ];

    #[test]
    fn a_bar_is_judged_where_it_holds_by_the_best_of_those_it_names() {
        let figure = |who: &str, value, unit: &str| {
            let [workload, measure, who, unit, features] =
                ["T", "decode", who, unit, "fast"].map(str::to_owned);
            Figure { key: Key { workload, measure, who, unit, features }, value }
        };
        let figures = [
            figure("eyelet", 10.0, "ns"),
            figure("a", 20.0, "ns"),
            figure("b", 25.0, "ns"),
            figure("faster, but not named", 1.0, "ns"),
            figure("eyelet", 2.0, "x a"),
            figure("eyelet", 2.4, "x b"),
        ];
        let blocks = Block::all(&figures);
        let judged = judge(BARS, &blocks);
        let lines: Vec<_> = judged
            .iter()
            .map(|one| [one.against(), one.reached(), one.limit(), one.verdict().to_owned()])
            .collect();
        assert_eq!(
            lines,
            [
                ["× as fast as b", "2.40", "≥ 2.50", "NOT MET"],
                ["× as fast as the best (a)", "2.00", "≥ 1.50", "met"],
                ["× the time of the best (a)", "0.50", "≤ 0.40", "NOT MET"],
                ["", "10.0", "≤ 10.0", "met"],
            ]
        );
    }
}
