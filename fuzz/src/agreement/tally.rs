//! What became of the inputs, so that a rule no input has broken is noticed.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use super::{Oddity, Outcome, Rule};

#[derive(Debug, Default)]
pub struct Tally {
    pub accepted: u64,
    refused: BTreeMap<Rule, Refused>,
    oddities: BTreeMap<Oddity, u64>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Refused {
    times: u64,
    accepted_by_prost: u64,
}

impl Tally {
    pub fn count(&mut self, outcome: &Outcome) {
        match *outcome {
            Outcome::Accepted(ref sight) => {
                self.accepted += 1;
                for (oddity, times) in &sight.oddities {
                    *self.oddities.entry(*oddity).or_default() += times;
                }
            }
            Outcome::Refused { rule, accepted_by_prost } => {
                let refused = self.refused.entry(rule).or_default();
                refused.times += 1;
                refused.accepted_by_prost += u64::from(accepted_by_prost);
            }
        }
    }

    /// At least half is accepted, in all the forms that encoders may write; each rule is broken, and
    /// each that is ours alone also where prost lets the bytes through.
    pub fn assert_nothing_was_missed(&self) {
        let refused = self.refused.values().map(|refused| refused.times).sum();
        assert!(self.accepted >= refused, "{} accepted, {refused} refused", self.accepted);
        for rule in Rule::ALL {
            let refused = self.refused.get(&rule).copied().unwrap_or_default();
            assert!(refused.times > 0, "no input broke {rule:?}");
            let is_noticed = rule.is_prosts_too() || refused.accepted_by_prost > 0;
            assert!(is_noticed, "prost never let {rule:?} through");
        }
        for oddity in Oddity::ALL {
            let times = self.oddities.get(&oddity).copied().unwrap_or_default();
            assert!(times > 0, "nothing that was accepted had {oddity:?}");
        }
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let refused = self.refused.values().map(|refused| refused.times).sum::<u64>();
        writeln!(f, "{:>8} accepted, among them", self.accepted)?;
        for (oddity, times) in &self.oddities {
            writeln!(f, "{times:>16} {oddity:?}")?;
        }
        writeln!(f, "{refused:>8} refused, and of these accepted by prost")?;
        for (rule, Refused { times, accepted_by_prost }) in &self.refused {
            writeln!(f, "{times:>16} {accepted_by_prost:>7} {rule:?}")?;
        }
        Ok(())
    }
}
