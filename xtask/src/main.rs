//! `cargo xtask`: renews generated code and runs all checks.
//!
//! It sees none of the other crates; what it knows of them it learns from cargo and from their
//! sources, so that it builds when they do not.

mod bench;
mod ci;
mod codegen;
mod compiler;
mod defmt;
mod failure;
mod fuzz;
mod link_proof;
mod lints;
mod package;
mod process;
mod prove;
mod readme;
mod schema;
mod sensor;
mod size;
mod step;
mod suites;
mod workspace;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::bench::Bench;
use crate::failure::Failure;
use crate::fuzz::Fuzz;
use crate::prove::Prove;
use crate::size::Size;
use crate::workspace::Workspace;

/// Renews generated code and runs all checks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run every check of this repository, or those asked for
    Ci(Ci),
    /// Write the code that is generated from proto/ anew
    Codegen(Codegen),
    /// Measure
    #[command(subcommand)]
    Bench(Bench),
    /// Look for bytes that make the codec break a promise
    Fuzz(Fuzz),
    /// Run what stands behind the figures of SECURITY.md
    Prove(Prove),
    /// Say how much text the codec adds to a program
    Size(Size),
}

#[derive(Args)]
#[command(after_help = CI_HELP)]
struct Ci {
    /// Run this step alone; may be repeated
    #[arg(long, value_name = "STEP", value_parser = ci::names())]
    only: Vec<String>,
    /// Say what the steps are, and run none
    #[arg(long)]
    list: bool,
}

#[derive(Args)]
#[command(after_help = CODEGEN_HELP)]
struct Codegen {
    /// Write nothing; fail if a file is not what the schema makes of it
    #[arg(long)]
    check: bool,
    /// Instead: write down the schema that is being released, which later ones are compared with
    #[arg(long, conflicts_with = "check")]
    release_schema: bool,
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<ExitCode, Failure> {
    let workspace = Workspace::locate()?;
    match task {
        Task::Ci(Ci { list: true, .. }) => ci::list(),
        Task::Ci(Ci { only, .. }) if !ci::run(&workspace, &only) => return Ok(ExitCode::FAILURE),
        Task::Ci(_) => {}
        Task::Codegen(Codegen { release_schema: true, .. }) => schema::record(&workspace)?,
        Task::Codegen(Codegen { check, .. }) => codegen::run(&workspace, check)?,
        Task::Bench(bench) => bench::run(&workspace, &bench)?,
        Task::Fuzz(fuzz) => fuzz::run(&workspace, &fuzz)?,
        Task::Prove(prove) => prove::run(&workspace, &prove)?,
        Task::Size(size) => size::run(&workspace, &size)?,
    }
    Ok(ExitCode::SUCCESS)
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask ci                        every check, as in CI
  cargo xtask ci --only clippy          one of them
  EYELET_NO_SKIP=1 cargo xtask ci       what cannot be checked here counts as failed
  cargo xtask codegen                   after a change in proto/
  cargo xtask codegen --release-schema  when a version is released
  cargo xtask bench codec               times, ratios and counts, beside other codecs
  cargo xtask bench transport           times, rates and memory, beside other transports
  cargo xtask bench report              one page with charts of both
  cargo xtask fuzz --mutations 1000000  mutated inputs for every decoder
  cargo xtask prove                     everything that stands behind the figures of SECURITY.md
  cargo xtask prove floods              an honest client's waits beside each attack
  cargo xtask prove kills 100           a server that is killed under load, a hundred times
  cargo xtask size                      text of a program that encodes, decodes, or both

Exit codes: 0 all is well, 1 a check failed, 2 usage";

const CODEGEN_HELP: &str = "\
`ci` compares proto/ with proto/released.txtpb, the schema of the last release, and refuses what peers
of that release could not live with, unless `protocol_version` in session.proto has gone up. A release
renews that file.

Examples:
  cargo xtask codegen                   after a change in proto/
  cargo xtask codegen --check           as in CI
  cargo xtask codegen --release-schema  when a version is released

Exit codes: 0 done, 1 stale or refused, 2 usage";

const CI_HELP: &str = "\
Every step runs, even after one that failed; the tests come last. A step that cannot run here, or not
in full, says why. With EYELET_NO_SKIP=1 that is a failure.

Examples:
  cargo xtask ci --list
  cargo xtask ci --only fmt --only clippy

Exit codes: 0 all steps passed, 1 one failed, 2 usage";
