//! `cargo xtask bench codec`: the codec beside others, on the same bytes.

mod bars;
mod counts;
mod gate;
mod peers;
mod table;
mod versions;

use std::fs;
use std::path::PathBuf;

use clap::Args;

use self::peers::{Effort, SETS};
use super::about::About;
use super::figure::Figure;
use super::machine::{self, Ticks};
use crate::failure::Failure;
use crate::workspace::Workspace;

pub(crate) use self::bars::BARS;
pub(crate) use self::gate::STEP;
pub(crate) use self::peers::{CORE, HOSTS};
pub(crate) use self::table::{WORKLOADS, name as bar_name};

/// What leaves every figure.
pub(crate) const COMMAND: &str = "cargo xtask bench codec";

#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Codec {
    /// Take few and short samples: to see that all works, not to quote
    #[arg(long)]
    quick: bool,
    /// Count instructions of our own alone; fail if one of them takes more than it did
    #[arg(long)]
    gate: bool,
    /// With --gate: let the counts of today be those that later ones are compared with
    #[arg(long, requires = "gate")]
    renew: bool,
}

pub(crate) fn run(workspace: &Workspace, codec: &Codec) -> Result<(), Failure> {
    match codec {
        Codec { gate: true, renew, .. } => gate::run(workspace, *renew),
        Codec { quick, .. } => compare(workspace, *quick),
    }
}

/// The table on stdout, what is going on on stderr, and every figure in a file.
fn compare(workspace: &Workspace, quick: bool) -> Result<(), Failure> {
    let mut about = About::now(workspace, quick)?;
    let effort = if quick { Effort::QUICK } else { Effort::FULL };
    let (mut figures, mut others) = (Vec::new(), 0.0_f64);
    for set in &SETS {
        let binary = set.build(workspace, true)?;
        let before = Ticks::now()?;
        figures.extend(peers::time(workspace, &binary, &effort)?);
        others = others.max(before.others_since()?);
        match counts::count(workspace, &binary)? {
            Some(counts) => figures.extend(counts.figures()),
            None => eprintln!("no instructions were counted: there is no valgrind here"),
        }
    }
    about.processor = Some(machine::processor()?);
    about.kernel = Some(machine::kernel()?);
    about.others = Some(others);
    about.peers = versions::of(workspace)?;
    let path = path(workspace);
    let lines = figures.iter().map(Figure::line).collect::<String>();
    fs::write(&path, about.lines() + &lines).map_err(Failure::at(&path))?;
    print!("{}", table::of(&figures));
    eprintln!("every figure is in {}", workspace.relative(&path).display());
    Ok(())
}

/// Where every figure is left.
pub(crate) fn path(workspace: &Workspace) -> PathBuf {
    workspace.target.join("bench").join("codec.json")
}

const HELP: &str = "\
Takes some minutes, half of it for two builds with optimisation across all crates. Ratios are
taken within one run and hold on a busy machine, too; times do not. Every figure is left in
target/bench/codec.json, an object a line.

Examples:
  cargo xtask bench codec
  cargo xtask bench codec --quick           to see that all works
  cargo xtask bench codec --gate            as in CI
  cargo xtask bench codec --gate --renew    after a change that is worth its instructions";
