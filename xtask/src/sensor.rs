use std::fs;

use crate::failure::Failure;
use crate::link_proof;
use crate::process::Process;
use crate::step::{Skips, Step};
use crate::workspace::Workspace;

pub(crate) const STEP: Step = Step {
    name: "sensor",
    about: "the example of a schema of one's own is current, links without std and passes its tests",
    run,
};

const EXAMPLE: &str = "examples/sensor";

/// As a user would say it, in the example's directory.
const GENERATOR: &str = "run --manifest-path ../../Cargo.toml --package eyelet-codegen -- generate --schema-root proto \
     --out src/messages --owned --table proto/limits.json";
const COMPARISON: &str = "run --manifest-path ../../Cargo.toml --package eyelet-codegen -- compare --schema-root proto \
     --released proto/released.txtpb";

fn run(workspace: &Workspace) -> Result<Skips, Failure> {
    for (command, more) in [(GENERATOR, Some("--check")), (COMPARISON, None)] {
        is_documented(workspace, command)?;
        let here = workspace.root.join(EXAMPLE);
        Process::new("cargo", &here).args(command.split(' ')).args(more).run()?;
    }
    let manifest = workspace.root.join(EXAMPLE).join("Cargo.toml");
    workspace.cargo_outside("test", &manifest).run()?;
    workspace.cargo_outside("test", &manifest).args(["--all-features"]).run()?;
    workspace.cargo_outside("run", &manifest).args(["--quiet", "--example", "firmware"]).run()?;
    let gateway = workspace.root.join(EXAMPLE).join("gateway/Cargo.toml");
    workspace.cargo_outside("run", &gateway).args(["--quiet"]).run()?;
    if std::env::consts::OS != "linux" {
        return Ok(vec!["nothing was linked: the proof needs the linker of Linux".to_owned()]);
    }
    link_proof::prove(workspace, &format!("{EXAMPLE}/bare"), link_proof::FIRMWARE)?;
    Ok(Vec::new())
}

fn is_documented(workspace: &Workspace, command: &str) -> Result<(), Failure> {
    let readme = workspace.root.join(EXAMPLE).join("README.md");
    let text = fs::read_to_string(&readme).map_err(Failure::at(&readme))?;
    if text.lines().any(|line| line == format!("$ cargo {command}")) {
        return Ok(());
    }
    Err(Failure::check(format!("{EXAMPLE}/README.md does not say `cargo {command}`")))
}
