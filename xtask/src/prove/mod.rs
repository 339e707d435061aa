//! What stands behind the figures of SECURITY.md, run in full.

pub(crate) mod mutants;

use clap::Subcommand;

use crate::failure::Failure;
use crate::workspace::Workspace;

/// What is to be proved.
#[derive(Subcommand)]
pub(crate) enum Prove {
    /// Make each deliberate mistake in the session, and see it noticed
    #[command(after_help = mutants::HELP)]
    Mutants(mutants::Mutants),
}

/// Runs it; what does not hold is a failure.
pub(crate) fn run(workspace: &Workspace, prove: &Prove) -> Result<(), Failure> {
    match prove {
        Prove::Mutants(mutants) => mutants::run(workspace, mutants),
    }
}
