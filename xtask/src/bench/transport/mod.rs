//! `cargo xtask bench transport`: the transport beside others, server and client in two processes.

mod bars;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;

use super::about::About;
use super::record::Record;
use crate::failure::Failure;
use crate::process::Process;
use crate::workspace::Workspace;

pub(crate) use self::bars::BARS;
pub(crate) use self::table::name as bar_name;

const PACKAGE: &str = "benches/peers/transport";
/// What leaves every figure.
pub(crate) const COMMAND: &str = "cargo xtask bench transport";
const BINARY: &str = "eyelet-transport-peers";

#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Transport {
    /// Measure few times and shortly: to see that all works, not to quote
    #[arg(long)]
    quick: bool,
    /// Measure these alone, or those whose name begins so
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    who: Vec<String>,
    /// Measure in this workload alone, or in those whose name begins so; may be repeated
    #[arg(long, value_name = "NAME")]
    workload: Vec<String>,
    /// Measure so many times; 9, or 3 with --quick
    #[arg(long, value_name = "COUNT")]
    repetitions: Option<usize>,
}

/// The table on stdout, what is going on on stderr, and every figure in a file.
pub(crate) fn run(workspace: &Workspace, transport: &Transport) -> Result<(), Failure> {
    let about = About::now(workspace, transport.is_in_part())?;
    let binary = build(workspace)?;
    let output = transport.measure(workspace, &binary)?;
    let path = path(workspace);
    fs::create_dir_all(workspace.target.join("bench")).map_err(Failure::at(&path))?;
    fs::write(&path, about.lines() + &output).map_err(Failure::at(&path))?;
    let Record { about, figures } = Record::read(&path, COMMAND)?;
    if let Some(others) = about.busy() {
        eprintln!("others had {others} % of the machine meanwhile: rates on two CPUs mean little");
    }
    print!("{}", table::of(&figures));
    eprintln!("every figure is in {}", workspace.relative(&path).display());
    match &about.failures[..] {
        [] => Ok(()),
        failures => Err(Failure::check(format!("not measured: {}", failures.join("; ")))),
    }
}

/// Where every figure is left.
pub(crate) fn path(workspace: &Workspace) -> PathBuf {
    workspace.target.join("bench").join("transport.json")
}

fn build(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let manifest = workspace.root.join(PACKAGE).join("Cargo.toml");
    workspace.cargo_outside("build", &manifest).args(["--quiet", "--release"]).stdout()?;
    Ok(workspace.target.join("excluded/release").join(BINARY))
}

impl Transport {
    fn is_in_part(&self) -> bool {
        self.quick || !self.who.is_empty() || !self.workload.is_empty()
    }

    fn measure(&self, workspace: &Workspace, binary: &Path) -> Result<String, Failure> {
        let (repetitions, milliseconds) = if self.quick { (3, 150) } else { (9, 500) };
        let repetitions = self.repetitions.unwrap_or(repetitions).max(1);
        // Another order each time.
        let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
        Process::new(&binary.to_string_lossy(), &workspace.root)
            .args(["compare", &repetitions.to_string(), &format!("{milliseconds}")])
            .args([seed.to_string(), self.who.join(","), self.workload.join(";")])
            .stdout()
    }
}

const HELP: &str = "\
Server and client run in processes of their own, on CPU 0 or on CPUs 0 and 1; leave the machine alone
meanwhile. All of it takes about ten minutes, --quick three; the first time it also builds for some
minutes, with optimisation across all crates. Ratios are taken between neighbours in time; what is
shown is their median. Every figure is left in target/bench/transport.json, an object a line.
System calls are counted where there is strace.

Examples:
  cargo xtask bench transport
  cargo xtask bench transport --quick
  cargo xtask bench transport --quick --who eyelet,raw --workload 'round trip'
  cargo xtask bench transport --who eyelet,ttrpc --workload '64 in' --workload stream";
