//! `mutations NUMBER [TARGET]`: tries so many mutated inputs, of one target or shared out among all, and
//! says how many were accepted. `EYELET_SEED` asks for others.

use std::env;
use std::process::ExitCode;

use eyelet_fuzz::{TARGETS, Target};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (inputs, name) = match &arguments[..] {
        [inputs] => (inputs.parse::<u64>(), None),
        [inputs, name] => (inputs.parse::<u64>(), Some(name)),
        _ => return usage(),
    };
    let chosen = |target: &&Target| name.is_none_or(|name| name == target.name);
    let targets: Vec<_> = TARGETS.iter().filter(chosen).collect();
    let Ok(inputs) = inputs else { return usage() };
    let Ok(seed) = env::var("EYELET_SEED").map_or(Ok(0), |seed| seed.parse::<u64>()) else {
        return usage();
    };
    if targets.is_empty() {
        return usage();
    }
    for target in &targets {
        println!("{}", target.try_mutations(seed, inputs / targets.len() as u64));
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    let names = TARGETS.map(|target| target.name).join(", ");
    eprintln!("usage: mutations NUMBER [TARGET], one of {names}; EYELET_SEED=NUMBER for others");
    ExitCode::from(2)
}
