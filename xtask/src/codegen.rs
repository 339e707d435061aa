use crate::failure::Failure;
use crate::step::Step;
use crate::workspace::Workspace;

pub(crate) const STEP: Step = Step {
    name: "codegen",
    about: "generated code is what the schema makes of it",
    run: |workspace| run(workspace, true).map(|()| Vec::new()),
};

/// Runs the generator, whose many dependencies stay out of this command, on the schema of eyelet.
pub(crate) fn run(workspace: &Workspace, check: bool) -> Result<(), Failure> {
    let generator = ["run", "--quiet", "--package", "eyelet-codegen", "--"];
    let places = ["--schema-root", "proto", "--out", "codec/src/generated"];
    let check = check.then_some("--check");
    workspace.cargo(generator.into_iter().chain(places).chain(check)).run()
}
