//! Runs servers and clients, over and over, in an order that is another each time; ratios are taken
//! between neighbours in time.

mod children;
mod report;
mod rounds;
mod system_calls;

use std::time::Duration;

use eyelet_benches::Random;

use crate::peer::Result;
use crate::registry::{self, Entry};
use crate::workload::{self, Workload};

use self::rounds::Cell;

/// How long to measure.
pub(crate) struct Effort {
    pub(crate) repetitions: usize,
    /// Of one client, about.
    pub(crate) effort: Duration,
}

/// Measures, and prints every figure as a line of JSON.
pub(crate) fn run(effort: &Effort, seed: u64, who: &[&str], workloads: &[&str]) -> Result<()> {
    let entries = chosen(who)?;
    let mut workloads = chosen_workloads(workloads)?;
    if !system_calls::is_possible() {
        eprintln!("no system calls are counted: there is no strace here");
        workloads.retain(|workload| *workload != Workload::SystemCalls);
    }
    let mut random = Random::new(seed);
    report::versions(&entries);
    let cells = workloads
        .iter()
        .flat_map(|workload| entries.iter().map(move |entry| Cell::new(entry, *workload)))
        .filter(Cell::is_possible)
        .collect();
    let groups = rounds::run(cells, effort, &mut random);
    report::figures(&groups);
    report::failures(&groups);
    Ok(())
}

/// By their names, or by what these begin with.
fn chosen(who: &[&str]) -> Result<Vec<&'static Entry>> {
    let asked = |entry: &&Entry| {
        let exact = who.contains(&entry.name);
        exact || who.iter().any(|who| !is_name(who) && entry.name.starts_with(who))
    };
    let chosen: Vec<_> = registry::ALL.iter().filter(|e| who.is_empty() || asked(e)).collect();
    if chosen.is_empty() {
        return Err(format!("there are only {}", names().join(", ")).into());
    }
    Ok(chosen)
}

fn names() -> Vec<&'static str> {
    registry::ALL.iter().map(|entry| entry.name).collect()
}

fn is_name(name: &str) -> bool {
    names().contains(&name)
}

fn chosen_workloads(names: &[&str]) -> Result<Vec<Workload>> {
    if names.is_empty() {
        return Ok(workload::ALL.to_vec());
    }
    let asked = |workload: &Workload| {
        let workload = workload.to_string();
        names.iter().any(|name| workload.starts_with(name))
    };
    let chosen: Vec<_> = workload::ALL.into_iter().filter(asked).collect();
    if chosen.is_empty() {
        let all = workload::ALL.map(|workload| workload.to_string());
        return Err(format!("there are only the workloads {}", all.join("; ")).into());
    }
    Ok(chosen)
}
