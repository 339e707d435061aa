use std::fs;

use clap::Args;

use crate::compiler::Compiler;
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
keeps what it finds in fuzz/corpus, and an input that fails in fuzz/artifacts. It is run by cargo-fuzz on a
nightly compiler, and where these are missing, without its sanitizers, as the compiler at hand builds it.
EYELET_SEED=NUMBER asks for other mutations.

Examples:
  cargo xtask fuzz                                 every target for a minute
  cargo xtask fuzz line --seconds 3600             one of them for an hour
  cargo xtask fuzz --mutations 1000000             without libFuzzer
  cargo xtask fuzz messages --mutations 10000000

Exit codes: 0 nothing was found, 1 an input failed or libFuzzer cannot be had, 2 usage";

const INSTALL: &str = "\
libFuzzer needs a compiler for C++, and its sanitizers a nightly one for Rust:
  apt-get install g++
  rustup toolchain install nightly && cargo install cargo-fuzz
Without them `cargo xtask fuzz --mutations 1000000` tries mutated seeds";

/// What cargo-fuzz has LLVM add for libFuzzer, in the flags that need no nightly compiler.
const COVERAGE: &str = "--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module \
     -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
     -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Looks for an input that fails.
pub(crate) fn run(workspace: &Workspace, fuzz: &Fuzz) -> Result<(), Failure> {
    let Fuzz { target, seconds, mutations } = fuzz;
    match mutations {
        Some(inputs) => mutate(workspace, target.as_deref(), *inputs),
        None => search(workspace, target.as_deref(), *seconds),
    }
}

fn search(workspace: &Workspace, target: Option<&str>, seconds: u64) -> Result<(), Failure> {
    let has_cargo_fuzz = ["--version", "fuzz --version"]
        .iter()
        .all(|question| answers(workspace, "cargo", &format!("+nightly {question}")));
    if !has_cargo_fuzz && !answers(workspace, "c++", "--version") {
        return Err(Failure::check(INSTALL));
    }
    let targets = target.map_or_else(|| targets(workspace), |target| Ok(vec![target.to_owned()]));
    for target in targets? {
        let fuzzer = if has_cargo_fuzz {
            let cargo = workspace.cargo(["+nightly", "fuzz", "run", "--features", "libfuzzer"]);
            cargo.args([&target])
        } else {
            built_here(workspace, &target)?
        };
        let artifacts = directory(workspace, "artifacts", &target)?;
        // What is found goes into the first directory, which is not checked in.
        fuzzer
            .args([directory(workspace, "corpus", &target)?, format!("fuzz/seeds/{target}")])
            .args(has_cargo_fuzz.then_some("--"))
            .args([format!("-max_total_time={seconds}"), format!("-artifact_prefix={artifacts}/")])
            .run()?;
    }
    Ok(())
}

/// The target, built by the compiler at hand. With `--target` the flags are for it alone, and not for what
/// runs while it is built.
fn built_here(workspace: &Workspace, target: &str) -> Result<Process, Failure> {
    let Compiler { host, .. } = Compiler::ask(workspace)?;
    workspace
        .cargo_outside("build", &workspace.root.join(MANIFEST))
        .args(["--release", "--features", "libfuzzer", "--target", &host, "--bin", target])
        .env("RUSTFLAGS", COVERAGE)
        .run()?;
    let built = workspace.target.join("excluded").join(host).join("release").join(target);
    Ok(Process::new(&built.to_string_lossy(), &workspace.root))
}

fn mutate(workspace: &Workspace, target: Option<&str>, inputs: u64) -> Result<(), Failure> {
    workspace
        .cargo_outside("run", &workspace.root.join(MANIFEST))
        .args(["--quiet", "--release", "--example", "mutations", "--", &inputs.to_string()])
        .args(target)
        .run()
}

fn answers(workspace: &Workspace, program: &str, question: &str) -> bool {
    let asked = Process::new(program, &workspace.root).args(question.split(' '));
    asked.output().is_ok_and(|answer| answer.status.success())
}

/// One below `fuzz/`, that is there afterwards.
fn directory(workspace: &Workspace, kind: &str, target: &str) -> Result<String, Failure> {
    let directory = format!("fuzz/{kind}/{target}");
    let path = workspace.root.join(&directory);
    fs::create_dir_all(&path).map_err(Failure::at(&path))?;
    Ok(directory)
}

/// Each is a file.
fn targets(workspace: &Workspace) -> Result<Vec<String>, Failure> {
    let directory = workspace.root.join("fuzz/fuzz_targets");
    let entries = fs::read_dir(&directory).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries.map_err(Failure::at(&directory))?;
    let names =
        entries.iter().filter_map(|entry| entry.path().file_stem()?.to_str().map(str::to_owned));
    let mut names: Vec<_> = names.collect();
    names.sort();
    Ok(names)
}
