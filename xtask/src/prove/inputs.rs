use clap::Args;

use super::suite::{Figures, Suite};
use crate::failure::Failure;
use crate::workspace::Workspace;

#[derive(Args)]
pub(crate) struct Inputs {
    /// How many generated messages, and how many mutated seeds for each entry of the codec, are tried
    #[arg(default_value_t = Self::default().inputs)]
    inputs: u64,
}

impl Default for Inputs {
    fn default() -> Self {
        Self { inputs: 1_000_000 }
    }
}

pub(crate) const HELP: &str = "\
What a peer must not get away with, by class, with how many of it were accepted. Beside each zero stands what a
reader without the check would take, or what of the same kind is legal and was accepted. Every packet in
every state is held against the tables of proto/WIRE.md. Flipped bits and random bytes also go to a
collector's socket.

Examples:
  cargo xtask prove inputs
  cargo xtask prove inputs 10000000

Exit codes: 0 all was judged as it must be, 1 something was not, 2 usage";

pub(crate) fn run(workspace: &Workspace, inputs: &Inputs) -> Result<Figures, Failure> {
    let count = inputs.inputs;
    let suites = [
        Suite::promise("golden_vectors"),
        Suite::codec("session").cases(&["table::", "wherever_it_is_cut"]),
        Suite::codec("link").cases(&["table::"]),
        Suite::promise("hostile_agents").cases(&["damage::"]),
        Suite::promise("prost_agreement").with("EYELET_CASES", count),
        Suite::promise("any_bytes").with("EYELET_INPUTS", count),
    ];
    let figures: Result<Vec<_>, _> = suites.iter().map(|suite| suite.run(workspace)).collect();
    Ok(figures?.concat())
}
