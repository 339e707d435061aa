//! What is encoded is decoded to the same, framed and byte by byte; whatever else is on the line does no
//! harm.

use eyelet_codec::{Message, Repeated};
use eyelet_sensor::messages::commands::{Command, CommandAction, Configure, Threshold, Update};
use eyelet_sensor::messages::readings::{
    Fault, Reading, ReadingPosition, ReadingValue, Report, State, Status,
};
use eyelet_sensor::{Inbox, Node};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// A reading that owns what the message borrows.
#[derive(Clone, Debug)]
struct OwnedReading {
    channel: u32,
    offset_ms: i32,
    value: Option<OwnedValue>,
    deviation: Option<f32>,
    samples: Vec<i32>,
}

#[derive(Clone, Debug)]
enum OwnedValue {
    Number(ReadingValue<'static>),
    Raw(Vec<u8>),
    Text(String),
}

impl OwnedReading {
    fn borrowed(&self) -> Reading<'_> {
        let value = self.value.as_ref().map(|value| match value {
            OwnedValue::Number(number) => *number,
            OwnedValue::Raw(raw) => ReadingValue::Raw(raw),
            OwnedValue::Text(text) => ReadingValue::Text(text),
        });
        let &Self { channel, offset_ms, deviation, .. } = self;
        Reading { channel, offset_ms, value, deviation, samples: Repeated::new(&self.samples) }
    }
}

proptest! {
    #[test]
    fn a_report_is_read_as_it_was_written(
        node in "[a-z]{1,16}",
        sequence: u32,
        uptime_ms: u64,
        readings in vec(reading(), 0..=32),
        (version, digest) in ("[ -~]{1,24}", vec(any::<u8>(), 0..=32)),
        (state, before, history) in (state(), option::of(state()), vec(state(), 0..=8)),
        (signal, clock_offset, boot_time, serial) in any::<(i32, i64, i64, u64)>(),
        battery_mv: Option<u32>,
        watermarks in vec(any::<u32>(), 0..=4),
        inputs in vec(any::<bool>(), 0..=16),
        note in option::of("[äöü]{1,16}"),
        log in vec(".{0,8}", 0..=8),
    ) {
        let readings: Vec<_> = readings.iter().map(OwnedReading::borrowed).collect();
        let log: Vec<_> = log.iter().map(String::as_str).collect();
        let status = Status {
            version: &version,
            digest: &digest,
            state,
            before,
            signal,
            clock_offset,
            boot_time,
            serial,
            battery_mv,
            history: Repeated::new(&history),
            watermarks: Repeated::new(&watermarks),
            inputs: Repeated::new(&inputs),
            note: note.as_deref(),
        };
        both_ways(Report {
            node: &node,
            sequence,
            uptime_ms,
            readings: Repeated::new(&readings),
            status: Some(status),
            log: Repeated::new(&log),
            ..Default::default()
        })?;
    }

    #[test]
    fn a_command_is_read_as_it_was_written(
        id: u32,
        interval_ms: Option<u32>,
        thresholds in vec((any::<u32>(), option::of(number()), option::of(number())), 0..=8),
        muted in vec(any::<u32>(), 0..=16),
        names in vec("[a-z]{1,12}", 0..=16),
        offset: u32,
        data in vec(any::<u8>(), 1..=256),
        signatures in vec(vec(any::<u8>(), 1..=64), 0..=2),
        state in state(),
    ) {
        let thresholds: Vec<_> = thresholds
            .into_iter()
            .map(|(channel, low, high)| Threshold { channel, low, high, hysteresis: 0.25 })
            .collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let signatures: Vec<_> = signatures.iter().map(Vec::as_slice).collect();
        let configure = Configure {
            interval_ms,
            thresholds: Repeated::new(&thresholds),
            muted: Repeated::new(&muted),
            names: Repeated::new(&names),
        };
        let update = Update { offset, data: &data, signatures: Repeated::new(&signatures) };
        for action in [
            Some(CommandAction::Configure(configure)),
            Some(CommandAction::Update(update)),
            Some(CommandAction::Enter(state)),
            None,
        ] {
            both_ways(Command { id, action })?;
        }
    }

    #[test]
    fn a_report_in_a_frame_is_the_readings_that_were_given(
        readings in vec(reading(), 0..=32),
        uptime_ms: u64,
    ) {
        let readings: Vec<_> = readings.iter().map(OwnedReading::borrowed).collect();
        let mut out = vec![0xa5; eyelet_sensor::MAX_REPORT];
        let len = Node::new("n").report(uptime_ms, &readings, &mut out).unwrap();
        let frame = eyelet_codec::frame::decode(&out[..len], 65_536).unwrap();
        let eyelet_codec::frame::Decoded::Frame { body, consumed } = frame else { panic!("{frame:?}") };
        prop_assert_eq!(consumed, len);
        let report = Report::decode(body).unwrap();
        prop_assert_eq!(report.readings, Repeated::new(&readings));
    }

    #[test]
    fn a_line_of_noise_is_no_command_and_no_harm(noise in vec(any::<u8>(), 0..2000)) {
        let mut inbox = Inbox::new();
        for byte in noise {
            if inbox.receive(byte).is_err() {
                inbox.clear();
            }
        }
    }
}

