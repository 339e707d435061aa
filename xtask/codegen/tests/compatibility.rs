//! Every way in which a later schema leaves peers of an earlier one behind is refused, by a schema that
//! is checked in and says on its first lines what is said of it; what harms nobody is let through.

use std::fs;
use std::path::{Path, PathBuf};

use eyelet_codegen::{Comparison, compare, record};
use tempfile::TempDir;

const RECORD: &str = "tests/compatibility/released.txtpb";

#[test]
fn what_is_checked_in_is_what_the_generator_records() {
    let text = fs::read_to_string(RECORD).unwrap_or_default();
    let now = record(Path::new("tests/compatibility/released"), "door 1.0").unwrap();
    assert_eq!(text, now);
}

#[test]
fn each_broken_schema_is_refused_in_its_own_words() {
    let schemas = schemas("broken");
    assert!(schemas.len() >= 10, "{} broken schemas", schemas.len());
    for path in schemas {
        let comparison = compared(&path);
        assert_eq!(said(&comparison), expected(&path), "{}", path.display());
        assert!(!comparison.is_allowed(), "{}", path.display());
    }
}

#[test]
fn what_harms_no_peer_is_let_through() {
    for path in schemas("compatible").into_iter().chain(schemas("released")) {
        let comparison = compared(&path);
        assert_eq!(said(&comparison), [""; 0], "{}", path.display());
        assert!(comparison.is_allowed(), "{}", path.display());
    }
}

#[test]
fn with_another_version_it_is_said_and_let_through() {
    for path in schemas("versioned") {
        let comparison = compared(&path);
        assert_eq!(said(&comparison), expected(&path), "{}", path.display());
        assert!(comparison.is_allowed(), "{}", path.display());
    }
}

/// A record that says something else of every number stands for a schema that has changed them since.
#[test]
fn in_our_own_schema_no_number_goes_unnoticed() {
    let text = fs::read_to_string("../../proto/released.txtpb").unwrap();
    let unchanged = said_of_record(&text);
    assert_eq!(unchanged, [""; 0]);
    for (key, difference) in [
        (",number:", 5000),
        ("max_bytes:", -1),
        ("max_bytes:", 1),
        ("max_items:", -1),
        ("max_items:", 1),
        ("max_total_bytes:", -1),
        ("max_total_bytes:", 1),
    ] {
        let lines = text.lines().map(|line| changed(line, key, difference).ok_or(line));
        let record: Vec<_> = lines.clone().map(|line| line.unwrap_or_else(str::to_owned)).collect();
        let mut changed: Vec<_> = lines.flatten().map(|line| name(&line)).collect();
        let mut noticed = said_of_record(&record.join("\n"));
        changed.sort();
        noticed.sort();
        assert!(!changed.is_empty(), "no {key}");
        assert_eq!(noticed, changed, "{key} {difference}");
    }
}

/// Where `line` has a number behind `key`, the line with another one.
fn changed(line: &str, key: &str, difference: i64) -> Option<String> {
    let (before, after) = line.split_once(key)?;
    let (number, after) = after.split_at(after.find([',', '}', ' '])?);
    let number: i64 = number.parse().ok()?;
    // An enum has to begin with 0.
    (number != 0).then(|| format!("{before}{key}{}{after}", number + difference))
}

fn name(line: &str) -> String {
    let (_, name) = line.split_once("name:\"").unwrap();
    name[..name.find('"').unwrap()].to_owned()
}

/// The members that changed since the record `text`, by name.
fn said_of_record(text: &str) -> Vec<String> {
    let file = TempDir::new().unwrap();
    let path = file.path().join("released.txtpb");
    fs::write(&path, text).unwrap();
    let comparison = compare(Path::new("../../proto"), &path).unwrap();
    comparison.breaks.into_iter().map(|found| found.place.member).collect()
}

fn schemas(directory: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new("tests/compatibility").join(directory)).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn compared(schema: &Path) -> Comparison {
    let root = TempDir::new().unwrap();
    fs::copy(schema, root.path().join("door.proto")).unwrap();
    compare(root.path(), Path::new(RECORD)).unwrap_or_else(|e| panic!("{}: {e}", schema.display()))
}

fn said(comparison: &Comparison) -> Vec<String> {
    comparison.breaks.iter().map(ToString::to_string).collect()
}

/// The comment that the file begins with.
fn expected(schema: &Path) -> Vec<String> {
    let text = fs::read_to_string(schema).unwrap();
    text.lines().map_while(|line| line.strip_prefix("// ")).map(str::to_owned).collect()
}
