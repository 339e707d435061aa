//! `MAX_ENCODED_LEN` is what the longest message takes: not a byte less, or a buffer would be too small;
//! not a byte more, or memory would be wasted.

use eyelet_codec::{Message, Repeated};
use eyelet_sensor::messages::commands::{Command, CommandAction, Configure, Threshold, Update};
use eyelet_sensor::messages::readings::{
    Fault, Note, NoteKind, Reading, ReadingPosition, ReadingValue, Report, State, Status,
};
use eyelet_sensor::{MAX_REPORT, Node};

const TEXT: &str = "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww";
const POSITION: ReadingPosition =
    ReadingPosition { latitude: -1, longitude: -1, altitude_mm: Some(i32::MIN) };
const READING: Reading<'_> = Reading {
    channel: u32::MAX,
    offset_ms: i32::MIN,
    value: Some(ReadingValue::Text(TEXT)),
    deviation: Some(-0.0),
    samples: Repeated::new(&[i32::MIN; 64]),
};
/// A negative number of an enum takes ten bytes.
const STATE: State = State(-1);
const STATUS: Status<'_> = Status {
    version: TEXT.split_at(24).0,
    digest: TEXT.as_bytes(),
    state: STATE,
    before: Some(STATE),
    signal: -1,
    clock_offset: -1,
    boot_time: -1,
    serial: 1,
    battery_mv: Some(u32::MAX),
    history: Repeated::new(&[STATE; 8]),
    watermarks: Repeated::new(&[0; 4]),
    inputs: Repeated::new(&[false; 16]),
    note: Some(TEXT),
};
const NOTE: Note = Note { field: u32::MAX, kind: NoteKind(-1) };
const REPORT: Report<'_> = Report {
    node: TEXT.split_at(16).0,
    sequence: 1,
    uptime_ms: u64::MAX,
    readings: Repeated::new(&[READING; 32]),
    status: Some(STATUS),
    log: Repeated::new(&[TEXT; 8]),
    notes: Repeated::new(&[NOTE]),
};
const THRESHOLD: Threshold =
    Threshold { channel: u32::MAX, low: Some(0.0), high: Some(0.0), hysteresis: -0.0 };
const CONFIGURE: Configure<'_> = Configure {
    interval_ms: Some(u32::MAX),
    thresholds: Repeated::new(&[THRESHOLD; 8]),
    muted: Repeated::new(&[u32::MAX; 16]),
    names: Repeated::new(&["nnnnnnnnnnnn"; 16]),
};
const UPDATE: Update<'_> = Update {
    offset: u32::MAX,
    data: &[0; 256],
    signatures: Repeated::new(&[&[0_u8; 64] as &[u8]; 2]),
};

#[test]
fn the_longest_message_takes_what_is_stated() {
    longest(POSITION);
    longest(READING);
    longest(STATUS);
    longest(NOTE);
    longest(REPORT);
    longest(THRESHOLD);
    longest(CONFIGURE);
    longest(UPDATE);
    longest(Command { id: u32::MAX, action: Some(CommandAction::Configure(CONFIGURE)) });
}

/// Of a `oneof` only the longest member counts, and here that is the one above.
#[test]
fn no_other_member_is_longer() {
    for value in [
        ReadingValue::Celsius(-0.0),
        ReadingValue::Pascal(-0.0),
        ReadingValue::Steps(i64::MIN),
        ReadingValue::Closed(true),
        ReadingValue::Position(POSITION),
        ReadingValue::Fault(Fault(-1)),
        ReadingValue::Raw(TEXT.as_bytes()),
    ] {
        let reading = Reading { value: Some(value), ..READING };
        assert!(encoded(reading) <= Reading::MAX_ENCODED_LEN, "{value:?}");
    }
    for action in [CommandAction::Update(UPDATE), CommandAction::Enter(STATE)] {
        let command = Command { id: u32::MAX, action: Some(action) };
        assert!(encoded(command) <= Command::MAX_ENCODED_LEN, "{action:?}");
    }
}

#[test]
fn the_longest_report_of_a_node_fits_its_buffer() {
    let mut node = Node::new(REPORT.node);
    let mut out = [0xa5; MAX_REPORT];
    let len = node.report(u64::MAX, &[READING; 32], &mut out).unwrap();
    assert!(len > 32 * Reading::MAX_ENCODED_LEN);
}

fn longest<'a, M: Message<'a>>(message: M) {
    assert_eq!(encoded(message), M::MAX_ENCODED_LEN, "{}", M::DESCRIPTOR.name);
}

fn encoded<'a, M: Message<'a>>(message: M) -> usize {
    let mut buf = [0xa5; Report::MAX_ENCODED_LEN];
    message.encode(&mut buf[..M::MAX_ENCODED_LEN]).unwrap()
}
