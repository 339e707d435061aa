use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use super::counts::{self, Counts};
use super::peers::SETS;
use crate::failure::Failure;
use crate::step::{Skips, Step};
use crate::workspace::Workspace;

pub(crate) const STEP: Step = Step {
    name: "bench-counts",
    about: "the codec takes no more instructions than it did",
    run: check,
};

const FILE: &str = "benches/instructions.json";
const RENEW: &str = "cargo xtask bench codec --gate --renew";

/// A count may rise by so many percent: code that was not touched is laid out in another way at times.
const TOLERANCE: u32 = 2;

/// Counts by what is counted.
type Record = BTreeMap<String, u32>;

/// Records by the place that they hold for.
type Records = BTreeMap<String, Record>;

fn check(workspace: &Workspace) -> Result<Skips, Failure> {
    match count(workspace)? {
        Some((place, counted)) => compare(&place, &counted, &read(&path(workspace))?)?,
        // As little is known then as in a place of which nothing is recorded.
        None => println!("  no instructions were counted: there is no valgrind here"),
    }
    Ok(Vec::new())
}

/// Counts, and compares with what was recorded or records it.
pub(crate) fn run(workspace: &Workspace, renew: bool) -> Result<(), Failure> {
    let Some((place, counted)) = count(workspace)? else {
        return Err(Failure::check("instructions are counted by valgrind, which is not here"));
    };
    let path = path(workspace);
    let mut records = read(&path)?;
    if !renew {
        return compare(&place, &counted, &records);
    }
    records.insert(place, counted);
    let text = serde_json::to_string_pretty(&records).unwrap_or_default();
    fs::write(&path, text + "\n").map_err(Failure::at(&path))
}

/// What ours take, with each set of features, in a binary that has no others in it.
fn count(workspace: &Workspace) -> Result<Option<(String, Record)>, Failure> {
    if counts::valgrind(workspace).is_none() {
        return Ok(None);
    }
    let (mut record, mut everywhere) = (Record::new(), String::new());
    for set in &SETS {
        let binary = set.build(workspace, false)?;
        let Some(Counts { counted, place }) = counts::count(workspace, &binary)? else {
            return Ok(None);
        };
        for (key, count) in counted.iter().filter(|(key, _)| key.who.starts_with("eyelet")) {
            let name = format!("{}, {} {} by {}", set.name, key.measure, key.workload, key.who);
            record.insert(name, *count);
        }
        everywhere = place;
    }
    Ok(Some((everywhere, record)))
}

fn path(workspace: &Workspace) -> PathBuf {
    workspace.root.join(FILE)
}

fn read(path: &PathBuf) -> Result<Records, Failure> {
    let text = fs::read_to_string(path).map_err(Failure::at(path))?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::check(format!("{}: {error}", path.display())))
}

/// Shows both; what is not known here cannot have become more.
fn compare(place: &str, counted: &Record, records: &Records) -> Result<(), Failure> {
    let recorded = records.get(place);
    println!("  instructions, {place}");
    for (name, count) in counted {
        let before = recorded.and_then(|record| record.get(name));
        println!("  {name:<48}{count:>7}{}", change(*count, before));
    }
    let Some(recorded) = recorded else {
        println!("  none were recorded here: `{RENEW}` would");
        return Ok(());
    };
    let missing: Vec<_> = recorded.keys().filter(|name| !counted.contains_key(*name)).collect();
    if !missing.is_empty() {
        let what = format!("recorded in {FILE} and not counted any more: {missing:?}; {RENEW}");
        return Err(Failure::check(what));
    }
    let risen = |(name, count): &(&String, &u32)| {
        recorded.get(*name).is_some_and(|before| **count > before + before * TOLERANCE / 100)
    };
    match counted.iter().filter(risen).map(|(name, _)| name.as_str()).collect::<Vec<_>>()[..] {
        [] => Ok(()),
        ref risen => Err(Failure::check(format!(
            "more instructions than recorded in {FILE}: {}; if they are worth it: {RENEW}",
            risen.join("; ")
        ))),
    }
}

fn change(count: u32, before: Option<&u32>) -> String {
    match before {
        Some(before) => {
            format!("{:>+8.1} %", (f64::from(count) / f64::from(*before) - 1.0) * 100.0)
        }
        None => "       new".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(count: u32) -> Record {
        BTreeMap::from([("decode".to_owned(), count)])
    }

    #[test]
    fn a_count_may_rise_by_two_percent_and_no_more() {
        let records = BTreeMap::from([("here".to_owned(), record(1_000))]);
        for (case, place, count, passes) in [
            ("as before", "here", 1_000, true),
            ("fewer", "here", 1, true),
            ("two percent", "here", 1_020, true),
            ("more", "here", 1_021, false),
            ("elsewhere", "there", 9_999, true),
        ] {
            assert_eq!(compare(place, &record(count), &records).is_ok(), passes, "{case}");
        }
        assert!(compare("here", &Record::new(), &records).is_err(), "nothing counted");
        let mut another = record(1_000);
        another.insert("encode".to_owned(), 1);
        assert!(compare("here", &another, &records).is_ok(), "not known yet");
    }
}
