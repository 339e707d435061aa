use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::ops::AddAssign;

use crate::fates::Fates;
use crate::line::Faults;
use crate::plan::{Change, Kind};

/// What has happened in some runs.
#[derive(Default)]
pub(crate) struct Tally {
    kinds: BTreeMap<&'static str, Runs>,
}

/// In the runs of a kind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Runs {
    pub(crate) made: usize,
    /// Runs whose last session carried all while there were faults.
    pub(crate) carried: usize,
    /// Restarts of each side, and what its application did otherwise.
    restarts: [usize; 2],
    connects: usize,
    closes: usize,
    /// Sessions of the time with faults, as they were at its end.
    pub(crate) faulty: Fates,
    /// Sessions that began later.
    pub(crate) later: Fates,
    pub(crate) packets: usize,
    pub(crate) repeats: usize,
    /// Frames of the time with faults, and those of them that arrived.
    pub(crate) sent: usize,
    pub(crate) heard: usize,
    pub(crate) faults: Faults,
}

impl Tally {
    pub(crate) fn add(&mut self, kind: Kind, runs: Runs) {
        *self.kinds.entry(name(kind)).or_default() += runs;
    }

    pub(crate) fn kind(&self, kind: Kind) -> Runs {
        self.kinds.get(name(kind)).copied().unwrap_or_default()
    }

    pub(crate) fn all(&self) -> Runs {
        self.kinds.values().fold(Runs::default(), |mut sum, runs| {
            sum += *runs;
            sum
        })
    }
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Tenth => "1 in 10 lost",
        Kind::TenthWithRestarts => "1 in 10, restarts",
        Kind::Anything => "anything",
        Kind::Restarts => "restarts",
    }
}

impl Runs {
    /// One run, of which nothing is known yet.
    pub(crate) fn one() -> Self {
        Self { made: 1, ..Self::default() }
    }

    pub(crate) fn count(&mut self, side: usize, change: Change) {
        *match change {
            Change::Restart => &mut self.restarts[side],
            Change::Connect => &mut self.connects,
            Change::Close => &mut self.closes,
        } += 1;
    }

    /// Frames that did not arrive as they were sent, of a thousand while there were faults.
    pub(crate) fn lost_per_mille(&self) -> usize {
        1000 - self.heard * 1000 / self.sent.max(1)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        for (kind, runs) in other.kinds {
            *self.kinds.entry(kind).or_default() += runs;
        }
    }
}

impl AddAssign for Runs {
    fn add_assign(&mut self, other: Self) {
        self.made += other.made;
        self.carried += other.carried;
        self.restarts[0] += other.restarts[0];
        self.restarts[1] += other.restarts[1];
        self.connects += other.connects;
        self.closes += other.closes;
        self.faulty += other.faulty;
        self.later += other.later;
        self.packets += other.packets;
        self.repeats += other.repeats;
        self.sent += other.sent;
        self.heard += other.heard;
        self.faults += other.faults;
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let all = self.all();
        let kinds = self.kinds.iter().map(|(name, runs)| (*name, runs));
        kinds.chain([("all", &all)]).try_for_each(|(name, runs)| writeln!(f, "{name}: {runs}"))
    }
}

impl Display for Runs {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let [one, other] = self.restarts;
        writeln!(f, "{} runs", self.made)?;
        writeln!(f, "    {} packets delivered, {} sent again", self.packets, self.repeats)?;
        writeln!(
            f,
            "    restarts of one side {one}, of the other {other}; applications that began anew {}, \
             closed {}",
            self.connects, self.closes
        )?;
        writeln!(f, "    {}", self.faults)?;
        writeln!(f, "    while there were faults {} ‰ of the frames lost", self.lost_per_mille())?;
        writeln!(f, "        {}", self.faulty)?;
        writeln!(
            f,
            "        {} ‰ of the sessions that no side cut carried all they had; so did {} runs",
            self.faulty.complete_per_mille(),
            self.carried
        )?;
        write!(f, "    begun later {}", self.later)
    }
}
