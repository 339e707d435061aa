//! prost, generated from the same schema, reads and writes the same, and what it reads is what the
//! borrowed messages hold.

use eyelet_codec::runtime::ErrorClass;
use eyelet_codec::{Message, proto};
use eyelet_sensor::messages::{commands, prost as owned, readings};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

proptest! {
    #[test]
    fn what_prost_writes_is_read_and_written_again_to_the_byte(report in report(), command in command()) {
        same::<readings::Report<'_>, _>(&report)?;
        same::<commands::Command<'_>, _>(&command)?;
    }

    #[test]
    fn damaged_bytes_are_read_as_prost_reads_them_or_refused(
        report in report(),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = ::prost::Message::encode_to_vec(&report);
        for (place, value) in damage {
            *place.get_mut(&mut bytes) = value;
        }
        let theirs = <owned::Report as ::prost::Message>::decode(&bytes[..]);
        match readings::Report::decode(&bytes) {
            Ok(ours) => prop_assert_eq!(in_bytes(&owned::Report::from(ours)), in_bytes(&theirs.unwrap())),
            // What is over a limit is well-formed all the same.
            Err(error) if error.class() == ErrorClass::Limit => {}
            Err(error) => prop_assert!(theirs.is_err() || ours_alone(error.kind()), "{error}"),
        }
    }
}

/// Refused here, and let through changed or merged by prost.
fn ours_alone(kind: eyelet_codec::ErrorKind) -> bool {
    use eyelet_codec::ErrorKind::{Range, Twice, Varint};
    matches!(kind, Range | Twice | Varint)
}

#[test]
fn what_is_over_a_limit_is_not_decoded_to_an_owned_message() {
    let report = owned::Report { node: "n".repeat(17), ..Default::default() };
    let bytes = ::prost::Message::encode_to_vec(&report);
    let error = proto::decode::<owned::Report>(&bytes).unwrap_err();
    assert_eq!(error.to_string(), "Report.node: 17 bytes, at most 16");
    assert_eq!(<owned::Report as ::prost::Message>::decode(&bytes[..]).unwrap(), report);
}

fn same<'a, M, O>(owned: &O) -> Result<(), TestCaseError>
where
    M: Message<'a> + Into<O>,
    O: proto::Owned + PartialEq + Clone,
{
    // The borrowed message may live for as long as it says.
    let bytes: &'static [u8] = owned.encode_to_vec().leak();
    let borrowed = M::decode(bytes).unwrap();
    let mut buf = vec![0xa5; bytes.len()];
    prop_assert_eq!(borrowed.encode(&mut buf).unwrap(), bytes.len());
    prop_assert_eq!(&buf, bytes);
    prop_assert_eq!(in_bytes(&borrowed.into()), bytes);
    prop_assert_eq!(in_bytes(&proto::decode::<O>(bytes).unwrap()), bytes);
    Ok(())
}

/// Floats that are no number are equal in bytes alone.
fn in_bytes(message: &impl ::prost::Message) -> Vec<u8> {
    message.encode_to_vec()
}

prop_compose! {
    fn report()(
        node in "[a-z]{1,16}",
        (sequence, uptime_ms) in any::<(u32, u64)>(),
        readings in vec(reading(), 0..=8),
        status in option::of(status()),
        log in vec(".{0,8}", 0..=8),
        notes in vec((any::<u32>(), any::<i32>()), 0..=1),
    ) -> owned::Report {
        let notes = notes.into_iter().map(|(field, kind)| owned::Note { field, kind }).collect();
        owned::Report { node, sequence, uptime_ms, readings, status, log, notes }
    }
}

prop_compose! {
    fn reading()(
        (channel, offset_ms) in any::<(u32, i32)>(),
        value in option::of(value()),
        deviation: Option<f32>,
        samples in vec(any::<i32>(), 0..=64),
    ) -> owned::Reading {
        owned::Reading { channel, offset_ms, value, deviation, samples }
    }
}

fn value() -> impl Strategy<Value = owned::reading::Value> {
    use owned::reading::{Position, Value};
    let position = (any::<i32>(), any::<i32>(), any::<Option<i32>>());
    prop_oneof![
        any::<f32>().prop_map(Value::Celsius),
        any::<f64>().prop_map(Value::Pascal),
        any::<i64>().prop_map(Value::Steps),
        any::<bool>().prop_map(Value::Closed),
        any::<i32>().prop_map(Value::Fault),
        position.prop_map(|(latitude, longitude, altitude_mm)| {
            Value::Position(Position { latitude, longitude, altitude_mm })
        }),
        vec(any::<u8>(), 1..=32).prop_map(Value::Raw),
        ".{0,8}".prop_map(Value::Text),
    ]
}

prop_compose! {
    fn status()(
        (version, digest) in ("[ -~]{1,24}", vec(any::<u8>(), 0..=32)),
        (state, before, history) in (0..5, any::<Option<i32>>(), vec(any::<i32>(), 0..=8)),
        (signal, clock_offset, boot_time, serial) in any::<(i32, i64, i64, u64)>(),
        battery_mv: Option<u32>,
        watermarks in vec(any::<u32>(), 0..=4),
        inputs in vec(any::<bool>(), 0..=16),
        note in option::of("[äöü]{1,16}"),
    ) -> owned::Status {
        owned::Status {
            version, digest, state, before, signal, clock_offset, boot_time, serial, battery_mv,
            history, watermarks, inputs, note,
        }
    }
}

fn command() -> impl Strategy<Value = owned::Command> {
    use owned::command::Action;
    let action = prop_oneof![
        configure().prop_map(Action::Configure),
        update().prop_map(Action::Update),
        any::<i32>().prop_map(Action::Enter),
    ];
    (any::<u32>(), option::of(action)).prop_map(|(id, action)| owned::Command { id, action })
}

prop_compose! {
    fn configure()(
        interval_ms: Option<u32>,
        thresholds in vec((any::<u32>(), any::<Option<f32>>(), any::<Option<f32>>(), any::<f64>()), 0..=8),
        muted in vec(any::<u32>(), 0..=16),
        names in vec("[a-z]{1,12}", 0..=16),
    ) -> owned::Configure {
        let thresholds = thresholds.into_iter().map(|(channel, low, high, hysteresis)| {
            owned::Threshold { channel, low, high, hysteresis }
        });
        owned::Configure { interval_ms, thresholds: thresholds.collect(), muted, names }
    }
}

prop_compose! {
    fn update()(
        offset: u32,
        data in vec(any::<u8>(), 1..=256),
        signatures in vec(vec(any::<u8>(), 1..=64), 0..=2),
    ) -> owned::Update {
        owned::Update { offset, data, signatures }
    }
}
