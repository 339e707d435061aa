//! The schema of somebody else goes through the generator; what comes out compiles and keeps values.

#[path = "plant/generated/mod.rs"]
mod generated;

use std::ops::ControlFlow;

use eyelet_codec::runtime::{ErrorKind, Limits, Message, Repeated};
use eyelet_codegen::{Options, OwnedTypes, generate, generate_inline};

use generated::prost as owned;
use generated::sensor::{
    Batch, BatchVisitor, Envelope, Loss, LossWhy, Nothing, Position, Reading, ReadingPosition,
    ReadingQuality, ReadingValue,
};
use generated::r#type;
use generated::units::Unit;

#[test]
fn what_is_checked_in_is_what_the_generator_makes() {
    let options = options();
    let files = generate(&options).unwrap();
    let names: Vec<_> = files.iter().map(|file| file.path.file_name().unwrap()).collect();
    assert_eq!(names, ["sensor.rs", "type.rs", "units.rs", "prost.rs", "owned.rs", "limits.json"]);
    for file in files {
        let text = std::fs::read_to_string(&file.path).unwrap_or_default();
        assert!(text == file.text, "{} is stale: {}", file.path.display(), options.renew);
        if file.path.extension().is_some_and(|extension| extension == "rs") {
            syn::parse_file(&file.text).unwrap();
        }
    }
}

/// An attribute of the file's own would have to come first in the crate that includes it.
#[test]
fn what_a_build_script_writes_is_modules_and_nothing_around_them() {
    let file = syn::parse_file(&generate_inline(&options()).unwrap()).unwrap();
    assert_eq!(file.attrs.len(), 0);
    let modules: Vec<_> = file.items.iter().map(module).collect();
    assert_eq!(modules, ["sensor", "r#type", "units", "prost", "owned"]);
}

fn module(item: &syn::Item) -> String {
    match item {
        syn::Item::Mod(syn::ItemMod { ident, content: Some(_), .. }) => ident.to_string(),
        _ => panic!("something else than a module"),
    }
}

fn options() -> Options {
    let options = Options {
        owned: OwnedTypes::Prost,
        table: Some("tests/plant/limits.json".into()),
        ..Options::new("tests/plant", "tests/plant/generated")
    };
    Options { renew: options.command(), ..options }
}

/// Python's protobuf wrote these bytes.
#[test]
fn each_kind_of_field_is_read_and_written_as_protobuf_has_it() {
    let celsius = |value| Reading { value: Some(ReadingValue::Celsius(value)), ..blank() };
    let readings = [
        (celsius(-0.0), "09 00 00 00 00 00 00 00 80"),
        (
            Reading { channel: -1, ..celsius(21.5) },
            "09 00 00 00 00 00 80 35 40 10 ff ff ff ff ff ff ff ff ff 01",
        ),
        (
            Reading {
                value: Some(ReadingValue::Count(-3)),
                quality: ReadingQuality::BAD,
                ..blank()
            },
            "18 05 40 01",
        ),
        (Reading { value: Some(ReadingValue::Word("é")), ..blank() }, "22 02 c3 a9"),
        (Reading { value: Some(ReadingValue::Blob(b"")), ..blank() }, "2a 00"),
        (
            Reading { value: Some(ReadingValue::UnitOnly(Unit::PASCAL)), ..blank() },
            "30 fd ff ff ff ff ff ff ff ff 01",
        ),
        (
            Reading {
                value: Some(ReadingValue::Position(ReadingPosition { x: 1.5 })),
                was: Some(ReadingQuality::GOOD),
                recent: Repeated::new(&[ReadingQuality::GOOD, ReadingQuality::BAD]),
                inner: Some(ReadingPosition::default()),
                ..blank()
            },
            "3a 05 0d 00 00 c0 3f 48 00 52 02 00 01 5a 00",
        ),
    ];
    for (reading, bytes) in readings {
        both_ways::<_, owned::Reading>(reading, bytes);
    }
    let position = Position {
        x: Some(-2),
        y: -1,
        z: 7,
        heading: Some(f32::NEG_INFINITY),
        r#type: Repeated::new(&[-1, 1, 300]),
        r#match: Repeated::new(&[true, false]),
        foo_bar: 1 << 40,
    };
    both_ways::<_, owned::Position>(
        position,
        "0d fe ff ff ff 11 ff ff ff ff ff ff ff ff 1d 07 00 00 00 25 00 00 80 ff \
         2a 04 01 02 d8 04 32 02 01 00 38 80 80 80 80 80 20",
    );
    both_ways::<_, owned::Nothing>(Nothing {}, "");
}

fn blank() -> Reading<'static> {
    Reading::default()
}

/// Borrowed both ways, and from there to prost's type, which reads the same from the bytes itself.
fn both_ways<'a, M, O>(message: M, bytes: &str)
where
    M: Message<'a> + PartialEq + std::fmt::Debug + Into<O>,
    O: prost::Message + Default + PartialEq + std::fmt::Debug,
{
    let bytes: &'static [u8] = hex(bytes).leak();
    assert_eq!(M::decode(bytes).unwrap(), message);
    let mut buf = [0xa5; 64];
    let len = message.encode(&mut buf).unwrap();
    assert_eq!(&buf[..len], bytes, "{message:?}");
    assert_eq!(O::decode(bytes).unwrap(), message.into());
}

