use super::config::{BUDGET, BUDGET_PER_SECOND};
use super::moment::Moment;

/// What a peer may make us do for nothing (rule 9): refills with time and with every task finished.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    left: u32,
    refilled: Moment,
    /// Results sent that no `Credit` has come for: each makes one free, however late it comes.
    results: u32,
}

/// Nanoseconds in which one unit comes back; rounded down, so that no peer gets less than promised.
const UNIT: u64 = 1_000_000_000 / BUDGET_PER_SECOND as u64;

impl Budget {
    pub(super) fn new(now: Moment) -> Self {
        Self { left: BUDGET, refilled: now, results: 0 }
    }

    /// Takes one; false if nothing is left.
    pub(super) fn charge(&mut self, now: Moment) -> bool {
        self.refill(now);
        let left = self.left.checked_sub(1);
        self.left = left.unwrap_or(0);
        left.is_some()
    }

    /// A `Credit`, which is free if a result was sent for it.
    pub(super) fn charge_credit(&mut self, now: Moment) -> bool {
        match self.results.checked_sub(1) {
            Some(results) => {
                self.results = results;
                true
            }
            None => self.charge(now),
        }
    }

    pub(super) fn result_sent(&mut self) {
        self.results = self.results.saturating_add(1);
    }

    pub(super) fn reward(&mut self) {
        self.left = self.left.saturating_add(1).min(BUDGET);
    }

    /// Whole units only, and time is taken as used up only where it became a unit, so that frequent
    /// charges cannot stop the refill.
    fn refill(&mut self, now: Moment) {
        let units = now.since(self.refilled) / UNIT;
        self.left = self.left.saturating_add(u32::try_from(units).unwrap_or(BUDGET)).min(BUDGET);
        self.refilled = self.refilled.plus_nanos(units.saturating_mul(UNIT));
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;

    const START: Moment = Moment::ZERO;

    #[test]
    fn a_burst_passes_and_one_more_does_not() {
        let mut budget = Budget::new(START);
        assert!((0..BUDGET).all(|_| budget.charge(START)));
        assert!(!budget.charge(START));
    }

    #[test]
    fn time_and_finished_tasks_refill_it() {
        let mut budget = Budget::new(START);
        while budget.charge(START) {}
        let second = START.after(Duration::from_secs(1));
        assert!((0..BUDGET_PER_SECOND).all(|_| budget.charge(second)));
        assert!(!budget.charge(second));
        budget.reward();
        assert!(budget.charge(second));
    }

    #[test]
    fn charging_every_millisecond_does_not_stop_the_refill() {
        let mut budget = Budget::new(START);
        while budget.charge(START) {}
        let passed = (1..=10_000)
            .filter(|ms| budget.charge(START.after(Duration::from_millis(*ms))))
            .count();
        assert!(passed >= 300, "{passed} in ten seconds");
    }
}
