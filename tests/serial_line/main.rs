//! The serial link over a line that flips, drops, doubles and inserts bytes while either side restarts:
//! every packet arrives once and in order, or its session has ended and said so.
//!
//! Everything follows from seeds, by a clock of the test's own. `EYELET_RUNS=100000 cargo test --release
//! -p eyelet-tests --test serial_line -- --nocapture` makes as many runs as are promised and prints what
//! happened in them; `EYELET_SEED` is the first of the seeds.

mod fates;
mod ledger;
mod line;
mod mutant;
mod peer;
mod plan;
mod run;
mod sessions;
mod station;
mod tally;
mod world;

use std::env;
use std::thread;

use ledger::Violation;
use mutant::{CONTROLS, Lacks};
use plan::{Kind, Plan};
use run::{run, run_calm};
use tally::Tally;

/// Where nobody asks for another number of runs; without optimisation each takes twenty times as long.
const RUNS: u64 = if cfg!(debug_assertions) { 500 } else { 5_000 };
const SEED: u64 = 1;

#[test]
fn every_packet_arrives_once_and_in_order_or_its_session_has_ended_and_said_so() {
    let (seed, runs) = asked();
    let (tally, violations) = all(Lacks::Nothing);
    println!("EYELET_SEED={seed} EYELET_RUNS={runs}\n{tally}");
    assert_eq!(violations, []);
    assert_eq!(tally.all().made as u64, runs);

    let tenth = tally.kind(Kind::Tenth);
    assert!(tenth.carried * 100 >= tenth.made * 95, "{} of {}", tenth.carried, tenth.made);
    for kind in [Kind::Tenth, Kind::TenthWithRestarts] {
        let runs = tally.kind(kind);
        assert!(runs.lost_per_mille() >= 100, "{runs}");
        assert!(runs.faulty.complete_per_mille() >= 950, "{runs}");
    }
}

#[test]
fn a_link_that_lacks_a_part_of_the_protocol_fails_the_same_runs() {
    let (_, runs) = asked();
    for lacks in CONTROLS {
        let (_, violations) = all(lacks);
        let failed = violations.len() as u64;
        println!(
            "{lacks}: {failed} of {runs} runs fail, {} ‰: {}",
            failed * 1000 / runs,
            kinds(&violations)
        );
        assert!(failed * 100 >= runs, "{lacks}: the runs prove next to nothing");
    }
}

/// What goes wrong above is not the fault of how parts are left out.
#[test]
fn on_a_line_without_faults_a_link_that_lacks_a_part_carries_everything() {
    for lacks in CONTROLS {
        let (_, violations) = of_all(|seed, _| run_calm(&Plan::calm(seed), lacks));
        assert_eq!(violations, [], "{lacks}");
    }
}

type Violations = Vec<(u64, Violation)>;

fn all(lacks: Lacks) -> (Tally, Violations) {
    of_all(|seed, tally| run(&Plan::of(seed), lacks, tally))
}

/// Makes the runs of all seeds, on two threads, whatever the machine has, so that what comes out does
/// not depend on it.
fn of_all(
    run: impl Fn(u64, &mut Tally) -> Result<(), Violation> + Copy + Send,
) -> (Tally, Violations) {
    let (seed, runs) = asked();
    let half = move |first: u64| {
        let (mut tally, mut violations) = (Tally::default(), Vec::new());
        for seed in (first..runs).step_by(2).map(|offset| seed.wrapping_add(offset)) {
            if let Err(violation) = run(seed, &mut tally) {
                violations.push((seed, violation));
            }
        }
        (tally, violations)
    };
    thread::scope(|scope| {
        let other = scope.spawn(move || half(1));
        let (mut tally, mut violations) = half(0);
        let (other, others) = other.join().expect("no run panics");
        tally += other;
        violations.extend(others);
        (tally, violations)
    })
}

fn kinds(violations: &Violations) -> String {
    let mut kinds: Vec<String> =
        violations.iter().map(|(_, violation)| violation.to_string()).collect();
    kinds.sort();
    let counted = kinds.chunk_by(|one, other| one == other);
    let counted = counted.map(|same| format!("{} {}", same.len(), same[0]));
    counted.collect::<Vec<_>>().join(", ")
}

/// The first of the seeds, and how many there are.
fn asked() -> (u64, u64) {
    let number = |variable: &str, default| {
        env::var(variable).map_or(default, |value| value.parse().expect("a number"))
    };
    (number("EYELET_SEED", SEED), number("EYELET_RUNS", RUNS))
}
