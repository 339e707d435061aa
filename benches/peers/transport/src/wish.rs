//! What is asked for and answered, whoever carries it.

use std::sync::LazyLock;

use eyelet_benches::{records, task};
use eyelet_codec::{DetectionTask, ProcessFilter, ProcessRecord, Repeated};

use crate::glance::{Glance, see_record, see_result};

/// Some records. A client says which in its task, so that a server has to have read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) first: u32,
    pub(crate) count: u32,
}

/// Records of a result that comes at once: about 2 KB.
pub(crate) const RESULT: u32 = 10;

/// Different records there are: few enough for no memory to speak of, and too many to be learnt by heart.
const RECORDS: usize = 512;

/// The last two pids of a task say what is wished for. Added so that they take three bytes each,
/// however small they are.
const BASE: u32 = 16_384;

impl Wish {
    /// The same stream for everyone.
    pub(crate) fn stream(count: u32) -> Self {
        Self { first: 0, count }
    }

    /// Results one after the other, each of other records, over and over.
    pub(crate) fn in_turn() -> impl Iterator<Item = (Self, Glance)> {
        static ALL: LazyLock<Vec<(Wish, Glance)>> = LazyLock::new(|| {
            let firsts = (0..RECORDS).step_by(RESULT as usize);
            let wish = |first| Wish { first: u32::try_from(first).expect("few"), count: RESULT };
            firsts.map(wish).map(|wish| (wish, wish.expected())).collect()
        });
        ALL.iter().copied().cycle()
    }

    /// The pids for its task.
    pub(crate) fn pids(self) -> [u32; 6] {
        [1, 388, 1_999, 12_345, BASE + self.first, BASE + self.count]
    }

    /// A task of about 200 bytes.
    pub(crate) fn task(pids: &[u32; 6]) -> DetectionTask<'_> {
        let task = task();
        let filter = task.process_filter.unwrap_or_default();
        let filter = ProcessFilter { pids: Repeated::new(pids), ..filter };
        DetectionTask { process_filter: Some(filter), ..task }
    }

    /// What a task's pids say.
    ///
    /// # Panics
    /// If it is no task of this benchmark.
    pub(crate) fn of(pids: impl IntoIterator<Item = u32>) -> Self {
        let mut wish = pids.into_iter().skip(4).map(|pid| pid - BASE);
        let mut next = || wish.next().expect("six pids");
        Self { first: next(), count: next() }
    }

    /// What it is answered with.
    pub(crate) fn records(self) -> impl Iterator<Item = &'static ProcessRecord<'static>> {
        static ALL: LazyLock<Vec<ProcessRecord<'static>>> = LazyLock::new(all_records);
        let all = ALL.as_slice();
        (self.first..self.first + self.count).map(|index| &all[index as usize % RECORDS])
    }

    /// What there is to see in the whole answer.
    pub(crate) fn expected(self) -> Glance {
        let mut glance = Glance::default();
        self.records().for_each(|record| see_record!(*record, &mut glance));
        see_result!(crate::messages::borrowed_result(task().task_id), &mut glance);
        glance
    }
}

fn all_records() -> Vec<ProcessRecord<'static>> {
    (100..).zip(records(RECORDS)).map(|(pid, record)| ProcessRecord { pid, ..record }).collect()
}
