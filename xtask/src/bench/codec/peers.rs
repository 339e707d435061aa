use std::fs;
use std::path::{Path, PathBuf};

use crate::bench::figure::{Figure, medians};
use crate::failure::Failure;
use crate::process::Process;
use crate::workspace::Workspace;

pub(crate) const PACKAGE: &str = "benches/peers/codec";

/// Features of eyelet-codec that one build of the benchmark has.
pub(crate) struct Set {
    pub(crate) name: &'static str,
    pub(crate) features: &'static str,
}

/// What firmware has.
pub(crate) const CORE: Set = Set { name: "core", features: "crc-slicing,fast" };

/// What hosts have.
pub(crate) const HOSTS: Set = Set { name: "hosts", features: "crc-hardware,fast,smoothutf8" };

pub(crate) const SETS: [Set; 2] = [CORE, HOSTS];

/// What features are called together.
pub(crate) fn name_of(features: &str) -> &str {
    SETS.iter().find(|set| set.features == features).map_or(features, |set| set.name)
}

/// How long is measured.
pub(crate) struct Effort {
    /// Processes, each with an environment of another size: where a program's memory lies is half a
    /// matter of chance, and worth some percent.
    runs: usize,
    rounds: usize,
    /// Of one cell in one round.
    sample_microseconds: usize,
}

impl Effort {
    pub(crate) const FULL: Self = Self { runs: 5, rounds: 15, sample_microseconds: 2_000 };
    pub(crate) const QUICK: Self = Self { runs: 1, rounds: 5, sample_microseconds: 200 };
}

impl Set {
    /// Builds the benchmark, with the other codecs or without them, and returns where it is.
    pub(crate) fn build(&self, workspace: &Workspace, others: bool) -> Result<PathBuf, Failure> {
        let manifest = workspace.root.join(PACKAGE).join("Cargo.toml");
        let others = if others { ",others" } else { "" };
        let features = format!("{}{others}", self.features);
        let build = workspace.cargo_outside("build", &manifest);
        build
            .args(["--quiet", "--release", "--no-default-features", "--features", &features])
            .stdout()?;
        self.keep(workspace, others)
    }

    /// Elsewhere than where the next build puts it.
    fn keep(&self, workspace: &Workspace, others: &str) -> Result<PathBuf, Failure> {
        let directory = workspace.target.join("bench");
        fs::create_dir_all(&directory).map_err(Failure::at(&directory))?;
        let built = workspace.target.join("excluded/release/eyelet-peers");
        let kept = directory.join(format!("{}{}", self.name, others.replace(',', "-")));
        fs::copy(&built, &kept).map_err(Failure::at(&built))?;
        Ok(kept)
    }
}

/// Times and ratios.
pub(crate) fn time(
    workspace: &Workspace,
    binary: &Path,
    effort: &Effort,
) -> Result<Vec<Figure>, Failure> {
    let Effort { runs, rounds, sample_microseconds } = effort;
    let mut figures = Vec::new();
    for run in 0..*runs {
        let arguments = [rounds, sample_microseconds, &run].map(ToString::to_string);
        let output = Process::new(&binary.to_string_lossy(), &workspace.root)
            .args(["time"])
            .args(arguments)
            .env_unseen("EYELET_BENCH_PADDING", &"-".repeat(977 * run))
            .stdout()?;
        figures.extend(output.lines().filter_map(Figure::parse));
    }
    Ok(medians(figures))
}
