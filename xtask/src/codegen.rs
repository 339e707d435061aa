use crate::failure::Failure;
use crate::process::Process;
use crate::step::Step;
use crate::workspace::Workspace;

pub(crate) const STEP: Step = Step {
    name: "codegen",
    about: "generated code is what the schema makes of it",
    run: |workspace| run(workspace, true).map(|()| Vec::new()),
};

/// Runs the generator on the schema of eyelet.
pub(crate) fn run(workspace: &Workspace, check: bool) -> Result<(), Failure> {
    let places = ["--schema-root", "proto", "--out", "codec/src/generated", "--codec", "crate"];
    let more = ["--owned", "--serde", "--table", "proto/limits.json", "--renew", RENEW];
    generator(workspace, "generate").args(places).args(more).args(check.then_some("--check")).run()
}

/// A command of the generator, whose many dependencies stay out of this one.
pub(crate) fn generator(workspace: &Workspace, command: &str) -> Process {
    workspace.cargo(["run", "--quiet", "--locked", "--package", "eyelet-codegen", "--", command])
}

const RENEW: &str = "cargo xtask codegen";
