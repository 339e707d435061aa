use std::collections::BTreeMap;
use std::ffi::CStr;
use std::fmt::Display;
use std::fs;

use super::rounds::{Cell, Taken};
use crate::peer::Kind;
use crate::registry::Entry;

/// Those of eyelet-codec that eyelet-transport turns on.
const FEATURES: &str = "crc-hardware,fast,smoothutf8";

/// The machine, and which share of it others had meanwhile.
pub(super) fn machine(others: f64) {
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processor =
        processor.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let processor = processor.map_or("unknown", |(_, name)| name);
    let system = rustix::system::uname();
    let [name, release] = [system.sysname(), system.release()].map(CStr::to_string_lossy);
    println!(
        r#"{{"about":"machine","processor":"{processor}","kernel":"{name} {release}","others, percent":{others:.1}}}"#
    );
}

/// Which version of whom was measured.
pub(super) fn versions(entries: &[&Entry]) {
    let locked = locked();
    for entry in entries {
        let of = |name: &&str| Some(format!("{name} {}", locked.get(name)?));
        let crates = entry.crates.iter().filter_map(of).collect::<Vec<_>>().join(", ");
        println!(r#"{{"about":"peer","who":"{}","versions":"{crates}"}}"#, entry.name);
    }
}

/// Versions by name. Of several versions of a crate, the newest.
fn locked() -> BTreeMap<&'static str, &'static str> {
    let value = |line: &'static str, key: &str| {
        line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"')
    };
    let mut locked = BTreeMap::new();
    let mut name = "";
    for line in include_str!("../../Cargo.lock").lines() {
        if let Some(found) = value(line, "name") {
            name = found;
        } else if let Some(version) = value(line, "version") {
            locked.insert(name, version);
        }
    }
    locked
}

/// Medians of all, and how many times as good ours were as each other in the same repetition.
pub(super) fn figures(groups: &[Vec<Cell>]) {
    for group in groups {
        for cell in group {
            for Taken { measure, unit, values } in &cell.taken {
                line(cell, measure, median(values.iter().flatten().copied()), unit);
                for other in group.iter().filter(|_| cell.entry.kind == Kind::Ours) {
                    compare(cell, other, measure, unit);
                }
            }
        }
    }
}

/// What could not be measured, or not each time.
pub(super) fn failures(groups: &[Vec<Cell>]) {
    for cell in groups.iter().flatten().filter(|cell| cell.failures > 0) {
        let (workload, who, times) = (cell.workload, cell.entry.name, cell.failures);
        println!(r#"{{"about":"failure","workload":"{workload}","who":"{who}","times":{times}}}"#);
    }
}

fn compare(ours: &Cell, other: &Cell, measure: &str, unit: &str) {
    let (Some(one), Some(another)) = (ours.values(measure), other.values(measure)) else { return };
    if ours.entry.name == other.entry.name {
        return;
    }
    let more_is_better = unit == "1/s";
    let pairs = one.iter().zip(another).filter_map(|(one, another)| Some(((*one)?, (*another)?)));
    let ratios = pairs.map(|(one, other)| if more_is_better { one / other } else { other / one });
    line(ours, measure, median(ratios), format!("x {}", other.entry.name));
}

/// One figure. What was never measured has none.
fn line(cell: &Cell, measure: &str, value: f64, unit: impl Display) {
    if !value.is_finite() {
        return;
    }
    let (workload, who) = (cell.workload, cell.entry.name);
    println!(
        r#"{{"workload":"{workload}","measure":"{measure}","who":"{who}","value":{value:.3},"unit":"{unit}","features":"{FEATURES}"}}"#
    );
}

/// The one in the middle.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
