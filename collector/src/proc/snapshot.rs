use std::vec;

use eyelet_codec::{Coverage, NoteKind, ProcessRecord};

use super::clock::Clock;
use super::process::{Process, Sight};
use super::{ProcError, Reader};
use crate::filter::Filter;

/// The processes that there were at one moment, read one after the other.
///
/// Holds about 40 KiB and four bytes a process; a record costs no allocation. Each call blocks for
/// the few microseconds that a process takes, of as many as the filter passes over before the next
/// that it lets through; on a file system that does not answer, for as long as that one likes.
#[derive(Debug)]
pub struct Snapshot<'r> {
    reader: &'r Reader,
    filter: &'r Filter,
    clock: Clock,
    pids: vec::IntoIter<u32>,
    process: Process,
    coverage: Coverage,
}

impl<'r> Snapshot<'r> {
    pub(super) fn new(reader: &'r Reader, filter: &'r Filter, pids: Vec<u32>) -> Self {
        Self {
            reader,
            filter,
            clock: Clock::now(),
            pids: pids.into_iter(),
            process: Process::new(),
            coverage: Coverage::default(),
        }
    }

    /// The next process that the filter lets through, in the order of their pids; `None` after the
    /// last. One that has ended by now is counted, not reported.
    ///
    /// # Errors
    /// [`ProcError::Exhausted`] and [`ProcError::Malformed`]; a further call goes on with the process
    /// after that.
    #[expect(clippy::should_implement_trait, reason = "a record borrows from its snapshot")]
    pub fn next(&mut self) -> Result<Option<ProcessRecord<'_>>, ProcError> {
        while let Some(pid) = self.pids.next() {
            let sight = self.process.read(self.reader, self.filter, self.clock, pid)?;
            self.count(sight);
            if sight == Sight::Matched {
                return Ok(Some(self.process.record()));
            }
        }
        Ok(None)
    }

    /// What the records so far speak for.
    ///
    /// `seen` counts all processes looked at; where the filter has pids, those of them that are
    /// processes. `denied` counts also such as could not be matched for want of rights.
    pub fn coverage(&self) -> Coverage {
        self.coverage
    }

    fn count(&mut self, sight: Sight) {
        let counts = &mut self.coverage;
        let was_read = matches!(sight, Sight::Matched | Sight::PassedOver);
        counts.seen += u64::from(sight != Sight::NoProcess);
        counts.vanished += u64::from(sight == Sight::Ended);
        counts.matched += u64::from(sight == Sight::Matched);
        counts.denied += u64::from(was_read && self.process.has_note(NoteKind::DENIED));
        counts.cut += u64::from(sight == Sight::Matched && self.process.has_note(NoteKind::CUT));
    }
}
