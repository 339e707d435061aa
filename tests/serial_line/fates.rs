use std::fmt::{self, Display, Formatter};
use std::ops::AddAssign;

use crate::ledger::Ending;

/// What became of sessions; each counts once for each side.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fates {
    sessions: usize,
    /// Sessions that carried all that their side had.
    pub(crate) complete: usize,
    /// Of the others, those that ended so.
    pub(crate) no_progress: usize,
    peer_restarted: usize,
    own: usize,
    under_way: usize,
}

impl Fates {
    /// Of sessions by whether they carried all they had, and by how they ended.
    pub(crate) fn of(sessions: impl Iterator<Item = (bool, Option<Ending>)>) -> Self {
        let mut fates = Self::default();
        for (is_complete, ending) in sessions {
            fates.sessions += 1;
            *match ending {
                _ if is_complete => &mut fates.complete,
                Some(Ending::NoProgress) => &mut fates.no_progress,
                Some(Ending::PeerRestarted) => &mut fates.peer_restarted,
                Some(Ending::Own) => &mut fates.own,
                None => &mut fates.under_way,
            } += 1;
        }
        fates
    }

    /// Sessions that carried all they had, of a thousand that neither side has ended by a beginning or
    /// a closing of its own.
    pub(crate) fn complete_per_mille(&self) -> usize {
        let others = self.sessions - self.peer_restarted - self.own;
        self.complete * 1000 / others.max(1)
    }
}

impl AddAssign for Fates {
    fn add_assign(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.complete += other.complete;
        self.no_progress += other.no_progress;
        self.peer_restarted += other.peer_restarted;
        self.own += other.own;
        self.under_way += other.under_way;
    }
}

impl Display for Fates {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} sessions: {} carried all they had; others: {} ended for want of progress, {} since the \
             peer restarted, {} by their own side, {} under way",
            self.sessions,
            self.complete,
            self.no_progress,
            self.peer_restarted,
            self.own,
            self.under_way
        )
    }
}
