//! What a round trip asks the system for: strace counts on one side at a time, since the other one would
//! be slowed down with it, in a short and in a long run; starting and ending fall out of the difference.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use eyelet_benches::Random;

use super::children::{Line, Traced, measure};
use crate::peer::{Kind, Result};
use crate::registry::Entry;
use crate::workload::Workload;

const FEW: u32 = 1_000;

/// System calls by name.
type Counts = BTreeMap<String, u64>;

/// Whether there is anything to count with.
pub(super) fn is_possible() -> bool {
    let version = Command::new("strace").arg("--version").stdout(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

pub(super) fn count(entry: &Entry, random: &mut Random) -> Result<Vec<Line>> {
    // Ours have to show that something hardly ever happens.
    let calls = if entry.kind == Kind::Ours { 100_000 } else { 10_000 };
    let (few, many) = (counts(entry, FEW, random)?, counts(entry, FEW + calls, random)?);
    let all = |counts: &Counts| counts.values().sum::<u64>() as f64;
    let futex = |counts: &Counts| counts.get("futex").copied().unwrap_or(0) as f64;
    let each = |of: &dyn Fn(&Counts) -> f64| (of(&many) - of(&few)) / f64::from(calls);
    let line = |measure: &str, value: f64, unit: &str| Line {
        measure: measure.to_owned(),
        value,
        unit: unit.to_owned(),
    };
    Ok(vec![
        line("a round trip", each(&all), "system calls"),
        line("100,000 round trips", (each(&futex) * 1e5).max(0.0), "futex calls"),
    ])
}

/// Of both sides, so many calls and all around them.
fn counts(entry: &Entry, calls: u32, random: &mut Random) -> Result<Counts> {
    let directory = tempfile::tempdir()?;
    let (server, client) = (directory.path().join("server"), directory.path().join("client"));
    let mut both = Counts::new();
    for traced in [Traced::Server(&server), Traced::Client(&client)] {
        measure(entry, Workload::Calls(calls), Duration::ZERO, traced, random)?;
    }
    for file in [&server, &client] {
        add(file, &mut both)?;
    }
    Ok(both)
}

/// Lines of strace's table: a share, seconds, microseconds a call, calls, perhaps errors, a name.
fn add(file: &Path, counts: &mut Counts) -> Result<()> {
    let table = fs::read_to_string(file)?;
    for line in table.lines() {
        let columns: Vec<_> = line.split_whitespace().collect();
        let &[share, _, _, calls, .., name] = columns.as_slice() else { continue };
        if name != "total" && share.parse::<f64>().is_ok() {
            *counts.entry(name.to_owned()).or_default() += calls.parse::<u64>()?;
        }
    }
    if counts.is_empty() {
        return Err("strace has counted nothing".into());
    }
    Ok(())
}
