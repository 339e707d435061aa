use std::fs;

use crate::failure::Failure;
use crate::step::{Skips, Step};
use crate::workspace::Workspace;

pub(crate) const STEP: Step =
    Step { name: "defmt", about: "no lock file has defmt, whatever the target or feature", run };

/// A lock file holds what any feature and any target of its packages needs, so it tells more than
/// the tree of one build, and tells it without a network.
fn run(workspace: &Workspace) -> Result<Skips, Failure> {
    let excluded = workspace.excluded()?.into_iter().map(|m| m.with_file_name("Cargo.lock"));
    for path in [workspace.root.join("Cargo.lock")].into_iter().chain(excluded) {
        let lock = fs::read_to_string(&path).map_err(Failure::at(&path))?;
        let shown = workspace.relative(&path).display();
        println!("  {shown}: {} packages", packages(&lock).count());
        if let Some(name) = packages(&lock).find(|name| is_defmt(name)) {
            let advice = "`cargo tree --target all --all-features --invert` says who wants it";
            return Err(Failure::check(format!("{shown} has the package {name}; {advice}")));
        }
    }
    Ok(Vec::new())
}

fn packages(lock: &str) -> impl Iterator<Item = &str> {
    lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
}

fn is_defmt(package: &str) -> bool {
    package == "defmt" || package.starts_with("defmt-")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "version = 4\n\n[[package]]\nname = \"crc\"\nversion = \"3.4.0\"\n\n\
                        [[package]]\nname = \"defmt-macros\"\nversion = \"1.0.1\"\n";

    #[test]
    fn defmt_and_its_parts_are_found_in_a_lock_file() {
        assert_eq!(packages(LOCK).collect::<Vec<_>>(), ["crc", "defmt-macros"]);
        for (package, want) in [("defmt", true), ("defmt-macros", true), ("defmted", false)] {
            assert_eq!(is_defmt(package), want, "{package}");
        }
    }
}
