//! The longest and largest message that a schema's limits allow.

use crate::schema::{Field, Kind, Message, Name, Presence, Schema};

/// No message is longer: the largest frame there is.
pub(crate) const MESSAGE: u64 = 1024 * 1024;

/// Bytes of the longest encoding.
pub(crate) fn message(schema: &Schema, message: &Message) -> u64 {
    let own = message.fields.iter().filter(|field| !matches!(field.presence, Presence::Member(_)));
    let own = own.map(|field| whole_field(schema, field)).fold(0, u64::saturating_add);
    let oneofs = (0..message.oneofs.len()).map(|oneof| {
        message.members(oneof).map(|field| whole_field(schema, field)).max().unwrap_or(0)
    });
    oneofs.fold(own, u64::saturating_add).min(MESSAGE)
}

/// Of what goes with each record of a message: its single values without presence.
pub(crate) fn companions(schema: &Schema, message: &Message) -> u64 {
    let single = message.fields.iter().filter(|field| field.presence == Presence::Implicit);
    single.map(|field| whole_field(schema, field)).fold(0, u64::saturating_add)
}

/// Elements of all repeated fields, those of messages within it counted.
pub(crate) fn elements(schema: &Schema, message: &Message) -> u64 {
    let inside = |name: &Name| elements(schema, schema.message(name));
    let of_field = |field: &Field| match (&field.kind, field.is_repeated()) {
        (Kind::Message(name), true) => items(field).saturating_mul(1 + inside(name)),
        (Kind::Message(name), false) => inside(name),
        (_, true) => items(field),
        (_, false) => 0,
    };
    message.fields.iter().map(of_field).fold(0, u64::saturating_add)
}

/// Messages within messages, this one counted.
pub(crate) fn depth(schema: &Schema, message: &Message) -> u32 {
    let inner = message.embedded().map(|(_, name)| depth(schema, schema.message(name)));
    1 + inner.max().unwrap_or(0)
}

/// Of a repeated field's texts or byte strings, keys and lengths not counted.
pub(crate) fn total_bytes(field: &Field) -> u64 {
    let product = items(field).saturating_mul(max_bytes(field));
    field.limits.max_total_bytes.map_or(product, |total| product.min(total.into()))
}

fn whole_field(schema: &Schema, field: &Field) -> u64 {
    let key = varint(u64::from(field.number) << 3);
    match (&field.kind, field.presence) {
        (Kind::Text | Kind::Bytes, Presence::Repeated) => {
            let keys = items(field).saturating_mul(key);
            keys.saturating_add(lengths(field)).saturating_add(total_bytes(field))
        }
        (Kind::Message(_), Presence::Repeated) => {
            items(field).saturating_mul(key + delimited(value(schema, field)))
        }
        (_, Presence::Repeated) => key + delimited(items(field) * value(schema, field)),
        (Kind::Number(_) | Kind::Enumeration(_), _) => key + value(schema, field),
        _ => key + delimited(value(schema, field)),
    }
}

/// Of the lengths of a repeated field's values, which share their bytes so that as many lengths as can be
/// take a byte more.
fn lengths(field: &Field) -> u64 {
    let (mut values, mut left, mut shortest) = (items(field), total_bytes(field), 0);
    let mut sum = values;
    for bits in [7, 14, 21, 28] {
        let longer = 1 << bits;
        values = if longer > max_bytes(field) { 0 } else { values.min(left / (longer - shortest)) };
        sum = sum.saturating_add(values);
        left -= values * (longer - shortest);
        shortest = longer;
    }
    sum
}

fn value(schema: &Schema, field: &Field) -> u64 {
    match &field.kind {
        Kind::Number(number) => number.max_len,
        // A negative number is written with all its 64 bits.
        Kind::Enumeration(_) => 10,
        Kind::Text | Kind::Bytes => max_bytes(field),
        Kind::Message(name) => message(schema, schema.message(name)),
        Kind::Opaque(_) => MESSAGE,
    }
}

fn delimited(len: u64) -> u64 {
    varint(len).saturating_add(len)
}

fn varint(value: u64) -> u64 {
    u64::from((u64::BITS - (value | 1).leading_zeros()).div_ceil(7))
}

fn items(field: &Field) -> u64 {
    field.limits.max_items.map_or(u64::from(u32::MAX), u64::from)
}

fn max_bytes(field: &Field) -> u64 {
    field.limits.max_bytes.map_or(u64::from(u32::MAX), u64::from)
}
