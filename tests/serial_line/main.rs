//! The serial link over a line that flips, drops, doubles and inserts bytes while either side restarts:
//! every packet arrives once and in order, or its session has ended and said so.
//!
//! Everything follows from seeds, by a clock of the test's own. `EYELET_RUNS=100000 cargo test --release
//! -p eyelet-tests --test serial_line -- --nocapture` makes as many runs as are promised and prints what
//! happened in them; `EYELET_SEED` is the first of the seeds.

mod ledger;
mod line;
mod mutant;
mod peer;
mod random;
mod run;
mod sessions;
mod station;
mod tally;
mod world;

use std::env;
use std::thread;

use ledger::Violation;
use mutant::{CONTROLS, Lacks};
use run::{Kind, run};
use tally::Tally;

const RUNS: u64 = 5_000;
const SEED: u64 = 1;

/// A control makes so many times fewer runs, which are the first of the others: it fails often enough.
const FEWER: u64 = 10;

#[test]
fn every_packet_arrives_once_and_in_order_or_its_session_has_ended_and_said_so() {
    let (seed, runs) = (asked("EYELET_SEED", SEED), asked("EYELET_RUNS", RUNS));
    let (tally, violations) = all(seed, runs, Lacks::Nothing);
    println!("EYELET_SEED={seed} EYELET_RUNS={runs}\n{tally}");
    assert_eq!(violations, []);

    let tenth = tally.kind(Kind::Tenth);
    assert!(tenth.lost_per_mille() >= 100, "{} ‰ of the frames lost", tenth.lost_per_mille());
    assert!(tenth.carried * 100 >= tenth.made * 95, "{} of {}", tenth.carried, tenth.made);
    for kind in [Kind::Tenth, Kind::TenthWithRestarts] {
        let runs = tally.kind(kind);
        assert!(runs.complete_per_mille() >= 950, "{runs}");
    }
}

#[test]
fn a_link_that_lacks_a_part_of_the_protocol_fails_the_same_runs() {
    let (seed, runs) = (asked("EYELET_SEED", SEED), asked("EYELET_RUNS", RUNS).div_ceil(FEWER));
    for lacks in CONTROLS {
        let (_, violations) = all(seed, runs, lacks);
        println!("{lacks}: {} of {runs} runs fail {}", violations.len(), kinds(&violations));
        assert!(
            !violations.is_empty(),
            "{lacks}: nothing went wrong, so that the runs prove nothing"
        );
    }
}

type Violations = Vec<(u64, Violation)>;

/// On two threads, so that what comes out does not depend on the machine.
fn all(seed: u64, runs: u64, lacks: Lacks) -> (Tally, Violations) {
    let half = |first: u64| {
        let (mut tally, mut violations) = (Tally::default(), Vec::new());
        for seed in (first..runs).step_by(2).map(|offset| seed.wrapping_add(offset)) {
            if let Err(violation) = run(seed, lacks, &mut tally) {
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
    format!("({})", counted.collect::<Vec<_>>().join(", "))
}

fn asked(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |value| value.parse().expect("a number"))
}
