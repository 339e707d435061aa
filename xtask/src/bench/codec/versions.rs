use std::collections::BTreeMap;
use std::fs;

use super::peers::PACKAGE;
use crate::failure::Failure;
use crate::workspace::Workspace;

/// Who is measured, and the crates that do the work.
const CRATES: [(&str, &[&str]); 8] = [
    ("eyelet", &["eyelet-codec", "smoothutf8", "crc"]),
    ("prost", &["prost"]),
    ("quick-protobuf", &["quick-protobuf"]),
    ("femtopb", &["femtopb"]),
    ("micropb", &["micropb", "heapless"]),
    ("buffa", &["buffa", "smoothutf8"]),
    ("postcard", &["postcard", "crc"]),
    ("cobs", &["cobs"]),
];

/// Which version of whom is measured.
pub(crate) fn of(workspace: &Workspace) -> Result<Vec<(String, String)>, Failure> {
    let path = workspace.root.join(PACKAGE).join("Cargo.lock");
    let lock = fs::read_to_string(&path).map_err(Failure::at(&path))?;
    let locked = locked(&lock);
    let versions = |crates: &[&str]| {
        let of = |name: &&str| Some(format!("{name} {}", locked.get(name)?));
        crates.iter().filter_map(of).collect::<Vec<_>>().join(", ")
    };
    Ok(CRATES.map(|(who, crates)| (who.to_owned(), versions(crates))).to_vec())
}

/// Versions by name. Of several versions of a crate, the newest.
fn locked(lock: &str) -> BTreeMap<&str, &str> {
    let mut locked = BTreeMap::new();
    let mut name = "";
    for line in lock.lines() {
        if let Some(found) = value(line, "name") {
            name = found;
        } else if let Some(version) = value(line, "version") {
            locked.insert(name, version);
        }
    }
    locked
}

fn value<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_versions_the_newer_counts() {
        let lock = "version = 4\n\n[[package]]\nname = \"crc\"\nversion = \"3.3.0\"\n\n\
            [[package]]\nname = \"crc\"\nversion = \"3.4.0\"\n\n\
            [[package]]\nname = \"cobs\"\nversion = \"0.5.1\"\n";
        assert_eq!(locked(lock), BTreeMap::from([("crc", "3.4.0"), ("cobs", "0.5.1")]));
    }
}
