use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use super::suite::Figures;
use crate::failure::Failure;
use crate::process::Process;
use crate::step::{Skips, Step};
use crate::workspace::Workspace;

pub(crate) const STEP: Step = Step {
    name: "mutants",
    about: "each deliberate mistake can still be made in the session",
    run: can_be_made,
};

#[derive(Args, Default)]
pub(crate) struct Mutants {
    /// Those mistakes alone whose names contain this
    name: Option<String>,
}

pub(crate) const HELP: &str = "\
A mistake is a patch in tests/session_simulation/mutants; its first line says what is wrong. Each is made
in a copy of the repository in target/mutants, and the simulation and, where that notices nothing, the
session's own tests are run there. A mistake that none of them notices is a failure, and so is one that
can no longer be made, or that does not compile. EYELET_RUNS and EYELET_SEED go to the simulation.

Examples:
  cargo xtask prove mutants
  cargo xtask prove mutants credit

Exit codes: 0 every mistake is noticed, 1 one is not, 2 usage";

const PATCHES: &str = "tests/session_simulation/mutants";

/// Package, test and what of it is left out, in the order in which they are asked. The session's own drawn
/// conversations are left out: they take longer than all the rest, and the simulation's go further.
const SUITES: [(&str, &str, &[&str]); 2] = [
    ("eyelet-tests", "session_simulation", &[]),
    ("eyelet-codec", "session", &["--", "--skip", "conversations::", "--skip", "abuse::"]),
];

/// Makes each mistake in turn, and says which test notices it.
pub(crate) fn run(workspace: &Workspace, mutants: &Mutants) -> Result<Figures, Failure> {
    let patches = patches(workspace)?;
    let is_asked = |name: &str| mutants.name.as_ref().is_none_or(|part| name.contains(part));
    let chosen: Vec<_> = patches.iter().filter(|patch| is_asked(&name(patch))).collect();
    if chosen.is_empty() {
        return Err(Failure::check("there is no such mistake"));
    }

    let copy = Copy::of(workspace)?;
    if let Some(noticed) = copy.noticed_by()? {
        return Err(Failure::check(format!("without a mistake there is one: {noticed}")));
    }
    println!("  without a mistake nothing is noticed");
    let mut survivors = Vec::new();
    for patch in &chosen {
        let started = Instant::now();
        copy.renew(workspace)?;
        copy.apply(patch)?;
        let noticed = copy.noticed_by()?;
        let (name, took) = (name(patch), started.elapsed().as_secs_f64());
        println!("  {name:<34}{took:>6.1} s  {}", noticed.as_deref().unwrap_or("SURVIVES"));
        if noticed.is_none() {
            survivors.push(name);
        }
    }
    let figure = format!("{} of {} mistakes noticed", chosen.len() - survivors.len(), chosen.len());
    println!("{figure}");
    if survivors.is_empty() {
        return Ok(vec![figure]);
    }
    Err(Failure::check(format!("nothing notices {}", survivors.join(", "))))
}

fn can_be_made(workspace: &Workspace) -> Result<Skips, Failure> {
    let patches = patches(workspace)?;
    for patch in &patches {
        let git = Process::new("git", &workspace.root).args(["apply", "--check"]).args([patch]);
        succeed(git, || format!("{} cannot be made any more", name(patch)))?;
    }
    println!("  {} mistakes can be made", patches.len());
    Ok(Vec::new())
}

fn patches(workspace: &Workspace) -> Result<Vec<PathBuf>, Failure> {
    let directory = workspace.root.join(PATCHES);
    let entries = fs::read_dir(&directory).map_err(Failure::at(&directory))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut patches: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "patch")).collect();
    patches.sort();
    if patches.is_empty() {
        Err(Failure::check(format!("{PATCHES} is empty")))
    } else {
        Ok(patches)
    }
}

fn name(patch: &Path) -> String {
    patch.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// A copy of the repository, to make mistakes in.
struct Copy {
    root: PathBuf,
    build: PathBuf,
}

impl Copy {
    fn of(workspace: &Workspace) -> Result<Self, Failure> {
        let mutants = workspace.target.join("mutants");
        let copy = Self { root: mutants.join("tree"), build: mutants.join("build") };
        copy.renew(workspace)?;
        Ok(copy)
    }

    /// Makes every file what it is in the repository; those that are so already keep their age, so that
    /// cargo builds only what a mistake has touched.
    fn renew(&self, workspace: &Workspace) -> Result<(), Failure> {
        let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let output = Process::new("git", &workspace.root).args(list).output()?;
        let names = String::from_utf8_lossy(&output.stdout).into_owned();
        for name in names.split_terminator('\0') {
            let (from, to) = (workspace.root.join(name), self.root.join(name));
            let Ok(content) = fs::read(&from) else { continue };
            if fs::read(&to).is_ok_and(|old| old == content) {
                continue;
            }
            let directory = to.parent().unwrap_or(&self.root);
            fs::create_dir_all(directory).map_err(Failure::at(directory))?;
            fs::write(&to, content).map_err(Failure::at(&to))?;
        }
        Ok(())
    }

    /// The repository around the copy is none of git's business.
    fn apply(&self, patch: &Path) -> Result<(), Failure> {
        let around = self.root.parent().unwrap_or(&self.root);
        let git = Process::new("git", &self.root).args(["apply"]).args([patch]);
        let git = git.env_unseen("GIT_CEILING_DIRECTORIES", &around.to_string_lossy());
        succeed(git, || format!("{} cannot be made any more", name(patch)))
    }

    /// The first test that fails, and what it says; `None`: all pass.
    fn noticed_by(&self) -> Result<Option<String>, Failure> {
        for (package, test, skipped) in SUITES {
            let cargo = |more: &[&str]| {
                Process::new("cargo", &self.root)
                    .args(["test", "--locked", "--package", package, "--test", test])
                    .args(more)
                    .env_unseen("CARGO_TARGET_DIR", &self.build.to_string_lossy())
                    .env_unseen("RUST_BACKTRACE", "0")
                    // Which conversation it is does not matter, so it need not become a small one.
                    .env_unseen("PROPTEST_MAX_SHRINK_ITERS", "0")
            };
            succeed(cargo(&["--no-run"]), || format!("{test} does not compile"))?;
            let output = cargo(skipped).output()?;
            if !output.status.success() {
                let said = String::from_utf8_lossy(&output.stdout);
                return Ok(Some(format!("{test}: {}", failure(&said))));
            }
        }
        Ok(None)
    }
}

/// The name of the first test that failed, and the reason where it gives one.
fn failure(said: &str) -> String {
    let failed = said.lines().find_map(|line| {
        line.strip_prefix("test ").and_then(|line| line.strip_suffix(" ... FAILED"))
    });
    let why = said.lines().find_map(|line| Some(line.split_once("Test failed: ")?.1));
    let failed = failed.unwrap_or("it ended badly");
    why.map_or(failed.to_owned(), |why| format!("{failed}\n{:46}{why}", ""))
}

fn succeed(process: Process, what: impl FnOnce() -> String) -> Result<(), Failure> {
    let output = process.output()?;
    if output.status.success() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Failure::check(format!("{}:\n{errors}", what())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_test_is_named_with_its_reason() {
        let said = "test one ... ok\ntest two ... FAILED\nSEED=1: Test failed: rule 7: too much.\n";
        assert_eq!(failure(said), format!("two\n{:46}rule 7: too much.", ""));
        assert_eq!(failure("test a::b ... FAILED\n"), "a::b");
        assert_eq!(failure("a signal"), "it ended badly");
    }
}
