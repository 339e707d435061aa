//! prost and the borrowed codec agree, both ways, on generated messages; where the borrowed one refuses
//! more, `predict` has said so before: by which rule, in which message and at which field.
//!
//! `EYELET_SEED` asks for other inputs, `EYELET_CASES` for more of them.

mod input;
mod legal;
mod surprise;
mod wire;

use std::cell::RefCell;
use std::env;

use eyelet_codec::{DetectionTask, ErrorClass, Message as _};
use eyelet_fuzz::agreement::schema::{Kind, SCHEMA};
use eyelet_fuzz::agreement::{Tally, Whole, agree};
use proptest::prelude::ProptestConfig;
use proptest::test_runner::{RngSeed, TestRunner};

use input::{Input, input};
use wire::{Part, encode};

const SEED: u64 = 0x6579_656c_6574;
const CASES: u64 = 12_000;

#[test]
fn both_decoders_agree_and_what_only_one_refuses_was_predicted() {
    let (seed, cases) = (asked("EYELET_SEED", SEED), asked("EYELET_CASES", CASES));
    let config = ProptestConfig {
        cases: u32::try_from(cases).unwrap(),
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let tally = RefCell::new(Tally::default());
    let run = TestRunner::new(config).run(&input(), |Input { root, bytes, whole }| {
        tally.borrow_mut().count(&agree(root, &bytes, whole));
        Ok(())
    });
    let tally = tally.into_inner();
    println!("EYELET_SEED={seed} EYELET_CASES={cases}\n{tally}");
    println!(
        "figure: {cases} generated messages, {} accepted; as prost does but for what was predicted",
        tally.accepted
    );
    run.unwrap_or_else(|error| panic!("EYELET_SEED={seed} EYELET_CASES={cases}: {error}"));
    tally.assert_nothing_was_missed();
}

#[test]
fn each_message_has_its_budget_where_it_is_said_to_be() {
    for root in SCHEMA.names() {
        let Whole { bytes, elements, .. } = Whole::of(root);
        let name = named(root);
        let filled = |bytes: u64| [&name[..], &one_unknown(bytes - name.len() as u64)].concat();
        let many = |elements: u64| {
            [&name[..], &encode(&vec![Part::varint(100, 1); usize::try_from(elements).unwrap()])]
                .concat()
        };
        for (case, bytes, is_accepted) in [
            ("as many bytes as there may be", filled(bytes), true),
            ("a byte more", filled(bytes + 1), false),
            ("as many elements as there may be", many(elements), true),
            ("an element more", many(elements + 1), false),
        ] {
            let outcome = agree(root, &bytes, Whole::ANY);
            assert_eq!(outcome.is_accepted(), is_accepted, "{root}: {case}");
        }
    }
}

#[test]
fn a_message_within_another_is_held_to_the_budget_of_that_one_alone() {
    let mut accepted = 0;
    for root in SCHEMA.names() {
        for field in SCHEMA.message(root).fields.iter().filter(|field| !field.limits.opaque) {
            let Kind::Message(inner) = &field.kind else { continue };
            for unknown in over_budget(inner) {
                let message = Part::delimited(field.number, [named(inner), unknown].concat());
                let parts = vec![message; 1 + usize::from(field.repeated)];
                let bytes = [named(root), encode(&parts)].concat();
                accepted += u32::from(agree(root, &bytes, Whole::ANY).is_accepted());
            }
        }
    }
    assert!(accepted >= 10, "{accepted} were accepted");
}

/// Unknown fields of which a message has an element, or a byte, more than it may have on its own.
fn over_budget(root: &str) -> [Vec<u8>; 2] {
    let Whole { bytes, elements, .. } = Whole::of(root);
    let many = vec![Part::varint(100, 1); usize::try_from(elements + 1).unwrap()];
    [encode(&many), one_unknown(bytes + 1)]
}

/// What a message must not be without.
fn named(root: &str) -> Vec<u8> {
    let fields = SCHEMA.message(root).fields.iter();
    let required = fields.filter(|field| field.limits.non_empty && !field.repeated);
    encode(&required.map(|field| Part::delimited(field.number, b"x".to_vec())).collect::<Vec<_>>())
}

/// A field of so many bytes, key and length counted.
fn one_unknown(bytes: u64) -> Vec<u8> {
    let len_of = |len: u64| encode(&[Part::delimited(100, vec![0; usize::try_from(len).unwrap()])]);
    let longest = (0..8).map(|around| bytes - around).map(len_of);
    longest.rev().rfind(|field| field.len() as u64 == bytes).unwrap()
}

#[test]
fn what_is_not_all_there_is_malformed_however_long_it_was_to_be() {
    for (case, bytes) in [
        ("a text over its limit", &b"\x0a\xff\x01t"[..]),
        ("a message of 4 GiB", b"\x1a\x80\x80\x80\x80\x10"),
        ("an unknown field of 2^64 - 1 bytes", b"\x7a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
    ] {
        let error = DetectionTask::decode(bytes).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Malformed, "{case}: {error}");
    }
}

fn asked(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |value| value.parse().unwrap())
}

#[test]
fn the_schema_is_read_with_its_limits() {
    let record = SCHEMA.message("ProcessRecord");
    assert_eq!(record.fields.len(), 20);
    let name = record.field(3).unwrap();
    assert_eq!((name.limits.max_bytes, name.limits.non_empty), (Some(255), true));
    let arguments = record.field(5).unwrap();
    assert!(arguments.repeated && arguments.kind == Kind::Text);
    let limits = &arguments.limits;
    assert_eq!((limits.max_items, limits.max_total_bytes), (Some(1024), Some(20_480)));
    let packet = SCHEMA.message("Packet");
    assert_eq!(packet.fields.iter().filter(|field| field.member).count(), 9);
    assert!(packet.field(4).is_some_and(|task| task.limits.opaque));
    assert_eq!(SCHEMA.message("Fault").field(1).unwrap().kind, Kind::Enum);
}
