use clap::Args;

use super::suite::{Figures, Suite};
use crate::failure::Failure;
use crate::workspace::Workspace;

#[derive(Args)]
pub(crate) struct Patience {
    /// How long each is left alone
    #[arg(default_value_t = Self::default().seconds, value_parser = clap::value_parser!(u64).range(..300))]
    seconds: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self { seconds: 130 }
    }
}

pub(crate) const HELP: &str = "\
What `eyelet ps` prints is read to its tenth line, and to the first page of `less` on a terminal; `eyelet ps`
and an async client are stopped by SIGSTOP in the midst of a stream. Each is left alone for 130 s and goes on
then: every record comes once, and the exit code is 0. A server cuts who has not read for 300 s; that is
tested with a clock that is moved by hand, in codec/tests/session/stalls.rs.

Examples:
  cargo xtask prove patience
  cargo xtask prove patience 250

Exit codes: 0 all went on, 1 one did not, 2 usage";

pub(crate) fn run(workspace: &Workspace, patience: &Patience) -> Result<Figures, Failure> {
    Suite::promise("stopped_reader").with("EYELET_PAUSE", patience.seconds).at_once().run(workspace)
}
