use clap::Args;

use super::suite::{Figures, Suite};
use crate::failure::Failure;
use crate::workspace::Workspace;

#[derive(Args)]
pub(crate) struct Simulation {
    /// How many conversations are held
    #[arg(default_value_t = Self::default().runs)]
    runs: u64,
    /// Of what is said, and of what befalls the line
    #[arg(long, default_value_t = Self::default().seed)]
    seed: u64,
}

impl Default for Simulation {
    fn default() -> Self {
        Self { runs: 100_000, seed: 1 }
    }
}

pub(crate) const HELP: &str = "\
Two sessions talk over a line that splits, delays and cuts at any byte, with packets on it now and then that
nobody sent; a model says what must come of it. A conversation that goes wrong is made small and shown.

Examples:
  cargo xtask prove simulation
  cargo xtask prove simulation 1000000 --seed 7

Exit codes: 0 all went as it must, 1 one did not, 2 usage";

pub(crate) fn run(workspace: &Workspace, simulation: &Simulation) -> Result<Figures, Failure> {
    let Simulation { runs, seed } = *simulation;
    let suite = Suite::promise("session_simulation");
    suite.with("EYELET_SEED", seed).with("EYELET_RUNS", runs).run(workspace)
}
