use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

/// How a client waits before it tries again: twice as long each time, and of each wait a random half.
///
/// The random half keeps clients apart that have lost their server at the same moment: of a thousand
/// that wait 3 s for it no more than a few come back in any hundredth of a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The first wait, at most; half of it at least. Default 50 ms.
    pub first: Duration,
    /// The longest wait. Default 2 s.
    pub max: Duration,
    /// Waits for one task; then its last failure is told. Default 8, which take 4 s to 7 s.
    pub attempts: u32,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_millis(50), max: Duration::from_secs(2), attempts: 8 }
    }
}

impl Backoff {
    /// Tells the first failure.
    #[must_use]
    pub fn none() -> Self {
        Self { attempts: 0, ..Self::default() }
    }

    /// The waits for one task.
    pub fn delays(&self) -> Delays {
        // Keyed anew in each process, and differently each time.
        self.delays_from(RandomState::new().build_hasher().finish())
    }

    /// The waits that follow from `seed`, for who wants to see them.
    pub fn delays_from(&self, seed: u64) -> Delays {
        Delays { next: self.first, left: self.attempts, max: self.max, random: seed }
    }
}

/// The waits between attempts at one task; they end when no more are to be made.
#[derive(Clone, Debug)]
pub struct Delays {
    next: Duration,
    left: u32,
    max: Duration,
    random: u64,
}

impl Iterator for Delays {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.left = self.left.checked_sub(1)?;
        let half = self.next.min(self.max) / 2;
        self.next = self.next.saturating_mul(2).min(self.max);
        Some(half + half.mul_f64(self.fraction()))
    }
}

impl Delays {
    /// From 0 to 1, by `SplitMix64`: its upper 53 bits are what a double can hold.
    fn fraction(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        #[expect(clippy::cast_precision_loss, reason = "53 bits")]
        let fraction = (mixed >> 11) as f64 / (1_u64 << 53) as f64;
        fraction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn each_wait_is_between_half_and_all_of_twice_the_one_before() {
        let backoff = Backoff { attempts: 10, ..Backoff::default() };
        let longest = [50, 100, 200, 400, 800, 1600, 2000, 2000, 2000, 2000];
        for seed in 0..100 {
            let delays: Vec<_> = backoff.delays_from(seed).collect();
            assert_eq!(delays.len(), longest.len());
            for (delay, longest) in delays.iter().zip(longest) {
                let range = longest * MS / 2..=longest * MS;
                assert!(range.contains(delay), "seed {seed}: {delay:?} of {longest} ms");
            }
        }
        assert_eq!(Backoff::none().delays().next(), None);
    }

    #[test]
    fn two_clients_do_not_wait_alike() {
        let backoff = Backoff::default();
        assert_ne!(backoff.delays().next(), backoff.delays().next());
    }

    /// A thousand clients lose their server at once, and it is away for 3 s.
    #[test]
    fn clients_that_lost_their_server_together_do_not_come_back_together() {
        let away = 3000 * MS;
        let backoff = Backoff { attempts: 100, ..Backoff::default() };
        let back = |delays: Delays| {
            let mut time = Duration::ZERO;
            delays
                .map(|delay| {
                    time += delay;
                    time
                })
                .find(|time| *time >= away)
        };
        let mut back: Vec<_> =
            (0..1000).filter_map(|seed| back(backoff.delays_from(seed))).collect();
        back.sort();
        assert_eq!(back.len(), 1000);
        let busiest = busiest(&back);
        let last_of_99 = back[989].saturating_sub(away);
        assert!(busiest <= 20, "{busiest} within 10 ms");
        assert!(last_of_99 <= backoff.max, "{last_of_99:?} after its return");

        // Without the random half.
        let delays = (0..).map(|doubling| (50 * MS * (1 << doubling.min(6))).min(backoff.max));
        let alike = delays.scan(Duration::ZERO, |time, delay| {
            *time += delay;
            Some(*time)
        });
        let alike = alike.into_iter().find(|time| *time >= away).expect("an attempt");
        assert_eq!(super::tests::busiest(&[alike; 1000]), 1000, "a control");
    }

    /// The most attempts within 10 ms.
    fn busiest(times: &[Duration]) -> usize {
        let within = |first: usize| {
            times[first..].iter().take_while(|time| **time < times[first] + 10 * MS).count()
        };
        (0..times.len()).map(within).max().unwrap_or(0)
    }
}
