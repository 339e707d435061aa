use crate::failure::Failure;
use crate::process::Process;
use crate::step::{Skips, Step};
use crate::workspace::Workspace;

pub(crate) const STEP: Step =
    Step { name: "package", about: "each crate builds from what is checked in under it", run };

/// Cargo packs what git knows and builds it elsewhere; crates of this workspace that the packed ones
/// need come from the same pack.
fn run(workspace: &Workspace) -> Result<Skips, Failure> {
    let changes = changes(workspace);
    let dirty = (!changes.is_empty()).then_some("--allow-dirty");
    if !changes.is_empty() {
        println!("  packed as they lie here, since git has not been told of:\n{changes}");
    }
    workspace.cargo(["package", "--locked", "--workspace"].into_iter().chain(dirty)).run()?;
    Ok(Vec::new())
}

/// What git calls changed or new; nothing where there is no git, as in an unpacked archive.
fn changes(workspace: &Workspace) -> String {
    let git = Process::new("git", &workspace.root).args(["status", "--porcelain"]).output();
    git.map(|git| String::from_utf8_lossy(&git.stdout).trim_end().to_owned()).unwrap_or_default()
}
