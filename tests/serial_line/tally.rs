use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::ops::AddAssign;

use crate::ledger::{Ending, Ledger};
use crate::line::Faults;
use crate::run::Kind;

/// What has happened in some runs.
#[derive(Default)]
pub(crate) struct Tally {
    kinds: BTreeMap<&'static str, Runs>,
}

/// In the runs of a kind; a session counts once for each side.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Runs {
    pub(crate) made: usize,
    /// Runs whose last session carried all while there were faults.
    pub(crate) carried: usize,
    pub(crate) sessions: usize,
    /// Sessions that carried all that their side had.
    complete: usize,
    /// Of the others, those that ended so.
    no_progress: usize,
    peer_restarted: usize,
    own: usize,
    packets: usize,
    repeats: usize,
    /// Frames while there were faults, and those of them that arrived.
    sent: usize,
    heard: usize,
    faults: Faults,
}

impl Tally {
    /// What came of the time with faults.
    pub(crate) fn count_faults(&mut self, kind: Kind, carried: bool, frames: (usize, usize)) {
        let runs = self.of(kind);
        runs.carried += usize::from(carried);
        runs.sent += frames.0;
        runs.heard += frames.1;
    }

    pub(crate) fn count_run(
        &mut self,
        kind: Kind,
        ledger: &Ledger,
        faults: Faults,
        repeats: usize,
    ) {
        let runs = self.of(kind);
        runs.made += 1;
        runs.packets += ledger.delivered();
        runs.repeats += repeats;
        runs.faults += faults;
        for (is_complete, ending) in ledger.fates() {
            runs.sessions += 1;
            match ending {
                _ if is_complete => runs.complete += 1,
                Some(Ending::NoProgress) => runs.no_progress += 1,
                Some(Ending::PeerRestarted) => runs.peer_restarted += 1,
                Some(Ending::Own) => runs.own += 1,
                None => {}
            }
        }
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

    fn of(&mut self, kind: Kind) -> &mut Runs {
        self.kinds.entry(name(kind)).or_default()
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
    /// Frames that did not arrive as they were sent, of a thousand while there were faults.
    pub(crate) fn lost_per_mille(&self) -> usize {
        1000 - self.heard * 1000 / self.sent.max(1)
    }

    /// Sessions that carried all they had, of a thousand that no restart has ended.
    pub(crate) fn complete_per_mille(&self) -> usize {
        let others = self.sessions - self.peer_restarted - self.own;
        self.complete * 1000 / others.max(1)
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
        self.sessions += other.sessions;
        self.complete += other.complete;
        self.no_progress += other.no_progress;
        self.peer_restarted += other.peer_restarted;
        self.own += other.own;
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
        for (name, runs) in
            self.kinds.iter().map(|(name, runs)| (*name, runs)).chain([("all", &all)])
        {
            writeln!(f, "{name:<18} {runs}")?;
        }
        Ok(())
    }
}

impl Display for Runs {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let faults = self.faults;
        writeln!(
            f,
            "{} runs, {} carried all before the faults stopped; {} sessions: {} carried all; ended \
             otherwise: {} no progress, {} peer restarted, {} restarted here; so {} ‰ of those \
             that no restart ended",
            self.made,
            self.carried,
            self.sessions,
            self.complete,
            self.no_progress,
            self.peer_restarted,
            self.own,
            self.complete_per_mille()
        )?;
        writeln!(
            f,
            "{:19}{} packets delivered, {} repeated; {} frames, before the faults stopped {} ‰ lost",
            "",
            self.packets,
            self.repeats,
            faults.frames,
            self.lost_per_mille()
        )?;
        write!(
            f,
            "{:19}bytes flipped {}, dropped {}, doubled {}, inserted {}; frames doubled {}, cut {}",
            "",
            faults.flipped,
            faults.dropped,
            faults.doubled,
            faults.inserted,
            faults.doubled_frames,
            faults.cut
        )
    }
}
