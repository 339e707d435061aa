use crate::codegen::generator;
use crate::failure::Failure;
use crate::step::Step;
use crate::workspace::Workspace;

pub(crate) const STEP: Step = Step {
    name: "schema",
    about: "peers of the last release can live with the schema",
    run: |workspace| generator(workspace, "compare").args(PLACES).run().map(|()| Vec::new()),
};

const PLACES: [&str; 4] = ["--schema-root", "proto", "--released", "proto/released.txtpb"];

/// Writes down the schema that is being released, if the last release allows it.
pub(crate) fn record(workspace: &Workspace) -> Result<(), Failure> {
    let codec = workspace.members().find(|(name, _)| *name == "eyelet-codec");
    let (_, version) = codec.ok_or_else(|| Failure::check("there is no eyelet-codec"))?;
    let name = format!("eyelet {version}");
    generator(workspace, "record").args(PLACES).args(["--name", &name]).run()
}
