use std::collections::BTreeMap;

use super::bar::{Against, BARS, Bar};
use super::peers::Set;
use crate::bench::figure::Figure;

/// What can be compared: one workload, measure and unit with one set of features.
pub(crate) struct Block<'a> {
    pub(crate) set: &'a Set,
    pub(crate) workload: &'a str,
    pub(crate) measure: &'a str,
    pub(crate) unit: &'a str,
    /// By whom.
    pub(crate) values: BTreeMap<&'a str, f64>,
    /// How many times as fast: of ours, as which other.
    pub(crate) ratios: BTreeMap<(&'a str, &'a str), f64>,
}

impl<'a> Block<'a> {
    /// One for each unit and set of which there are figures.
    pub(crate) fn all(
        measured: &'a [(&'a Set, Vec<Figure>)],
        workload: &'a str,
        measure: &'a str,
    ) -> Vec<Self> {
        let of = |unit| {
            measured.iter().map(move |(set, all)| Self::of(set, all, workload, measure, unit))
        };
        of("ns").chain(of("instructions")).filter(|block| !block.values.is_empty()).collect()
    }

    fn of(
        set: &'a Set,
        figures: &'a [Figure],
        workload: &'a str,
        measure: &'a str,
        unit: &'a str,
    ) -> Self {
        let here =
            |figure: &&Figure| figure.key.workload == workload && figure.key.measure == measure;
        let (mut values, mut ratios) = (BTreeMap::new(), BTreeMap::new());
        for Figure { key, value } in figures.iter().filter(here) {
            if key.unit == unit {
                values.insert(key.who.as_str(), *value);
            } else if let Some(other) = key.unit.strip_prefix("x ") {
                ratios.insert((key.who.as_str(), other), *value);
            }
        }
        if unit == "instructions" {
            ratios = quotients(&values);
        }
        Self { set, workload, measure, unit, values, ratios }
    }

    /// What is to be reached here, and what was.
    pub(crate) fn bars(&self) -> Vec<(&'static Bar, f64)> {
        let here = BARS.iter().filter(|bar| {
            bar.workload == self.workload
                && bar.measure == self.measure
                && bar.set.is_none_or(|set| set == self.set.name)
                && (bar.against == Against::Instructions) == (self.unit == "instructions")
        });
        here.filter_map(|bar| Some((bar, self.reached(bar.against)?))).collect()
    }

    fn reached(&self, against: Against) -> Option<f64> {
        match against {
            Against::One(other) => self.ratios.get(&("eyelet", other)).copied(),
            Against::Best => self.ratios.get(&("eyelet", self.best()?)).copied(),
            Against::Instructions => self.values.get("eyelet").copied(),
        }
    }

    /// The fastest of the others.
    pub(crate) fn best(&self) -> Option<&'a str> {
        let others =
            self.values.iter().filter(|(who, _)| !is_ours(who) && !who.starts_with("floor"));
        others.min_by(|one, other| one.1.total_cmp(other.1)).map(|(who, _)| *who)
    }
}

/// Counts are exact, so they can be divided as they are.
fn quotients<'a>(values: &BTreeMap<&'a str, f64>) -> BTreeMap<(&'a str, &'a str), f64> {
    let ours = values.iter().filter(|(who, _)| is_ours(who));
    ours.flat_map(|(who, count)| {
        values.iter().map(move |(other, theirs)| ((*who, *other), theirs / count))
    })
    .collect()
}

fn is_ours(who: &str) -> bool {
    who.starts_with("eyelet")
}
