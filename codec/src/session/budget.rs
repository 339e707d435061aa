use core::time::Duration;

use super::config::{BUDGET, BUDGET_PER_SECOND};

/// What a peer may make us do for nothing (rule 9): refills with time and with every task finished.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    left: u32,
    /// Nanoseconds of the session's clock.
    refilled: u64,
    /// Results sent that no `Credit` has come for: each makes one free, however late it comes.
    results: u32,
}

/// Nanoseconds in which one unit comes back; rounded down, so that no peer gets less than promised.
const UNIT: u64 = 1_000_000_000 / BUDGET_PER_SECOND as u64;

impl Budget {
    pub(super) fn new(now: Duration) -> Self {
        Self { left: BUDGET, refilled: nanos(now), results: 0 }
    }

    /// Takes one; false if nothing is left.
    pub(super) fn charge(&mut self, now: Duration) -> bool {
        self.refill(now);
        let left = self.left.checked_sub(1);
        self.left = left.unwrap_or(0);
        left.is_some()
    }

    /// A `Credit`, which is free if a result was sent for it.
    pub(super) fn charge_credit(&mut self, now: Duration) -> bool {
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
    fn refill(&mut self, now: Duration) {
        let units = nanos(now).saturating_sub(self.refilled) / UNIT;
        self.left = self.left.saturating_add(u32::try_from(units).unwrap_or(BUDGET)).min(BUDGET);
        self.refilled = self.refilled.saturating_add(units.saturating_mul(UNIT));
    }
}

/// The end of its range, 584 years, is where the refill ends.
fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_one_more_does_not() {
        let mut budget = Budget::new(Duration::ZERO);
        assert!((0..BUDGET).all(|_| budget.charge(Duration::ZERO)));
        assert!(!budget.charge(Duration::ZERO));
    }

    #[test]
    fn time_and_finished_tasks_refill_it() {
        let mut budget = Budget::new(Duration::ZERO);
        while budget.charge(Duration::ZERO) {}
        let second = Duration::from_secs(1);
        assert!((0..BUDGET_PER_SECOND).all(|_| budget.charge(second)));
        assert!(!budget.charge(second));
        budget.reward();
        assert!(budget.charge(second));
    }

    #[test]
    fn charging_every_millisecond_does_not_stop_the_refill() {
        let mut budget = Budget::new(Duration::ZERO);
        while budget.charge(Duration::ZERO) {}
        let passed = (1..=10_000).filter(|ms| budget.charge(Duration::from_millis(*ms))).count();
        assert!(passed >= 300, "{passed} in ten seconds");
    }
}
