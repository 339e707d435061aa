use std::time::{Duration, Instant};

use clap::builder::PossibleValuesParser;

use crate::failure::Failure;
use crate::prove::mutants;
use crate::step::{Skips, Step};
use crate::workspace::Workspace;
use crate::{
    bench, codegen, defmt, link_proof, lints, package, readme, schema, sensor, size, suites,
};

/// The tests are last, so that what they say ends the log.
const STEPS: [Step; 14] = [
    lints::FORMAT,
    codegen::STEP,
    schema::STEP,
    defmt::STEP,
    lints::CLIPPY,
    lints::DOCS,
    link_proof::STEP,
    size::STEP,
    sensor::STEP,
    package::STEP,
    readme::STEP,
    mutants::STEP,
    bench::STEP,
    suites::STEP,
];

/// How one step went.
struct Report {
    name: &'static str,
    took: Duration,
    result: Result<Skips, Failure>,
}

/// The names of all steps, for `--only`.
pub(crate) fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(STEPS.iter().map(|step| step.name))
}

/// Prints what the steps are.
pub(crate) fn list() {
    for step in STEPS {
        println!("{:<14}{}", step.name, step.about);
    }
}

/// Runs the steps named, or all, and says how each went; `true` if nothing is wrong.
pub(crate) fn run(workspace: &Workspace, only: &[String]) -> bool {
    let chosen = STEPS.iter().filter(|step| only.is_empty() || only.iter().any(|n| n == step.name));
    let reports: Vec<Report> = chosen.map(|step| run_step(step, workspace)).collect();
    println!("\nstep              took  result");
    reports.iter().for_each(Report::print);
    conclude(&reports)
}

fn run_step(step: &Step, workspace: &Workspace) -> Report {
    println!("\n== {}: {}", step.name, step.about);
    let started = Instant::now();
    let result = (step.run)(workspace);
    if let Err(failure) = &result {
        println!("  FAILED: {failure}");
    }
    Report { name: step.name, took: started.elapsed(), result }
}

fn conclude(reports: &[Report]) -> bool {
    let took: Duration = reports.iter().map(|report| report.took).sum();
    let (total, minutes) = (reports.len(), took.as_secs_f64() / 60.0);
    let bad = reports.iter().filter(|report| report.is_bad()).count();
    if bad == 0 {
        println!("{total} of {total} steps passed in {minutes:.1} min");
    } else {
        println!("{bad} of {total} steps failed in {minutes:.1} min");
    }
    bad == 0
}

impl Report {
    /// With `EYELET_NO_SKIP=1`, what was not looked at counts as wrong.
    fn is_bad(&self) -> bool {
        self.result.as_ref().map_or(true, |skips| !skips.is_empty() && must_not_skip())
    }

    fn print(&self) {
        println!("{:<14}{:>6.1} s  {}", self.name, self.took.as_secs_f64(), self.verdict());
        for skip in self.result.iter().flatten() {
            println!("{:>22}skipped: {skip}", "");
        }
    }

    fn verdict(&self) -> String {
        match &self.result {
            Ok(skips) if skips.is_empty() => "passed".to_owned(),
            Ok(skips) if self.is_bad() => {
                format!("FAILED: {} skipped, EYELET_NO_SKIP=1", skips.len())
            }
            Ok(skips) => format!("passed, {} skipped", skips.len()),
            Err(failure) => {
                let failure = failure.to_string();
                format!("FAILED: {}", failure.lines().next().unwrap_or_default())
            }
        }
    }
}

fn must_not_skip() -> bool {
    std::env::var_os("EYELET_NO_SKIP").is_some_and(|value| value == "1")
}
