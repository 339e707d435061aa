//! Whatever bytes come, nothing panics, and everything that reads or writes a message says the same. A
//! short run over the entries of `fuzz/`, or one of `EYELET_INPUTS` for each; `cargo xtask fuzz` looks further.

use std::path::Path;
use std::process::Command;

use eyelet_fuzz::TARGETS;
use eyelet_fuzz::mutation::{Mutations, Report};
use eyelet_tests::skip;

/// Another one makes other inputs of the same seeds.
const START: u64 = 1;

#[test]
fn mutated_inputs_panic_nowhere_and_are_judged_alike() {
    let asked = std::env::var("EYELET_INPUTS").ok();
    let asked = asked.map(|inputs| inputs.parse().expect("a number of inputs"));
    // So many inputs, and percent of them that are accepted at least: of the bytes as they come few are,
    // since a checksum notices. `messages` is what prost decodes, too.
    for (name, inputs, share) in [
        ("bytes", 3000, 2),
        ("line", 10_000, 40),
        ("messages", 12_000, 20),
        ("session", 10_000, 40),
        ("values", 2000, 50),
    ] {
        let target = TARGETS.iter().find(|target| target.name == name).unwrap();
        let report = target.try_mutations(START, asked.unwrap_or(inputs));
        let Report { inputs, accepted, .. } = report;
        println!("figure: {inputs} mutated seeds of {name}, {accepted} accepted by all alike");
        assert!(report.share() >= share, "{report}, and {share} % were to be");
    }
    assert_eq!(TARGETS.len(), 5, "a target was left out");
}

#[test]
fn every_seed_of_a_message_is_one() {
    let messages = TARGETS.iter().find(|target| target.name == "messages").unwrap();
    for (number, seed) in Mutations::of("messages", START).seeds().iter().enumerate() {
        assert!((messages.entry)(seed), "seed {number}: {seed:02x?}");
    }
}

#[test]
fn the_seeds_are_what_the_script_makes_of_the_vectors() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/seeds.py");
    match Command::new("python3").arg(script).arg("--check").output() {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        Err(error) => skip(
            "the_seeds_are_what_the_script_makes_of_the_vectors",
            &format!("python3 does not run: {error}"),
        ),
    }
}
