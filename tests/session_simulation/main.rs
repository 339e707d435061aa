//! Two sessions, their applications, a clock of the test's own, and a line that splits, delays and cuts
//! at any byte, with packets on it now and then that nobody sent: every record arrives once and in
//! order, or the end is told; every stream has one terminal packet; and whatever comes, a side does what
//! the tables of `proto/WIRE.md` say, and says what its rules allow.
//!
//! Conversations are drawn by proptest, which makes a failing one small. `EYELET_RUNS=100000 cargo test
//! --release -p eyelet-tests --test session_simulation -- --nocapture` holds as many as are promised and
//! prints what happened in them; `EYELET_SEED` draws others.

mod agent;
mod collector;
mod frames;
mod heard;
mod injection;
mod model;
mod oracle;
#[path = "../../codec/tests/session/packets.rs"]
mod packets;
#[path = "../../codec/tests/session/page.rs"]
#[allow(dead_code, reason = "another test's words, of which not all are needed")]
mod page;
mod pipe;
mod place;
mod plan;
mod sent;
mod station;
mod tally;
mod verdict;
#[path = "../../codec/tests/session/wire.rs"]
#[allow(dead_code, reason = "another test's words, of which not all are needed")]
mod wire;
mod world;

use std::cell::RefCell;
use std::env;
use std::thread;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use oracle::Oracle;
use tally::Tally;
use world::World;

/// Where nobody asks for another number; without optimisation each takes twenty times as long.
const RUNS: u32 = if cfg!(debug_assertions) { 1_500 } else { 20_000 };

#[test]
fn whatever_happens_both_sides_believe_what_is_true() {
    let (seed, runs) = (asked("EYELET_SEED", 1), asked("EYELET_RUNS", RUNS.into()));
    let runs = u32::try_from(runs).expect("a number of runs");
    // Two threads, whatever the machine has, so that what comes out does not depend on it.
    let half = |half: u64| move || hold(seed.wrapping_mul(2) + half, runs / 2 + runs % 2);
    let tally = thread::scope(|scope| {
        let other = scope.spawn(half(1));
        let (one, other) = (half(0)(), other.join().expect("no run panics"));
        one.and_then(|tally| Ok(tally + other?))
    });
    let tally = tally.unwrap_or_else(|failure| panic!("EYELET_SEED={seed}: {failure}"));
    println!("EYELET_SEED={seed} EYELET_RUNS={runs}\n{tally}");
    println!("figure: {}", tally.figure());
    tally.check();
}

/// Holds so many conversations; the first that goes wrong is made small and told.
fn hold(seed: u64, runs: u32) -> Result<Tally, String> {
    let (oracle, tally) = (Oracle::read(), RefCell::new(Tally::default()));
    let config = Config { cases: runs, failure_persistence: None, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let held = runner.run(&plan::any(), |plan| {
        let mut world = World::new(&plan, &oracle);
        let result = world.run();
        tally.borrow_mut().add(&world);
        result.map_err(TestCaseError::fail)
    });
    held.map_err(|failure| failure.to_string())?;
    Ok(tally.into_inner())
}

fn asked(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |value| value.parse().expect("a number"))
}
