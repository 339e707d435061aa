use core::time::Duration;

/// A moment of the session's clock, in nanoseconds: half the size of what may be none of a `Duration`.
///
/// 584 years from its beginning is the end of the clock: what would fall due later falls due then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(u64);

const NANOS: u64 = 1_000_000_000;
const LAST: u64 = u64::MAX - 1;

impl Moment {
    #[cfg(test)]
    pub(super) const ZERO: Self = Self(0);

    /// After every other.
    pub(super) const NEVER: Self = Self(u64::MAX);

    #[inline]
    pub(super) fn of(time: Duration) -> Self {
        let nanos = time.as_secs().saturating_mul(NANOS);
        Self(nanos.saturating_add(time.subsec_nanos().into()).min(LAST))
    }

    /// Never, if this is.
    #[inline]
    pub(super) fn after(self, wait: Duration) -> Self {
        if self == Self::NEVER {
            return self;
        }
        Self(self.0.saturating_add(Self::of(wait).0).min(LAST))
    }

    /// Nanoseconds since `earlier`; 0 where it is not earlier.
    pub(super) fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    pub(super) fn plus_nanos(self, nanos: u64) -> Self {
        Self(self.0.saturating_add(nanos).min(LAST))
    }

    /// What others than the session count in.
    pub(super) fn time(self) -> Option<Duration> {
        (self != Self::NEVER).then(|| Duration::from_nanos(self.0))
    }
}

impl Default for Moment {
    fn default() -> Self {
        Self::NEVER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_within_the_clock_is_kept_to_the_nanosecond() {
        for time in [Duration::ZERO, Duration::new(1, 1), Duration::from_nanos(LAST)] {
            assert_eq!(Moment::of(time).time(), Some(time));
        }
    }

    #[test]
    fn the_end_of_the_clock_is_due_and_never_is_not() {
        let end = Moment::of(Duration::MAX);
        assert_eq!(end.after(Duration::MAX), end);
        assert_eq!(end.plus_nanos(u64::MAX), end);
        assert!(end < Moment::NEVER);
        assert_eq!(Moment::NEVER.after(Duration::from_secs(1)), Moment::NEVER);
        assert_eq!(Moment::NEVER.time(), None);
    }
}
