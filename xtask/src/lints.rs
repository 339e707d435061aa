use std::path::Path;

use crate::failure::Failure;
use crate::step::{Skips, Step};
use crate::workspace::Workspace;

pub(crate) const FORMAT: Step =
    Step { name: "fmt", about: "all code is formatted by rustfmt.toml", run: format };

pub(crate) const CLIPPY: Step =
    Step { name: "clippy", about: "no warning with any feature set of the codec", run: clippy };

pub(crate) const DOCS: Step =
    Step { name: "docs", about: "every link in the documentation leads somewhere", run: docs };

fn format(workspace: &Workspace) -> Result<Skips, Failure> {
    workspace.cargo(["fmt", "--all", "--check"]).run()?;
    for manifest in workspace.excluded()? {
        let manifest = workspace.relative(&manifest);
        workspace.cargo(["fmt", "--check", "--manifest-path"]).args([manifest]).run()?;
    }
    Ok(Vec::new())
}

fn clippy(workspace: &Workspace) -> Result<Skips, Failure> {
    let deny = ["--", "-D", "warnings"];
    for features in workspace.codec_feature_sets() {
        let codec = ["clippy", "--locked", "--package", "eyelet-codec", "--all-targets"];
        workspace.cargo(codec.into_iter().chain(features).chain(deny)).run()?;
    }
    let all = ["clippy", "--locked", "--workspace", "--all-targets"];
    workspace.cargo(all.into_iter().chain(deny)).run()?;
    for manifest in workspace.excluded()? {
        let outside = workspace.cargo_outside("clippy", &manifest);
        outside.args(more(workspace.relative(&manifest))).args(deny).run()?;
    }
    Ok(Vec::new())
}

/// What else there is to see in a package outside the workspace. Not in others: a program without `std` has
/// no tests, and the targets of libFuzzer want a C++ compiler.
fn more(manifest: &Path) -> &'static [&'static str] {
    match manifest.parent().and_then(Path::to_str) {
        Some("benches/peers/codec") => &["--all-targets", "--features", "others"],
        Some("benches/peers/transport" | "fuzz") => &["--all-targets"],
        Some("examples/sensor") => &["--all-targets", "--all-features"],
        _ => &[],
    }
}

fn docs(workspace: &Workspace) -> Result<Skips, Failure> {
    let all = ["doc", "--locked", "--workspace", "--no-deps", "--all-features"];
    workspace.cargo(all).env("RUSTDOCFLAGS", "-D warnings").run()?;
    Ok(Vec::new())
}
