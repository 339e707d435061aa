use std::time::Duration;

use rustix::param::clock_ticks_per_second;
use rustix::time::{ClockId, Timespec, clock_gettime};

/// What turns the kernel's ticks into times.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    ticks_per_second: u64,
    /// When the machine was started, in whole seconds since 1970, rounded down: `btime` of
    /// `proc_stat(5)`, which changes when somebody sets the clock.
    boot_second: i64,
}

impl Clock {
    /// The clock as it is set now.
    pub(super) fn now() -> Self {
        Self { ticks_per_second: clock_ticks_per_second().max(1), boot_second: boot_second() }
    }

    /// Seconds since 1970, rounded down twice, so up to two seconds early: `boot_second` and the
    /// ticks since then are whole numbers, which keeps the answer the same at each asking.
    pub(super) fn start_time(&self, start_ticks: u64) -> Option<i64> {
        i64::try_from(start_ticks / self.ticks_per_second).ok()?.checked_add(self.boot_second)
    }

    /// Percent of one CPU that `busy_ticks` are of the time since `start_ticks`; `None` before any
    /// has passed.
    pub(super) fn cpu_usage(&self, busy_ticks: u64, start_ticks: u64) -> Option<f64> {
        self.usage_at(since(ClockId::Boottime), busy_ticks, start_ticks)
    }

    fn usage_at(&self, up: Duration, busy_ticks: u64, start_ticks: u64) -> Option<f64> {
        let lived = up.checked_sub(self.duration(start_ticks)).filter(|lived| !lived.is_zero())?;
        Some(self.duration(busy_ticks).as_secs_f64() / lived.as_secs_f64() * 100.0)
    }

    fn duration(&self, ticks: u64) -> Duration {
        let rest = ticks % self.ticks_per_second * 1_000_000_000 / self.ticks_per_second;
        Duration::from_secs(ticks / self.ticks_per_second) + Duration::from_nanos(rest)
    }
}

/// Milliseconds since 1970.
pub(super) fn unix_millis() -> i64 {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(ClockId::Realtime);
    tv_sec.saturating_mul(1000).saturating_add(tv_nsec / 1_000_000)
}

/// The real time less the time since boot, rounded down.
///
/// The two cannot be read at once. Between two readings of one the other is known to lie, and unless
/// the second turned meanwhile, or we were put to sleep, both give the same answer.
fn boot_second() -> i64 {
    let mut earliest = 0;
    for _ in 0..8 {
        let up = clock_gettime(ClockId::Boottime);
        let real = clock_gettime(ClockId::Realtime);
        let up_after = clock_gettime(ClockId::Boottime);
        earliest = seconds_between(up_after, real);
        if seconds_between(up, real) == earliest {
            break;
        }
    }
    earliest
}

fn seconds_between(up: Timespec, real: Timespec) -> i64 {
    real.tv_sec - up.tv_sec - i64::from(real.tv_nsec < up.tv_nsec)
}

fn since(clock: ClockId) -> Duration {
    Duration::try_from(clock_gettime(clock)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOCK: Clock = Clock { ticks_per_second: 100, boot_second: 1_000 };

    #[test]
    fn the_boot_second_is_the_kernels() {
        let stat = std::fs::read_to_string("/proc/stat").unwrap();
        let btime = stat.lines().find_map(|line| line.strip_prefix("btime ")).unwrap();
        assert_eq!(Clock::now().boot_second, btime.parse::<i64>().unwrap());
    }

    #[test]
    fn a_start_is_rounded_down() {
        for (ticks, want) in [(0, 1_000), (99, 1_000), (100, 1_001), (12_345, 1_123)] {
            assert_eq!(CLOCK.start_time(ticks), Some(want), "{ticks}");
        }
        assert_eq!(Clock { ticks_per_second: 1, ..CLOCK }.start_time(u64::MAX), None);
    }

    #[test]
    fn usage_is_of_one_cpu_and_of_the_life_so_far() {
        let up = Duration::from_secs(20);
        for (busy, start, want) in [
            (0, 1_000, Some(0.0)),
            (500, 1_000, Some(50.0)),
            (2_500, 1_000, Some(250.0)),
            (1, 2_000, None),
            (1, 3_000, None),
        ] {
            assert_eq!(CLOCK.usage_at(up, busy, start), want, "{busy} since {start}");
        }
    }
}
