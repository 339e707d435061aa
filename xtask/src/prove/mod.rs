//! What stands behind the figures of SECURITY.md, run in full.

mod cuts;
mod floods;
mod inputs;
mod kills;
pub(crate) mod mutants;
mod patience;
mod simulation;
mod suite;

use std::time::{Duration, Instant};

use clap::{Args, Subcommand};

use self::suite::Figures;
use crate::failure::Failure;
use crate::workspace::Workspace;

#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Prove {
    #[command(subcommand)]
    part: Option<Part>,
}

/// What is to be proved.
#[derive(Subcommand)]
enum Part {
    /// Cut a line at every byte, and see nothing left behind
    #[command(after_help = cuts::HELP)]
    Cuts,
    /// Measure what each attack does to an honest client beside it
    #[command(after_help = floods::HELP)]
    Floods(floods::Floods),
    /// Try what a peer must not get away with, by class
    #[command(after_help = inputs::HELP)]
    Inputs(inputs::Inputs),
    /// Kill a server under load again and again, and see every record come once
    #[command(after_help = kills::HELP)]
    Kills(kills::Kills),
    /// Make each deliberate mistake in the session, and see it noticed
    #[command(after_help = mutants::HELP)]
    Mutants(mutants::Mutants),
    /// Leave a reader and a stopped client alone for two minutes, and see them go on
    #[command(after_help = patience::HELP)]
    Patience(patience::Patience),
    /// Hold conversations between two sessions over a line that fails
    #[command(after_help = simulation::HELP)]
    Simulation(simulation::Simulation),
}

const HELP: &str = "\
Without a part all are run, with what they do by default, and go on after one that does not hold. The
table at the end has the figures; those of the floods are a table of their own.

Examples:
  cargo xtask prove
  cargo xtask prove kills
  cargo xtask prove kills --help

Exit codes: 0 all holds, 1 something does not, 2 usage";

/// Runs a part or all; what does not hold is a failure.
pub(crate) fn run(workspace: &Workspace, prove: &Prove) -> Result<(), Failure> {
    prove.part.as_ref().map_or_else(|| run_all(workspace), |part| part.run(workspace).map(drop))
}

fn run_all(workspace: &Workspace) -> Result<(), Failure> {
    let reports: Vec<_> = Part::all().iter().map(|part| report(workspace, part)).collect();
    println!("\npart              took  result");
    reports.iter().for_each(Report::print);
    reports.into_iter().try_for_each(|report| report.result.map(drop))
}

fn report(workspace: &Workspace, part: &Part) -> Report {
    println!("\n== {}", part.name());
    let started = Instant::now();
    let result = part.run(workspace);
    Report { name: part.name(), took: started.elapsed(), result }
}

struct Report {
    name: &'static str,
    took: Duration,
    result: Result<Figures, Failure>,
}

impl Report {
    fn print(&self) {
        let Self { name, took, result } = self;
        let verdict = result.as_ref().map_or_else(ToString::to_string, |_| "holds".to_owned());
        let verdict = verdict.lines().next().unwrap_or("");
        println!("{name:<14}{:>6.1} s  {verdict}", took.as_secs_f64());
        for figure in result.iter().flatten() {
            println!("{:24}{figure}", "");
        }
    }
}

impl Part {
    /// The longest last.
    fn all() -> [Self; 7] {
        [
            Self::Cuts,
            Self::Inputs(inputs::Inputs::default()),
            Self::Simulation(simulation::Simulation::default()),
            Self::Floods(floods::Floods::default()),
            Self::Patience(patience::Patience::default()),
            Self::Kills(kills::Kills::default()),
            Self::Mutants(mutants::Mutants::default()),
        ]
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Cuts => "cuts",
            Self::Floods(_) => "floods",
            Self::Inputs(_) => "inputs",
            Self::Kills(_) => "kills",
            Self::Mutants(_) => "mutants",
            Self::Patience(_) => "patience",
            Self::Simulation(_) => "simulation",
        }
    }

    fn run(&self, workspace: &Workspace) -> Result<Figures, Failure> {
        match self {
            Self::Cuts => cuts::run(workspace),
            Self::Floods(floods) => floods::run(workspace, floods),
            Self::Inputs(inputs) => inputs::run(workspace, inputs),
            Self::Kills(kills) => kills::run(workspace, kills),
            Self::Mutants(mutants) => mutants::run(workspace, mutants),
            Self::Patience(patience) => patience::run(workspace, patience),
            Self::Simulation(simulation) => simulation::run(workspace, simulation),
        }
    }
}
