//! The longest encoding of each message, computed again from the text of the `.proto` files alone.

use eyelet_codec::Message;
use eyelet_fuzz::NAMES;
use eyelet_fuzz::agreement::schema::{Field, Kind, SCHEMA};

/// No message is longer: the largest frame there is (WIRE.md, `Hello.max_frame`).
const FRAME: u64 = 1024 * 1024;

macro_rules! constants {
    ($($name:ident),*) => {
        fn constant(name: &str) -> u64 {
            let longest = match name {
                $(stringify!($name) => eyelet_codec::$name::MAX_ENCODED_LEN,)*
                "Packet" => eyelet_codec::Packet::MAX_ENCODED_LEN,
                _ => panic!("the test has no message {name}"),
            };
            longest.try_into().unwrap()
        }
    };
}

eyelet_fuzz::messages!(constants);

#[test]
fn the_longest_encoding_of_each_message_is_what_its_limits_allow() {
    let mut capped = Vec::new();
    for name in SCHEMA.names() {
        let longest = message(name);
        println!("{name:<18}{longest:>12}");
        assert_eq!(constant(name), longest.min(FRAME), "{name}");
        if longest > FRAME {
            capped.push(name);
        }
    }
    assert_eq!(capped, ["DetectionResult", "Packet"]);
    assert_eq!(SCHEMA.names().len(), NAMES.len());
}

fn message(name: &str) -> u64 {
    let fields = &SCHEMA.message(name).fields;
    let longest = |is_member| {
        let chosen = fields.iter().filter(move |field| field.member == is_member);
        chosen.map(field)
    };
    // Of the members of a `oneof` there is one.
    longest(false).sum::<u64>() + longest(true).max().unwrap_or(0)
}

fn field(field: &Field) -> u64 {
    let key = varint(field.number << 3);
    let items = if field.repeated { field.limits.max_items.unwrap() } else { 1 };
    match &field.kind {
        Kind::Text | Kind::Bytes => items * key + strings(field, items),
        Kind::Message(name) => items * (key + delimited(message(name))),
        kind if field.repeated => key + delimited(items * number(kind)),
        kind => key + number(kind),
    }
}

/// Values and their lengths, which do not come longest where all values are: many of 128 bytes have more
/// bytes of length than few long ones, so every number of the longer ones is tried.
fn strings(field: &Field, items: u64) -> u64 {
    let longest = field.limits.max_bytes.unwrap();
    let product = items * longest;
    let total = field.limits.max_total_bytes.map_or(product, |total| total.min(product));
    let fits = |least: u64, there: u64| if least > longest { 0 } else { there / least };
    let of_three = 0..=fits(1 << 14, total).min(items);
    let lengths = of_three.map(|three| {
        let two = fits(1 << 7, total - (three << 14)).min(items - three);
        items + two + 2 * three
    });
    total + lengths.max().unwrap()
}

fn number(kind: &Kind) -> u64 {
    match kind {
        Kind::Bool => 1,
        Kind::Uint32 => 5,
        Kind::Fixed64 | Kind::Double => 8,
        // Negative ones have all 64 bits.
        _ => 10,
    }
}

fn delimited(len: u64) -> u64 {
    varint(len) + len
}

fn varint(value: u64) -> u64 {
    u64::from(value.max(1).ilog2() / 7 + 1)
}
