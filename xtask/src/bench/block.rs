use std::collections::BTreeMap;

use super::figure::{Figure, Key};

/// The unit of counts: they are exact, so they can be divided as they are.
pub(crate) const INSTRUCTIONS: &str = "instructions";

/// The one of ours that the others are compared with, and that most bars are for.
pub(crate) const OURS: &str = "eyelet";

/// What can be compared: one workload, measure and unit with one set of features.
pub(crate) struct Block<'a> {
    pub(crate) workload: &'a str,
    pub(crate) measure: &'a str,
    pub(crate) unit: &'a str,
    /// Of eyelet-codec.
    pub(crate) features: &'a str,
    /// By whom, the best first.
    pub(crate) values: Vec<(&'a str, f64)>,
    /// How many times as good: of ours, as which other.
    ratios: BTreeMap<(&'a str, &'a str), f64>,
}

/// In which part of a comparison someone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Ours,
    Peer,
    /// Part of the work alone, or something of another kind: it says what there is to gain.
    Reference,
}

impl Role {
    pub(crate) fn of(who: &str) -> Self {
        match who {
            _ if who.starts_with("eyelet") => Self::Ours,
            _ if who.starts_with("floor: ") || who.starts_with("raw ") => Self::Reference,
            "iceoryx2" => Self::Reference,
            _ => Self::Peer,
        }
    }
}

impl<'a> Block<'a> {
    /// All that can be made of these figures, in their order.
    pub(crate) fn all(figures: &'a [Figure]) -> Vec<Self> {
        let mut blocks: Vec<Self> = Vec::new();
        for Figure { key, value } in figures.iter().filter(|figure| other(&figure.key).is_none()) {
            let who = (key.who.as_str(), *value);
            match blocks.iter_mut().find(|block| block.holds(key) && block.unit == key.unit) {
                Some(block) => block.values.push(who),
                None => blocks.push(Self::new(key, who)),
            }
        }
        for Figure { key, value } in figures {
            let Some(other) = other(key) else { continue };
            let block = blocks.iter_mut().find(|one| one.holds(key) && one.unit != INSTRUCTIONS);
            if let Some(block) = block {
                block.ratios.insert((&key.who, other), *value);
            }
        }
        blocks.iter_mut().for_each(Self::sort);
        blocks
    }

    fn new(key: &'a Key, who: (&'a str, f64)) -> Self {
        let Key { workload, measure, unit, features, .. } = key;
        Self { workload, measure, unit, features, values: vec![who], ratios: BTreeMap::new() }
    }

    fn sort(&mut self) {
        let more_is_better = self.more_is_better();
        self.values.sort_by(|(_, one), (_, other)| {
            if more_is_better { other.total_cmp(one) } else { one.total_cmp(other) }
        });
    }

    fn holds(&self, key: &Key) -> bool {
        self.workload == key.workload
            && self.measure == key.measure
            && self.features == key.features
    }

    pub(crate) fn more_is_better(&self) -> bool {
        self.unit == "1/s"
    }

    pub(crate) fn value(&self, who: &str) -> Option<f64> {
        self.values.iter().find(|(name, _)| *name == who).map(|(_, value)| *value)
    }

    /// How many times as good ours are as another: of two that were compared while they were
    /// measured, and of what can be divided as it is.
    pub(crate) fn measured_ratio(&self, ours: &str, other: &str) -> Option<f64> {
        let exact = || (self.unit == INSTRUCTIONS).then(|| self.quotient(ours, other)).flatten();
        self.ratios.get(&(ours, other)).copied().or_else(exact)
    }

    /// The same of any two, from their values. Which one was measured on a busier machine, nobody
    /// knows.
    pub(crate) fn quotient(&self, ours: &str, other: &str) -> Option<f64> {
        let times = self.value(other)? / self.value(ours)?;
        let times_as_good = if self.more_is_better() { 1.0 / times } else { times };
        times_as_good.is_finite().then_some(times_as_good)
    }

    /// Always in one order.
    pub(crate) fn of_role(&self, role: Role) -> Vec<&'a str> {
        let all = self.values.iter().map(|(who, _)| *who);
        let mut those: Vec<_> = all.filter(|who| Role::of(who) == role).collect();
        those.sort_unstable();
        those
    }

    /// The best of these.
    pub(crate) fn best(&self, among: &[&str]) -> Option<&'a str> {
        self.values.iter().map(|(who, _)| *who).find(|who| among.contains(who))
    }
}

/// With whom a figure compares ours, if it does.
fn other(key: &Key) -> Option<&str> {
    key.unit.strip_prefix("x ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(who: &str, value: f64, unit: &str) -> Figure {
        let [workload, measure, who, unit, features] =
            ["T", "decode", who, unit, ""].map(str::to_owned);
        Figure { key: Key { workload, measure, who, unit, features }, value }
    }

    #[test]
    fn the_best_come_first_whether_more_is_better_or_less() {
        for (unit, best) in [("ns", "a"), ("1/s", "b")] {
            let figures = [figure("b", 2.0, unit), figure("a", 1.0, unit)];
            assert_eq!(Block::all(&figures)[0].values[0].0, best, "{unit}");
            assert_eq!(Block::all(&figures)[0].best(&["a", "b"]), Some(best), "{unit}");
        }
    }

    #[test]
    fn a_ratio_is_of_times_as_it_was_measured_and_of_counts_their_quotient() {
        let figures = [
            figure("eyelet", 2.5, "x a"),
            figure("eyelet", 10.0, "ns"),
            figure("a", 20.0, "ns"),
            figure("eyelet", 10.0, INSTRUCTIONS),
            figure("a", 40.0, INSTRUCTIONS),
        ];
        let blocks = Block::all(&figures);
        let ratios: Vec<_> = blocks
            .iter()
            .map(|block| [block.measured_ratio("eyelet", "a"), block.quotient("eyelet", "a")])
            .collect();
        assert_eq!(ratios, [[Some(2.5), Some(2.0)], [Some(4.0), Some(4.0)]]);
        assert_eq!(blocks[0].measured_ratio("a", "eyelet"), None);
    }

    #[test]
    fn of_nothing_there_is_no_quotient() {
        let figures = [figure("eyelet", 0.0, "futex calls"), figure("a", 0.0, "futex calls")];
        assert_eq!(Block::all(&figures)[0].quotient("eyelet", "a"), None);
    }
}
