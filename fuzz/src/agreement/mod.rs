//! prost and the borrowed codec agree, both ways; where the borrowed one refuses more, [`predict`] has
//! said so before: by which rule, in which message and at which field.

mod decoders;
mod predict;
mod records;
mod rule;
pub mod schema;
mod tally;

use eyelet_codec::{ErrorKind, Limits, MessageError};

use self::decoders::{Borrowed, Owned, by_both, by_prost, by_us, is_predicted, limits};
use self::predict::{Refusal, Sight, predict};

pub use self::decoders::owned_packet;
pub use self::predict::Whole;
pub use self::rule::{Oddity, Rule};
pub use self::tally::Tally;

/// What became of some bytes, by common consent.
#[derive(Debug)]
pub enum Outcome {
    Accepted(Sight),
    Refused { rule: Rule, accepted_by_prost: bool },
}

impl Outcome {
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted(_))
    }
}

/// Decodes `bytes` as the message of this name, by both and within `whole`.
///
/// # Panics
/// If they disagree where no rule says so.
pub fn agree(root: &str, bytes: &[u8], whole: Whole) -> Outcome {
    let prosts = by_prost(root, bytes).ok();
    let accepted_by_prost = prosts.is_some();
    match (predict(root, bytes, whole), by_us(root, bytes, &limits(whole))) {
        (Ok(sight), Ok(ours)) => {
            accepted_alike(root, bytes, whole, &sight, &ours, prosts.as_ref());
            Outcome::Accepted(sight)
        }
        (Err(refusal), Err(error)) => {
            refused_as_predicted(root, bytes, whole, &refusal, error, accepted_by_prost);
            Outcome::Refused { rule: refusal.rule, accepted_by_prost }
        }
        (Ok(_), Err(error)) => panic!("not predicted: {error}"),
        (Err(refusal), Ok(_)) => panic!("accepted in spite of {refusal:?}"),
    }
}

fn accepted_alike(
    root: &str,
    bytes: &[u8],
    whole: Whole,
    sight: &Sight,
    ours: &Borrowed,
    prosts: Option<&Owned>,
) {
    assert_eq!(prosts, Some(&ours.owned), "prost reads something else");

    let prost_of_ours = by_prost(root, &ours.encoded).ok();
    assert_eq!(prost_of_ours.as_ref(), Some(&ours.owned), "prost reads our encoding");
    let again = by_us(root, &ours.encoded, &Limits::SCHEMA);
    let again = again.map(|again| (again.owned, again.fields));
    assert_eq!(again.as_ref().map(|again| &again.0), Ok(&ours.owned), "ours comes back changed");
    assert_eq!(again.as_ref().map(|again| &again.1), Ok(&ours.fields), "borrowed: changed");
    let again = by_us(root, &ours.owned.encoded, &Limits::SCHEMA).map(|again| again.owned);
    assert_eq!(again.as_ref(), Ok(&ours.owned), "prost's encoding comes back changed");
    for encoded in [&ours.encoded, &ours.owned.encoded] {
        assert!(encoded.len() <= ours.max_len, "an encoding over {} bytes", ours.max_len);
    }

    if limits(whole) == Limits::SCHEMA
        && let Some(both) = by_both(root, bytes)
    {
        let is_too_large = both.as_ref().is_err_and(|error| error.kind() == ErrorKind::Heap);
        assert!(
            is_too_large || both.as_ref() == Ok(&ours.owned),
            "proto::decode reads something else"
        );
    }
    if root == "DetectionResult" {
        records::all_ways_agree(bytes, &limits(whole), &sight.records);
    }
}

fn refused_as_predicted(
    root: &str,
    bytes: &[u8],
    whole: Whole,
    refusal: &Refusal,
    error: MessageError,
    accepted_by_prost: bool,
) {
    assert!(is_predicted(error, refusal), "{refusal:?} was predicted, not {error}");
    assert!(!(refusal.rule.is_prosts_too() && accepted_by_prost), "prost accepts {refusal:?}");
    if limits(whole) == Limits::SCHEMA
        && let Some(both) = by_both(root, bytes)
    {
        assert_eq!(both.err(), Some(error), "proto::decode has another opinion");
    }
}