#[test]
fn a_command_comes_with_its_last_byte_and_not_before() {
    let command = Command { id: 300, action: Some(CommandAction::Enter(State::UPDATING)) };
    let (mut body, mut bytes) = ([0xa5; 16], [0xa5; 32]);
    let len = command.encode(&mut body).unwrap();
    let len = eyelet_codec::frame::encode(&body[..len], &mut bytes).unwrap();
    let mut inbox = Inbox::new();
    for _ in 0..3 {
        let (last, others) = bytes[..len].split_last().unwrap();
        for &byte in others {
            assert_eq!(inbox.receive(byte), Ok(None));
        }
        assert_eq!(inbox.receive(*last), Ok(Some(command)));
    }
}

fn both_ways<'a, M: Message<'a> + PartialEq + std::fmt::Debug>(
    message: M,
) -> Result<(), TestCaseError> {
    let mut buf = vec![0xa5; M::MAX_ENCODED_LEN];
    let len = message.encode(&mut buf).unwrap();
    // Decoded, it borrows for as long as what was encoded does.
    let bytes: &'static [u8] = buf[..len].to_vec().leak();
    prop_assert_eq!(M::decode(bytes).unwrap(), message);
    Ok(())
}

fn reading() -> impl Strategy<Value = OwnedReading> {
    let samples = vec(any::<i32>(), 0..=64);
    (any::<u32>(), any::<i32>(), option::of(value()), option::of(number()), samples).prop_map(
        |(channel, offset_ms, value, deviation, samples)| OwnedReading {
            channel,
            offset_ms,
            value,
            deviation,
            samples,
        },
    )
}

fn value() -> impl Strategy<Value = OwnedValue> {
    let position = (any::<i32>(), any::<i32>(), any::<Option<i32>>());
    let position = position.prop_map(|(latitude, longitude, altitude_mm)| {
        ReadingValue::Position(ReadingPosition { latitude, longitude, altitude_mm })
    });
    prop_oneof![
        number().prop_map(|celsius| OwnedValue::Number(ReadingValue::Celsius(celsius))),
        number().prop_map(|pascal| OwnedValue::Number(ReadingValue::Pascal(pascal.into()))),
        any::<i64>().prop_map(|steps| OwnedValue::Number(ReadingValue::Steps(steps))),
        any::<bool>().prop_map(|closed| OwnedValue::Number(ReadingValue::Closed(closed))),
        any::<i32>().prop_map(|fault| OwnedValue::Number(ReadingValue::Fault(Fault(fault)))),
        position.prop_map(OwnedValue::Number),
        vec(any::<u8>(), 1..=32).prop_map(OwnedValue::Raw),
        ".{0,8}".prop_map(OwnedValue::Text),
    ]
}

/// Not a number is unequal to itself; it goes through as bits like any other.
fn number() -> impl Strategy<Value = f32> {
    any::<f32>().prop_filter("equal to itself", |number| !number.is_nan())
}

/// Those of a later schema, too.
fn state() -> impl Strategy<Value = State> {
    prop_oneof![3 => (0..4).prop_map(State), 1 => any::<i32>().prop_map(State)]
}
