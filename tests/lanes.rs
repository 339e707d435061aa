//! The fast lanes never differ from the careful ones: each gives up, or does what the careful one does.

use std::collections::BTreeMap;

use eyelet_codec::Limits;
use eyelet_fuzz::NAMES;
use eyelet_fuzz::lanes::{Taken, compare};
use eyelet_fuzz::mutation::Mutations;

/// Mutated inputs, beside the golden ones that they are made of.
const MUTATED: u64 = 6000;

/// What became of one kind of message.
#[derive(Default)]
struct Tally {
    tried: u64,
    decoded: u64,
    decoded_fast: u64,
    encoded_fast: u64,
}

/// Encoders are compared in a buffer of exactly the right size, a byte more, a byte less and none.
#[test]
fn a_fast_lane_gives_up_or_agrees_with_the_careful_one() {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    let inputs = Mutations::of("messages", 2);
    let mutated = (0..MUTATED).map(|number| inputs.input(number));
    for (number, input) in inputs.seeds().iter().cloned().chain(mutated).enumerate() {
        let Some((choice, body)) = input.split_first() else { continue };
        let name = NAMES[usize::from(*choice) % NAMES.len()];
        let tally = tallies.entry(name).or_default();
        tally.count(compare(name, body, &Limits::SCHEMA));
        tally.count(compare(name, body, &lowered(number, body.len())));
    }
    println!("{:<18}  tried  decoded    fast  written fast", "");
    for name in NAMES {
        let Tally { tried, decoded, decoded_fast, encoded_fast } = tallies[name];
        println!("{name:<18}{tried:>7}{decoded:>9}{decoded_fast:>8}{encoded_fast:>14}");
        assert!(decoded_fast > 0, "the fast lane has decoded no {name}");
        assert!(encoded_fast > 0, "the fast lane has encoded no {name}");
        assert!(decoded < tried, "the careful lane has refused no {name}");
    }
}

/// Limits that are reached by some.
fn lowered(number: usize, len: usize) -> Limits {
    let (few, len) = (u32::try_from(number % 7).unwrap(), u32::try_from(len).unwrap());
    match number % 5 {
        0 => Limits { bytes: (len + 2).saturating_sub(few), ..Limits::SCHEMA },
        1 => Limits { elements: few, ..Limits::SCHEMA },
        2 => Limits { depth: 1 + few % 4, ..Limits::SCHEMA },
        3 => Limits { value_bytes: 4 * few, ..Limits::SCHEMA },
        _ => Limits { items: few, ..Limits::SCHEMA },
    }
}

impl Tally {
    fn count(&mut self, taken: Taken) {
        self.tried += 1;
        self.decoded += u64::from(taken.decoded);
        self.decoded_fast += u64::from(taken.decoded_fast);
        self.encoded_fast += u64::from(taken.encoded_fast);
    }
}
