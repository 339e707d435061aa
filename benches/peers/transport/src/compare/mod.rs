//! Runs servers and clients, over and over, in an order that is another each time; ratios are taken
//! between neighbours in time.

mod children;
mod others;
mod report;
mod rounds;
mod system_calls;

use std::time::Duration;

use eyelet_benches::Random;

use crate::peer::Result;
use crate::registry::{self, Entry};
use crate::workload::{self, Workload};

use self::others::Ticks;
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
    let before = Ticks::now()?;
    let groups = rounds::run(cells, effort, &mut random);
    report::machine(before.others_since()?);
    report::figures(&groups);
    report::failures(&groups);
    Ok(())
}

fn chosen(who: &[&str]) -> Result<Vec<&'static Entry>> {
    let names: Vec<_> = registry::ALL.iter().map(|entry| entry.name.to_owned()).collect();
    let chosen = choose(who, &names)?;
    Ok(registry::ALL
        .iter()
        .zip(chosen)
        .filter_map(|(entry, chosen)| chosen.then_some(entry))
        .collect())
}

fn chosen_workloads(workloads: &[&str]) -> Result<Vec<Workload>> {
    let chosen = choose(workloads, &workload::ALL.map(|workload| workload.to_string()))?;
    let all = workload::ALL.into_iter().zip(chosen);
    Ok(all.filter_map(|(workload, chosen)| chosen.then_some(workload)).collect())
}

/// Which of all names are asked for: those named, and those that begin with what is no name; all, if
/// nothing is asked for.
fn choose(asked: &[&str], names: &[String]) -> Result<Vec<bool>> {
    let is_name = |one: &str| names.iter().any(|name| name == one);
    let is_asked = |name: &String| {
        let begins = |one: &&str| if is_name(one) { name == one } else { name.starts_with(one) };
        asked.is_empty() || asked.iter().any(begins)
    };
    let unknown = |one: &&&str| !names.iter().any(|name| name.starts_with(**one));
    if let Some(unknown) = asked.iter().find(unknown) {
        return Err(format!("{unknown} is none of {}", names.join("; ")).into());
    }
    Ok(names.iter().map(is_asked).collect())
}
