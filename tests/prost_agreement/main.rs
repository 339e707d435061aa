//! prost and the borrowed codec agree, both ways, on generated messages; where the borrowed one refuses
//! more, `predict` has said so before: by which rule, in which message and at which field.
//!
//! `EYELET_SEED` asks for other inputs, `EYELET_CASES` for more of them.

mod decoders;
mod input;
mod legal;
mod predict;
mod records;
mod rule;
mod schema;
mod surprise;
mod tally;
mod wire;

use std::cell::RefCell;
use std::env;

use eyelet_codec::{DetectionTask, ErrorClass, Limits, Message as _, MessageError};
use proptest::prelude::{ProptestConfig, TestCaseError, prop_assert, prop_assert_eq};
use proptest::test_runner::{RngSeed, TestCaseResult, TestRunner};

use decoders::{Borrowed, Owned, by_both, by_prost, by_us, is_predicted, limits};
use input::{Input, input};
use predict::{Refusal, Sight, Whole, predict};
use schema::SCHEMA;
use tally::Tally;
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
    let run = TestRunner::new(config).run(&input(), |input| agree(&input, &mut tally.borrow_mut()));
    let tally = tally.into_inner();
    println!("EYELET_SEED={seed} EYELET_CASES={cases}\n{tally}");
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
            let mut tally = Tally::default();
            let input = Input { root, bytes, whole: Whole::ANY };
            agree(&input, &mut tally).unwrap_or_else(|error| panic!("{root}: {case}: {error}"));
            assert_eq!(tally.accepted == 1, is_accepted, "{root}: {case}");
        }
    }
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

fn agree(input: &Input, tally: &mut Tally) -> TestCaseResult {
    let Input { root, bytes, whole } = input;
    let prosts = by_prost(root, bytes).ok();
    match (predict(root, bytes, *whole), by_us(root, bytes, &limits(*whole))) {
        (Ok(sight), Ok(ours)) => {
            accepted_alike(input, &sight, &ours, prosts.as_ref())?;
            tally.accept(&sight);
        }
        (Err(refusal), Err(error)) => {
            refused_as_predicted(input, &refusal, error, prosts.is_some())?;
            tally.refuse(refusal.rule, prosts.is_some());
        }
        (Ok(_), Err(error)) => return Err(TestCaseError::fail(format!("not predicted: {error}"))),
        (Err(refusal), Ok(_)) => {
            return Err(TestCaseError::fail(format!("accepted in spite of {refusal:?}")));
        }
    }
    Ok(())
}

fn accepted_alike(
    input: &Input,
    sight: &Sight,
    ours: &Borrowed,
    prosts: Option<&Owned>,
) -> TestCaseResult {
    let Input { root, bytes, whole } = input;
    prop_assert_eq!(prosts, Some(&ours.owned), "prost reads something else");

    let prost_of_ours = by_prost(root, &ours.encoded).ok();
    prop_assert_eq!(prost_of_ours.as_ref(), Some(&ours.owned), "prost reads our encoding");
    for encoded in [&ours.encoded, &ours.owned.encoded] {
        let again = by_us(root, encoded, &Limits::SCHEMA).map(|again| again.owned);
        prop_assert_eq!(again.as_ref(), Ok(&ours.owned), "an encoding comes back changed");
        prop_assert!(encoded.len() <= ours.max_len, "an encoding over {} bytes", ours.max_len);
    }
    let again = by_us(root, &ours.encoded, &Limits::SCHEMA).map(|again| again.fields);
    prop_assert_eq!(again.as_ref(), Ok(&ours.fields), "borrowed fields come back changed");

    if limits(*whole) == Limits::SCHEMA
        && let Some(both) = by_both(root, bytes)
    {
        prop_assert_eq!(both.as_ref(), Ok(&ours.owned), "proto::decode reads something else");
    }
    if *root == "DetectionResult" {
        records::all_ways_agree(bytes, &limits(*whole), &sight.records);
    }
    Ok(())
}

fn refused_as_predicted(
    input: &Input,
    refusal: &Refusal,
    error: MessageError,
    prost_accepts: bool,
) -> TestCaseResult {
    let Input { root, bytes, whole } = input;
    prop_assert!(is_predicted(error, refusal), "{refusal:?} was predicted, not {error}");
    prop_assert!(!(refusal.rule.is_prosts_too() && prost_accepts), "prost accepts {refusal:?}");
    if limits(*whole) == Limits::SCHEMA
        && let Some(both) = by_both(root, bytes)
    {
        prop_assert_eq!(both.err(), Some(error), "proto::decode has another opinion");
    }
    Ok(())
}

fn asked(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |value| value.parse().unwrap())
}
