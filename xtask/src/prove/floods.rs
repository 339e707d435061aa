use clap::Args;

use super::suite::Figures;
use crate::failure::Failure;
use crate::process::Process;
use crate::workspace::Workspace;

#[derive(Args)]
pub(crate) struct Floods {
    /// Those attacks alone whose names contain this
    name: Option<String>,
    /// Of one window; there are five without an attack and five with it, in turn
    #[arg(long, default_value_t = Self::default().seconds)]
    seconds: f64,
}

impl Default for Floods {
    fn default() -> Self {
        Self { name: None, seconds: 1.0 }
    }
}

pub(crate) const HELP: &str = "\
Collector, honest client and attacker are processes of their own. Each attacker comes back as soon as it is
cut. A row has the medians of five windows without the attack and of five with it, of the honest client's
median and 99th percentile; the most memory that the collector held before the first attack and after the
last; and what the attacker was told, and how soon. The first row is no attack: it keeps a processor busy.
The honest client asks once in 4 ms, and an answer that keeps the next questions waiting counts
for them too.

A 99th percentile of more than 3 times what it was without the attack is a failure; where the attacker has
the collector at work all the time, so that the honest client has to share it, one of more than 10 ms as
well. So is an attacker that is not cut and should be, and a collector that holds more than 1 MiB for it and
4 KiB for each of its connections. On a machine that has other work to do the figures mean little.

Examples:
  cargo xtask prove floods
  cargo xtask prove floods --seconds 10
  cargo xtask prove floods connections

Exit codes: 0 every attack was borne, 1 one was not, 2 usage";

/// Builds the program that measures, and has it print its table, which is figures from end to end.
pub(crate) fn run(workspace: &Workspace, floods: &Floods) -> Result<Figures, Failure> {
    let build = ["build", "--locked", "--release", "--package", "eyelet-tests", "--bin", "floods"];
    workspace.cargo(build).run()?;
    let program = workspace.target.join("release").join("floods");
    let seconds = floods.seconds.to_string();
    let name = floods.name.as_deref().unwrap_or_default();
    let mut table = Vec::new();
    let program = Process::new(&program.to_string_lossy(), &workspace.root);
    program.args([&seconds, name]).run_watched(|line| table.push(line.trim_end().to_owned()))?;
    Ok(table)
}
