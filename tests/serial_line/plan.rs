use std::time::Duration;

use crate::line::BYTE;
use crate::station::{Habits, LINE};
use eyelet_tests::random::Random;

/// What a seed stands for.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) kind: Kind,
    pub(crate) habits: [Habits; 2],
    pub(crate) delays: [Duration; 2],
    /// Frames of a thousand that something happens to, in each direction.
    pub(crate) per_mille: [usize; 2],
    /// When, which side, and what it does.
    pub(crate) changes: Vec<(Duration, usize, Change)>,
    /// Which side begins anew once the faults have stopped.
    pub(crate) connects: usize,
    /// It does not where anything is still to be carried, and that goes on.
    pub(crate) goes_on: bool,
}

/// What a side does in the middle of things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    /// It loses everything, as for want of power.
    Restart,
    /// Its application begins anew.
    Connect,
    /// Its application has no more to say.
    Close,
}

/// What a run is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One frame in ten is lost.
    Tenth,
    /// The same, and sides restart.
    TenthWithRestarts,
    /// Anything up to a line that carries hardly anything, other in each direction, and restarts.
    Anything,
    /// A good line, and restarts in quick succession.
    Restarts,
}

const KINDS: [Kind; 4] = [Kind::Tenth, Kind::TenthWithRestarts, Kind::Anything, Kind::Restarts];

/// What happens to so many frames of a thousand loses one in ten: some of it does no harm.
const TENTH: usize = 115;

impl Plan {
    pub(crate) fn of(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let kind = KINDS[random.below(KINDS.len())];
        let per_mille = match kind {
            Kind::Tenth | Kind::TenthWithRestarts => [TENTH; 2],
            Kind::Anything => [random.below(1000), random.below(1000)],
            Kind::Restarts => [random.below(50), random.below(50)],
        };
        let delays = [(); 2].map(|()| Duration::from_micros([0, 500, 30_000][random.below(3)]));
        let windows = [(); 2].map(|()| 1 + random.below(7));
        let round_trip = delays[0]
            + delays[1]
            + BYTE * u32::try_from((windows[0] + windows[1]) * (LINE + 2)).unwrap();
        // Some are too short, which costs repeats and nothing else.
        let repeat = round_trip * [4, 10, 13, 20][random.below(4)] / 10;
        let habits = windows.map(|window| Habits {
            window,
            repeat: repeat + Duration::from_millis(1),
            quota: 1 + random.below(30),
            pace: Duration::from_micros([0, 0, 1_000, 20_000][random.below(4)]),
        });
        let changes = match kind {
            Kind::Tenth => 0,
            _ => 1 + random.below(4),
        };
        let mut changes: Vec<_> = (0..changes).map(|_| change(&mut random)).collect();
        changes.sort_unstable();
        let (connects, goes_on) = (random.below(2), random.below(3) == 0);
        Self { seed, kind, habits, delays, per_mille, changes, connects, goes_on }
    }

    /// The same without a fault, a restart or a timer that is too short.
    pub(crate) fn calm(seed: u64) -> Self {
        let plan = Self::of(seed);
        let habits = plan.habits.map(|habits| Habits { repeat: habits.repeat * 4, ..habits });
        Self { habits, per_mille: [0; 2], changes: Vec::new(), ..plan }
    }
}

fn change(random: &mut Random) -> (Duration, usize, Change) {
    let at = Duration::from_micros(random.below(600_000) as u64);
    let change = match random.below(8) {
        0 | 1 => Change::Connect,
        2 => Change::Close,
        _ => Change::Restart,
    };
    (at, random.below(2), change)
}
