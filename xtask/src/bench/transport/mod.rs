//! `cargo xtask bench transport`: the transport beside others, server and client in two processes.

mod bar;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use serde_json::{Value, json};

use super::figure::Figure;
use crate::compiler::Compiler;
use crate::failure::Failure;
use crate::process::Process;
use crate::workspace::Workspace;

const PACKAGE: &str = "benches/peers/transport";
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
    let binary = build(workspace)?;
    let output = transport.measure(workspace, &binary)?;
    let path = workspace.target.join("bench").join("transport.json");
    fs::create_dir_all(workspace.target.join("bench")).map_err(Failure::at(&path))?;
    let compiler = json!({"about": "compiler", "version": Compiler::ask(workspace)?.version});
    fs::write(&path, format!("{compiler}\n{output}")).map_err(Failure::at(&path))?;
    if let Some(others) = output.lines().find_map(busy) {
        eprintln!("others had {others} % of the machine meanwhile: rates on two CPUs mean little");
    }
    let figures: Vec<_> = output.lines().filter_map(Figure::parse).collect();
    print!("{}", table::of(&figures));
    eprintln!("every figure is in {}", workspace.relative(&path).display());
    match output.lines().filter_map(failure).collect::<Vec<_>>()[..] {
        [] => Ok(()),
        ref failures => Err(Failure::check(format!("not measured: {}", failures.join("; ")))),
    }
}

fn build(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let manifest = workspace.root.join(PACKAGE).join("Cargo.toml");
    workspace.cargo_outside("build", &manifest).args(["--quiet", "--release"]).stdout()?;
    Ok(workspace.target.join("excluded/release").join(BINARY))
}

/// What came to nothing, if that is what a line says.
fn failure(line: &str) -> Option<String> {
    let object: Value = serde_json::from_str(line).ok()?;
    let text = |name: &str| object[name].as_str();
    (text("about")? == "failure").then_some(())?;
    Some(format!("{}, {}", text("workload")?, text("who")?))
}

/// How much of the machine others had meanwhile, if that was too much.
fn busy(line: &str) -> Option<f64> {
    let object: Value = serde_json::from_str(line).ok()?;
    object["others, percent"].as_f64().filter(|others| *others > MUCH)
}

/// Percent of all processors.
const MUCH: f64 = 5.0;

impl Transport {
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
