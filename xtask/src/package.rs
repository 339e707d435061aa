use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::process::Process;
use crate::step::{Skips, Step};
use crate::workspace::Workspace;

pub(crate) const STEP: Step =
    Step { name: "package", about: "each crate builds from what is checked in under it", run };

/// Cargo packs what git knows, and the packed crates are built together elsewhere. Cargo would do that
/// too, but it keeps what it has unpacked and built of a version: the second time it would look at the
/// first one's crates.
fn run(workspace: &Workspace) -> Result<Skips, Failure> {
    let changes = changes(workspace);
    let dirty = (!changes.is_empty()).then_some("--allow-dirty");
    if !changes.is_empty() {
        println!("  packed as they lie here, since git has not been told of:\n{changes}");
    }
    empty(&workspace.target.join("package"))?;
    let pack = ["package", "--locked", "--workspace", "--no-verify"];
    workspace.cargo(pack.into_iter().chain(dirty)).run()?;

    let manifest = unpack(workspace)?;
    let check = ["check", "--workspace", "--all-features", "--manifest-path"];
    workspace
        .cargo(check)
        .args([workspace.relative(&manifest)])
        .env("CARGO_TARGET_DIR", &workspace.relative(&workspace.target).to_string_lossy())
        .run()?;
    Ok(Vec::new())
}

/// What git calls changed or new; nothing where there is no git, as in an unpacked archive.
fn changes(workspace: &Workspace) -> String {
    let git = Process::new("git", &workspace.root).args(["status", "--porcelain"]).output();
    git.map(|git| String::from_utf8_lossy(&git.stdout).trim_end().to_owned()).unwrap_or_default()
}

/// Unpacks the crates side by side and makes a workspace of them; returns its manifest.
fn unpack(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let packed = workspace.target.join("packed");
    empty(&packed)?;
    for (name, version) in workspace.members() {
        let archive = workspace.target.join(format!("package/{name}-{version}.crate"));
        // Cargo gives all files one old date, by which it could not tell that they have changed.
        Process::new("tar", &packed)
            .args(["--extract", "--gzip", "--touch", "--file"])
            .args([&archive])
            .run()?;
    }
    let lock = workspace.root.join("Cargo.lock");
    fs::copy(&lock, packed.join("Cargo.lock")).map_err(Failure::at(&lock))?;
    let manifest = packed.join("Cargo.toml");
    fs::write(&manifest, manifest_of(workspace)).map_err(Failure::at(&manifest))?;
    Ok(manifest)
}

/// The packed crates know each other by version only, as if they came from the registry.
fn manifest_of(workspace: &Workspace) -> String {
    let libraries = workspace.libraries();
    let directories = workspace.members().map(|(name, version)| format!("\"{name}-{version}\""));
    let patches = workspace
        .members()
        .filter(|(name, _)| libraries.contains(name))
        .map(|(name, version)| format!("{name} = {{ path = \"{name}-{version}\" }}\n"));
    format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n[patch.crates-io]\n{}",
        directories.collect::<Vec<_>>().join(", "),
        patches.collect::<String>()
    )
}

fn empty(directory: &Path) -> Result<(), Failure> {
    if directory.exists() {
        fs::remove_dir_all(directory).map_err(Failure::at(directory))?;
    }
    fs::create_dir_all(directory).map_err(Failure::at(directory))
}
