use core::time::Duration;

use super::config::{BUDGET, BUDGET_PER_SECOND};

/// What a peer may make us do for nothing (rule 9): refills with time and with every task finished.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    left: u32,
    refilled: Duration,
}

impl Budget {
    pub(super) fn new(now: Duration) -> Self {
        Self { left: BUDGET, refilled: now }
    }

    /// Takes one; false if nothing is left.
    pub(super) fn charge(&mut self, now: Duration) -> bool {
        self.refill(now);
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }

    pub(super) fn reward(&mut self) {
        self.left = self.left.saturating_add(1).min(BUDGET);
    }

    /// Whole units only, and time is taken as used up only where it became a unit, so that frequent
    /// charges cannot stop the refill.
    fn refill(&mut self, now: Duration) {
        let millis = now.as_millis().saturating_sub(self.refilled.as_millis());
        let units =
            u32::try_from(millis * u128::from(BUDGET_PER_SECOND) / 1000).unwrap_or(u32::MAX);
        if units > 0 {
            self.left = self.left.saturating_add(units).min(BUDGET);
            self.refilled = now;
        }
    }
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