fn hex(text: &str) -> Vec<u8> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

const BATCH: &str = "0a 02 18 02 0a 02 10 05 12 03 73 2d 31 1a 09 11 01 00 00 00 00 00 00 00 22 00 \
                     22 05 1d 01 00 00 00 2a 03 1a 01 02";

#[test]
fn records_are_shown_in_order_and_counted_in_the_message() {
    #[derive(Default)]
    struct Seen(Vec<i32>, Vec<u32>);
    impl BatchVisitor<'_> for Seen {
        fn readings(&mut self, record: &Reading<'_>) -> ControlFlow<()> {
            self.0.push(record.channel);
            ControlFlow::Continue(())
        }
        fn track(&mut self, record: &Position<'_>) -> ControlFlow<()> {
            self.1.push(record.z);
            ControlFlow::Continue(())
        }
    }
    let bytes = hex(BATCH);
    let mut seen = Seen::default();
    let batch = Batch::decode_each(&bytes, &Limits::SCHEMA, &mut seen).unwrap();
    assert_eq!((seen.0, seen.1), (vec![0, 5], vec![0, 1]));
    assert_eq!((batch.readings.count(), batch.track.count()), (2, 2));
    assert_eq!(batch, Batch::decode(&bytes).unwrap());
}

#[test]
fn an_opaque_field_is_its_bytes_and_another_layers_message() {
    let bytes = hex(BATCH);
    let envelope = Batch::decode(&bytes).unwrap().envelope.unwrap();
    assert_eq!(envelope, [0x1a, 1, 2]);
    assert_eq!(Envelope::decode(envelope).unwrap().seal, Some(&[2][..]));
    let twice = [&bytes[..], &hex("2a 00")].concat();
    assert_eq!(Batch::decode(&twice).unwrap_err().kind(), ErrorKind::Twice);
}

#[test]
fn what_a_oneof_may_not_hold_is_refused() {
    let refused = [
        ("22 00", ErrorKind::Empty, Some("word")),
        ("18 01 18 01", ErrorKind::Twice, Some("count")),
        ("18 01 3a 00", ErrorKind::Twice, Some("position")),
        (&format!("2a 41 {}", "00 ".repeat(65)), ErrorKind::MaxBytes, Some("blob")),
    ];
    for (bytes, kind, field) in refused {
        let error = Reading::decode(&hex(bytes)).unwrap_err();
        assert_eq!((error.kind(), error.field_name()), (kind, field), "{bytes}");
    }
    let empty = Reading { value: Some(ReadingValue::Word("")), ..blank() };
    assert_eq!(empty.encode(&mut [0; 8]).unwrap_err().kind(), ErrorKind::Empty);
}

#[test]
fn a_name_that_rust_has_a_use_for_is_a_name() {
    let vec = [r#type::Vec::default(); 2];
    let result = r#type::Result {
        self_: 1,
        r#gen: 2,
        value: Repeated::new(&vec),
        r#for: Some(r#type::ResultFor::Kind(r#type::Kind::SELF)),
        ..r#type::Result::default()
    };
    both_ways::<_, owned::Result>(result, "08 01 20 02 52 00 52 00 68 01");
}

#[test]
fn names_are_those_of_the_schema() {
    assert_eq!(Unit::KELVIN.name(), Some("UNIT_KELVIN"));
    assert_eq!(Unit::ABSOLUTE, Unit::KELVIN);
    assert_eq!(Unit::UNIT_2_PHASE.name(), Some("UNIT_2_PHASE"));
    assert_eq!(Unit(9).name(), None);
    assert_eq!(format!("{:?} {:?}", Unit::PASCAL, Unit(9)), "PASCAL 9");
    assert_eq!(ReadingPosition::DESCRIPTOR.name, "Reading.Position");
}

/// Worked out by hand: of the `oneof` only its largest member, `blob`, counts.
#[test]
fn the_longest_encoding_is_known() {
    // x, y, z, heading; three and three packed numbers; fooBar.
    assert_eq!(Position::MAX_ENCODED_LEN, 5 + 9 + 5 + 5 + (2 + 3 * 10) + (2 + 3) + 11);
    // blob; channel, quality, was; four packed enums; inner.
    assert_eq!(Reading::MAX_ENCODED_LEN, (2 + 64) + 11 + 11 + 11 + (2 + 4 * 10) + (2 + 5));
    assert_eq!(Batch::MAX_ENCODED_LEN, 1024 * 1024);
    assert_eq!(Nothing::MAX_ENCODED_LEN, 0);
}

#[test]
fn what_is_cut_is_noted_in_the_schemas_own_form() {
    let part = [0xee; 300];
    let parts = [&part[..]; 4];
    let envelope = Envelope { parts: Repeated::new(&parts), ..Default::default() };
    let mut buf = [0xa5; 2048];
    let len = envelope.encode(&mut buf).unwrap();
    let seen = Envelope::decode(&buf[..len]).unwrap();
    let lengths: Vec<_> = seen.parts.iter().map(<[u8]>::len).collect();
    assert_eq!(lengths, [300, 300, 300, 100]);
    let lost = [Loss { part: 2, why: LossWhy::CUT, told: "" }];
    assert_eq!(seen.losses, Repeated::new(&lost));
}
