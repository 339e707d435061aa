//! Messages as any encoder might write them: fields in any order, with or without their turn, padded
//! varints, numbers packed and single, unknown fields of every wire type at any depth.

use eyelet_fuzz::agreement::schema::{Field, Kind, Message, SCHEMA};
use proptest::char::range;
use proptest::collection::vec;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::sample::{Index, select};
use proptest::strategy::Union;

use crate::wire::{Part, Payload, Varint, encode};

/// The parts of a message that breaks no rule.
pub(crate) fn parts(message: &'static Message) -> BoxedStrategy<Vec<Part>> {
    let mut any_part = vec![(1, unknown(message).boxed())];
    if !message.fields.is_empty() {
        let known = message.fields.iter().map(known);
        any_part.push((9, Union::new(known).boxed()));
    }
    let required = message.fields.iter().filter(|field| field.limits.non_empty);
    let required = required.map(|field| (known(field), any::<Index>())).collect::<Vec<_>>();
    (vec(Union::new_weighted(any_part), 0..10), required)
        .prop_map(|(mut parts, required)| {
            for (part, place) in required {
                parts.insert(place.index(parts.len() + 1), part);
            }
            without_seconds(message, parts)
        })
        .boxed()
}

/// No more than a message of this kind needs.
pub(crate) fn minimal(message: &Message) -> Vec<Part> {
    let required = message.fields.iter().filter(|field| field.limits.non_empty);
    required.map(|field| Part::delimited(field.number, b"x".to_vec())).collect()
}

/// Only the first of what may be there once: a message, or a member of the `oneof`.
fn without_seconds(message: &Message, parts: Vec<Part>) -> Vec<Part> {
    let (mut once, mut has_member) = (Vec::new(), false);
    let is_first = |part: &Part| {
        let Some(field) = message.field(part.number()) else { return true };
        if field.member {
            return !std::mem::replace(&mut has_member, true);
        }
        let is_second = field.is_singular_message() && once.contains(&field.number);
        once.push(field.number);
        !is_second
    };
    let mut is_first = is_first;
    parts.into_iter().filter(|part| is_first(part)).collect()
}

fn known(field: &'static Field) -> BoxedStrategy<Part> {
    let payload = match &field.kind {
        Kind::Message(name) => (pad(), parts(SCHEMA.message(name)))
            .prop_map(|(pad, parts)| Payload::Message { pad, parts })
            .boxed(),
        Kind::Text => delimited(text(field).prop_map(String::into_bytes)).boxed(),
        Kind::Bytes => delimited(vec(any::<u8>(), 0..12)).boxed(),
        kind => number(kind).boxed(),
    };
    let one = keyed(Just(field.number), field.kind.wire(), payload);
    if !(field.repeated && field.kind.is_number()) {
        return one;
    }
    let numbers = vec(number(&field.kind), 0..6).prop_map(|numbers| packed(&numbers));
    prop_oneof![one, keyed(Just(field.number), 2, delimited(numbers).boxed())].boxed()
}

fn unknown(message: &'static Message) -> impl Strategy<Value = Part> {
    let number = prop_oneof![1..40u64, Just(1000), Just((1 << 29) - 1), 1..1u64 << 29];
    let number = number.prop_map(|number| {
        let is_known = message.field(number).is_some();
        if is_known { number + 10_000 } else { number }
    });
    let lookalike = vec(Union::new(SCHEMA.message("FieldNote").fields.iter().map(known)), 0..4);
    prop_oneof![
        keyed(number.clone(), 0, any_varint(any::<u64>()).boxed()),
        keyed(number.clone(), 1, raw::<8>()),
        keyed(number.clone(), 2, delimited(vec(any::<u8>(), 0..12)).boxed()),
        keyed(number.clone(), 2, delimited(lookalike.prop_map(|parts| encode(&parts))).boxed()),
        keyed(number, 5, raw::<4>()),
    ]
}

fn keyed(
    number: impl Strategy<Value = u64> + 'static,
    wire: u64,
    payload: BoxedStrategy<Payload>,
) -> BoxedStrategy<Part> {
    let key = (number, pad()).prop_map(move |(n, pad)| Varint::padded(n << 3 | wire, pad));
    (key, payload).prop_map(|(key, payload)| Part { key, payload }).boxed()
}

fn delimited(bytes: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Payload> {
    (pad(), bytes).prop_map(|(pad, bytes)| Payload::Delimited { pad, bytes })
}

fn number(kind: &Kind) -> BoxedStrategy<Payload> {
    let signed = prop_oneof![select(vec![0, 1, -1, i32::MIN, i32::MAX]), any::<i32>()];
    let unsigned = prop_oneof![select(vec![0, 1, 127, 128, u32::MAX]), any::<u32>()];
    let wide = prop_oneof![select(vec![0, 1, 1 << 63, u64::MAX]), any::<u64>()];
    match kind {
        Kind::Bool => any_varint(0..=1u64).boxed(),
        Kind::Uint32 => any_varint(unsigned.prop_map(u64::from)).boxed(),
        Kind::Int32 => any_varint(signed.prop_map(sign_extended)).boxed(),
        Kind::Enum => any_varint(prop_oneof![-1..20, signed].prop_map(sign_extended)).boxed(),
        Kind::Fixed64 | Kind::Double => prop_oneof![raw::<8>(), float()].boxed(),
        _ => any_varint(wide).boxed(),
    }
}

/// The bits that a conversion might not keep: of -0, of infinities, of NaNs that signal or carry more.
fn float() -> impl Strategy<Value = Payload> {
    let infinite = f64::INFINITY.to_bits();
    let bits = select(vec![0, 1, 1 << 63, infinite, infinite | 1 << 63, infinite | 1, u64::MAX]);
    bits.prop_map(|bits| Payload::Raw(bits.to_le_bytes().to_vec()))
}

fn sign_extended(value: i32) -> u64 {
    i64::from(value).cast_unsigned()
}

fn any_varint(value: impl Strategy<Value = u64>) -> impl Strategy<Value = Payload> {
    let varint = (value, pad()).prop_map(|(value, pad)| Varint::padded(value, pad));
    varint.prop_map(Payload::Varint)
}

fn raw<const N: usize>() -> BoxedStrategy<Payload> {
    vec(any::<u8>(), N).prop_map(Payload::Raw).boxed()
}

fn packed(numbers: &[Payload]) -> Vec<u8> {
    let bytes = numbers.iter().map(|number| match number {
        Payload::Varint(varint) => varint.encoded(),
        other => panic!("a number is no {other:?}"),
    });
    bytes.collect::<Vec<_>>().concat()
}

/// Short, and once in a while as long as the field allows, if that is not too long.
fn text(field: &Field) -> impl Strategy<Value = String> {
    let least = usize::from(field.limits.non_empty);
    let max = usize::try_from(field.limits.max_bytes.unwrap()).unwrap();
    let short = max.min(40) / 4;
    prop_oneof![
        30 => vec(any::<char>(), least..=short).prop_map(String::from_iter),
        20 => vec(range(' ', '~'), least..=short).prop_map(String::from_iter),
        1 => Just("\u{e9}".repeat(max.min(4096) / 2)),
    ]
}

/// Lengths are padded by few encoders, so most are not.
fn pad() -> impl Strategy<Value = usize> {
    prop_oneof![9 => Just(0), 1 => 1..10usize]
}
