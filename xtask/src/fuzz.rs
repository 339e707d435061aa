use std::fs;

use clap::Args;

use crate::failure::Failure;
use crate::process::Process;
use crate::workspace::Workspace;

/// What is to be tried.
#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Fuzz {
    /// This target alone: bytes, line, messages, session or values
    target: Option<String>,
    /// How long libFuzzer looks at each target
    #[arg(long, value_name = "NUMBER", default_value_t = 60)]
    seconds: u64,
    /// Without libFuzzer: try so many mutated seeds, shared out among the targets
    #[arg(long, value_name = "NUMBER", conflicts_with = "seconds")]
    mutations: Option<u64>,
}

const MANIFEST: &str = "fuzz/Cargo.toml";

const HELP: &str = "\
Each target holds the codec to what it promises, `messages` and `values` also to what prost says. libFuzzer
keeps what it finds in fuzz/corpus, and an input that fails in fuzz/artifacts. EYELET_SEED=NUMBER asks for
other mutations.

Examples:
  cargo xtask fuzz                                 every target for a minute, by cargo-fuzz
  cargo xtask fuzz line --seconds 3600             one of them for an hour
  cargo xtask fuzz --mutations 1000000             on the compiler at hand
  cargo xtask fuzz messages --mutations 10000000

Exit codes: 0 nothing was found, 1 an input failed or cargo-fuzz is not there, 2 usage";

const INSTALL: &str = "\
cargo-fuzz needs a nightly compiler and one for C++:
  rustup toolchain install nightly
  cargo install cargo-fuzz
Without them `cargo xtask fuzz --mutations 1000000` tries mutated seeds on the compiler at hand";

/// Looks for an input that fails.
pub(crate) fn run(workspace: &Workspace, fuzz: &Fuzz) -> Result<(), Failure> {
    let Fuzz { target, seconds, mutations } = fuzz;
    match mutations {
        Some(inputs) => mutate(workspace, target.as_deref(), *inputs),
        None => search(workspace, target.as_deref(), *seconds),
    }
}

fn search(workspace: &Workspace, target: Option<&str>, seconds: u64) -> Result<(), Failure> {
    let is_here = answers(workspace, "--version") && answers(workspace, "fuzz --version");
    if !is_here {
        return Err(Failure::check(INSTALL));
    }
    let targets = target.map_or_else(|| targets(workspace), |target| Ok(vec![target.to_owned()]));
    for target in targets? {
        // What is found goes into the first directory, which is not checked in.
        let (found, seeds) = (format!("fuzz/corpus/{target}"), format!("fuzz/seeds/{target}"));
        let directory = workspace.root.join(&found);
        fs::create_dir_all(&directory).map_err(Failure::at(&directory))?;
        workspace
            .cargo(["+nightly", "fuzz", "run", "--features", "libfuzzer", &target, &found, &seeds])
            .args(["--".to_owned(), format!("-max_total_time={seconds}")])
            .run()?;
    }
    Ok(())
}

fn mutate(workspace: &Workspace, target: Option<&str>, inputs: u64) -> Result<(), Failure> {
    workspace
        .cargo_outside("run", &workspace.root.join(MANIFEST))
        .args(["--quiet", "--release", "--example", "mutations", "--", &inputs.to_string()])
        .args(target)
        .run()
}

fn answers(workspace: &Workspace, question: &str) -> bool {
    let nightly = Process::new("cargo", &workspace.root).args(["+nightly"]);
    nightly.args(question.split(' ')).output().is_ok_and(|answer| answer.status.success())
}

/// As cargo-fuzz knows them.
fn targets(workspace: &Workspace) -> Result<Vec<String>, Failure> {
    let list = workspace.cargo(["+nightly", "fuzz", "list"]).output()?;
    Ok(String::from_utf8_lossy(&list.stdout).lines().map(str::to_owned).collect())
}
