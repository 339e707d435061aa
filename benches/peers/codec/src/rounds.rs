//! Takes the times: every cell once a round, those that are compared one after the other, in an order
//! that is another in each round. What disturbs one of them then disturbs its neighbours too, and a
//! ratio is taken within a round.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Duration;

use eyelet_benches::Random;
use rustix::time::{ClockId, clock_gettime};

use crate::cell::{Cell, Run};

/// How long to measure.
pub(crate) struct Effort {
    pub(crate) rounds: u64,
    /// How long one cell runs in one round, about.
    pub(crate) sample: Duration,
    pub(crate) seed: u64,
}

/// A cell, how often it runs a sample, and what it took in each round, in nanoseconds a step.
pub(crate) struct Timed {
    pub(crate) cell: Cell,
    times: u64,
    pub(crate) taken: Vec<f64>,
}

/// Times every cell. Cells of one workload and measure come back together.
pub(crate) fn run(cells: Vec<Cell>, effort: &Effort) -> Vec<Vec<Timed>> {
    let mut random = Random::new(effort.seed);
    let mut groups: BTreeMap<_, Vec<Timed>> = BTreeMap::new();
    for cell in cells {
        let timed = Timed::new(cell, effort.sample);
        groups.entry((timed.cell.workload, timed.cell.measure)).or_default().push(timed);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    for round in 1..=effort.rounds {
        eprintln!("round {round} of {}", effort.rounds);
        random.shuffle(&mut groups);
        for group in &mut groups {
            random.shuffle(group);
            group.iter_mut().for_each(Timed::take);
        }
    }
    groups
}

impl Timed {
    /// Finds out how many steps make a sample.
    fn new(mut cell: Cell, sample: Duration) -> Self {
        let mut times = 1;
        while clock(&mut cell.run, times) < sample {
            times *= 2;
        }
        Self { cell, times, taken: Vec::new() }
    }

    /// One turn of all that the cell works on goes before: what was measured last has left other things
    /// in the caches.
    fn take(&mut self) {
        black_box((self.cell.run)(self.cell.round));
        let all = clock(&mut self.cell.run, self.times);
        let overhead = self.cell.overhead.as_mut().map(|run| clock(run, self.times));
        let taken = all.saturating_sub(overhead.unwrap_or_default());
        self.taken.push(taken.as_secs_f64() * 1e9 / self.times as f64);
    }
}

/// Of the processor, not of the wall: others on the machine take none of it.
fn clock(run: &mut Run, times: u64) -> Duration {
    let started = processor_time();
    black_box(run(times));
    processor_time().saturating_sub(started)
}

fn processor_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(now).expect("a time since the thread began")
}

/// The one in the middle.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
