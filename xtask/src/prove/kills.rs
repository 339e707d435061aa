use clap::Args;

use super::suite::{Figures, Suite};
use crate::failure::Failure;
use crate::workspace::Workspace;

#[derive(Args)]
pub(crate) struct Kills {
    /// How often the server is killed; less than ten times would say nothing
    #[arg(default_value_t = Self::default().kills, value_parser = clap::value_parser!(u64).range(10..))]
    kills: u64,
    /// Of what is asked for, and of the moments
    #[arg(long, default_value_t = Self::default().seed)]
    seed: u64,
}

impl Default for Kills {
    fn default() -> Self {
        Self { kills: 1000, seed: 1 }
    }
}

pub(crate) const HELP: &str = "\
A server in a process of its own is killed by SIGKILL and started again at the same path, while six clients
ask for records all the time: four async ones with nine tasks under way each, one without a runtime, and one
that never tries again, to compare with. Every call ends whole or in an error, every stream whole or in an
error with the exact count of its records; of the calls begun while a server was up nine in ten end whole;
the same clients work after the next start; and no socket, thread or descriptor is left.

Examples:
  cargo xtask prove kills
  cargo xtask prove kills 100 --seed 7

Exit codes: 0 all holds, 1 something does not, 2 usage";

pub(crate) fn run(workspace: &Workspace, kills: &Kills) -> Result<Figures, Failure> {
    let Kills { kills, seed } = *kills;
    Suite::promise("kills").with("EYELET_SEED", seed).with("EYELET_KILLS", kills).run(workspace)
}
