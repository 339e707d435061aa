use std::collections::BTreeMap;

use eyelet_benches::Random;

use super::Effort;
use super::children::{Line, Traced, measure};
use super::system_calls;
use crate::peer::Result;
use crate::registry::Entry;
use crate::workload::Workload;

/// One who is measured in a workload.
pub(super) struct Cell {
    pub(super) entry: &'static Entry,
    pub(super) workload: Workload,
    /// In the order in which they came.
    pub(super) taken: Vec<Taken>,
    /// Repetitions that were begun, and those of them that came to nothing.
    repetitions: usize,
    pub(super) failures: usize,
}

/// One measure of a cell.
pub(super) struct Taken {
    pub(super) measure: String,
    pub(super) unit: String,
    /// What each repetition gave; `None` for one that failed.
    pub(super) values: Vec<Option<f64>>,
}

impl Cell {
    pub(super) fn new(entry: &'static Entry, workload: Workload) -> Self {
        Self { entry, workload, taken: Vec::new(), repetitions: 0, failures: 0 }
    }

    pub(super) fn is_possible(&self) -> bool {
        self.entry.workloads.contains(&self.workload)
    }

    /// What one cannot do must not keep the others from being measured.
    fn take_or_say(&mut self, effort: &Effort, random: &mut Random) {
        if let Err(error) = self.take(effort, random) {
            eprintln!("{}, {}: {error}", self.workload, self.entry.name);
            self.failures += 1;
        }
    }

    pub(super) fn values(&self, measure: &str) -> Option<&[Option<f64>]> {
        let found = self.taken.iter().find(|taken| taken.measure == measure);
        found.map(|taken| taken.values.as_slice())
    }

    fn take(&mut self, effort: &Effort, random: &mut Random) -> Result<()> {
        let lines = match self.workload {
            Workload::SystemCalls => system_calls::count(self.entry, random),
            workload => measure(self.entry, workload, effort.effort, Traced::Nobody, random),
        };
        let before = self.repetitions;
        self.repetitions += 1;
        for Line { measure, value, unit } in lines? {
            let at = self.taken.iter().position(|taken| taken.measure == measure);
            let at = at.unwrap_or_else(|| {
                self.taken.push(Taken { measure, unit, values: Vec::new() });
                self.taken.len() - 1
            });
            let values = &mut self.taken[at].values;
            values.resize(before, None);
            values.push(Some(value));
        }
        Ok(())
    }
}

/// Takes every cell once a repetition: those that are compared one after the other.
pub(super) fn run(cells: Vec<Cell>, effort: &Effort, random: &mut Random) -> Vec<Vec<Cell>> {
    let mut groups: BTreeMap<Workload, Vec<Cell>> = BTreeMap::new();
    for cell in cells {
        groups.entry(cell.workload).or_default().push(cell);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    for repetition in 0..effort.repetitions {
        eprintln!("repetition {} of {}", repetition + 1, effort.repetitions);
        random.shuffle(&mut groups);
        for group in &mut groups {
            random.shuffle(group);
            for cell in group.iter_mut() {
                if repetition < cell.workload.most_repetitions() {
                    cell.take_or_say(effort, random);
                }
            }
        }
    }
    // As they are shown.
    groups.sort_by_key(|group| group.first().map(|cell| cell.workload));
    groups
}
