//! Every limit that the schema states holds both ways: what is over it is neither written nor read.

use std::collections::BTreeSet;
use std::fmt::Debug;

use eyelet_codec::ErrorKind::{Empty, MaxBytes, MaxItems, MaxTotalBytes};
use eyelet_codec::runtime::{Descriptor, Field, OnExcess};
use eyelet_codec::{ErrorKind, Message, Repeated};
use eyelet_sensor::messages::commands::{Command, Configure, Threshold, Update};
use eyelet_sensor::messages::readings::{
    Note, NoteKind, Reading, ReadingPosition, ReadingValue, Report, State, Status,
};

#[test]
fn what_is_over_a_limit_is_never_read_nor_written_as_it_is() {
    let mut seen = Seen::default();
    report(&mut seen);
    reading(&mut seen);
    status(&mut seen);
    configure(&mut seen);
    update(&mut seen);
    assert_eq!(seen.0, stated(), "a limit is untested");
}

#[test]
fn what_is_cut_is_noted() {
    for log in [&[text(65)][..], &[""; 9], &[text(64); 5]] {
        let report = Report { node: "n", log: Repeated::new(log), ..Report::default() };
        let mut buf = [0xa5; 512];
        let len = report.encode(&mut buf).unwrap();
        let seen = Report::decode(&buf[..len]).unwrap();
        let note = Note { field: Report::LOG.number, kind: NoteKind::CUT };
        assert_eq!(seen.notes, Repeated::new(&[note]), "{seen:?}");
    }
}

fn report(seen: &mut Seen) {
    let fine = Report { node: "n", ..Report::default() };
    seen.refused(MaxBytes, &Report::NODE, Report { node: text(17), ..fine }, &field(1, text(17)));
    seen.refused(Empty, &Report::NODE, Report { node: "", ..fine }, &[]);

    let readings = [Reading::default(); 33];
    let many = Report { readings: Repeated::new(&readings), ..fine };
    let bytes = [field(1, "n"), field(4, "").repeat(33)].concat();
    seen.refused(MaxItems, &Report::READINGS, many, &bytes);

    let logs: [(_, &[_]); 3] = [
        (MaxBytes, &[text(65)]),
        (MaxItems, &[""; 9]),
        (MaxTotalBytes, &[text(64), text(64), text(64), text(64), text(1)]),
    ];
    let notes = [Note::default(); 2];
    let bytes = [field(1, "n"), fields(7, &["", ""])].concat();
    seen.refused(MaxItems, &Report::NOTES, Report { notes: Repeated::new(&notes), ..fine }, &bytes);
    for (kind, lines) in logs {
        let bytes = [field(1, "n"), fields(6, lines)].concat();
        seen.refused(kind, &Report::LOG, Report { log: Repeated::new(lines), ..fine }, &bytes);
    }
}

fn reading(seen: &mut Seen) {
    let with = |value| Reading { value: Some(value), ..Reading::default() };
    let raw = |raw: &'static str| with(ReadingValue::Raw(raw.as_bytes()));
    seen.refused(MaxBytes, &Reading::RAW, raw(text(33)), &field(9, text(33)));
    seen.refused(Empty, &Reading::RAW, raw(""), &field(9, ""));
    let long = with(ReadingValue::Text(text(33)));
    seen.refused(MaxBytes, &Reading::TEXT, long, &field(10, text(33)));
    let many = Reading { samples: Repeated::new(&[-1; 65]), ..Reading::default() };
    seen.refused(MaxItems, &Reading::SAMPLES, many, &field(12, "\x01".repeat(65)));
}

fn status(seen: &mut Seen) {
    let fine = Status { version: "v", ..Status::default() };
    let mut refused = |kind, limited, status, number, value: &str| {
        seen.refused(kind, limited, status, &[field(1, "v"), field(number, value)].concat());
    };
    let digest = text(33).as_bytes();
    refused(MaxBytes, &Status::VERSION, Status { version: text(25), ..fine }, 1, text(25));
    refused(Empty, &Status::VERSION, Status { version: "", ..fine }, 1, "");
    refused(MaxBytes, &Status::DIGEST, Status { digest, ..fine }, 2, text(33));
    refused(MaxBytes, &Status::NOTE, Status { note: Some(text(33)), ..fine }, 13, text(33));
    refused(Empty, &Status::NOTE, Status { note: Some(""), ..fine }, 13, "");

    let history = Status { history: Repeated::new(&[State::FAILED; 9]), ..fine };
    refused(MaxItems, &Status::HISTORY, history, 10, &"\x03".repeat(9));
    let watermarks = Status { watermarks: Repeated::new(&[0; 5]), ..fine };
    refused(MaxItems, &Status::WATERMARKS, watermarks, 11, &"\0".repeat(4 * 5));
    let inputs = Status { inputs: Repeated::new(&[true; 17]), ..fine };
    refused(MaxItems, &Status::INPUTS, inputs, 12, &"\x01".repeat(17));
}

fn configure(seen: &mut Seen) {
    let fine = Configure::default();
    let thresholds = [Threshold::default(); 9];
    let many = Configure { thresholds: Repeated::new(&thresholds), ..fine };
    seen.refused(MaxItems, &Configure::THRESHOLDS, many, &field(2, "").repeat(9));
    let many = Configure { muted: Repeated::new(&[1; 17]), ..fine };
    seen.refused(MaxItems, &Configure::MUTED, many, &field(3, "\x01".repeat(17)));
    let all: [(_, &[_]); 3] = [(MaxBytes, &[text(13)]), (MaxItems, &["n"; 17]), (Empty, &[""])];
    for (kind, names) in all {
        let configure = Configure { names: Repeated::new(names), ..fine };
        seen.refused(kind, &Configure::NAMES, configure, &fields(4, names));
    }
}

fn update(seen: &mut Seen) {
    let fine = Update { data: b"d", ..Update::default() };
    let long = Update { data: text(257).as_bytes(), ..fine };
    seen.refused(MaxBytes, &Update::DATA, long, &field(2, text(257)));
    seen.refused(Empty, &Update::DATA, Update::default(), &[]);
    let all: [(_, &[_]); 3] = [(MaxBytes, &[text(65)]), (MaxItems, &["s"; 3]), (Empty, &[""])];
    for (kind, signatures) in all {
        let bytes = [field(2, "d"), fields(3, signatures)].concat();
        let signatures: Vec<_> = signatures.iter().map(|signature| signature.as_bytes()).collect();
        let update = Update { signatures: Repeated::new(&signatures), ..fine };
        seen.refused(kind, &Update::SIGNATURES, update, &bytes);
    }
}

/// Message, field and kind of error of what was refused.
#[derive(Default)]
struct Seen(BTreeSet<(&'static str, &'static str, String)>);

impl Seen {
    /// By the encoder that is given `message`, and by the decoder that is given `bytes`.
    fn refused<'a, M: Message<'a> + Debug>(
        &mut self,
        kind: ErrorKind,
        field: &Field,
        message: M,
        bytes: &[u8],
    ) {
        let (limit, seen) = match kind {
            MaxBytes => (field.max_bytes, field.max_bytes + 1),
            MaxItems => (field.max_items, field.max_items + 1),
            MaxTotalBytes => (field.max_total_bytes, field.max_total_bytes + 1),
            _ => (1, 0),
        };
        let written = message.encode(&mut [0xa5; 2048]);
        assert_eq!(written.is_ok(), field.on_excess == OnExcess::Cut, "refused, or cut");
        // As long-lived as the message may be.
        let read = M::decode(bytes.to_vec().leak()).expect_err("is over a limit");
        for error in written.err().into_iter().chain([read]) {
            let found = (error.kind(), error.field(), error.limit(), error.seen());
            assert_eq!(found, (kind, field.number, limit.into(), seen.into()), "{error}");
        }
        self.0.insert((M::DESCRIPTOR.name, field.name, format!("{kind:?}")));
    }
}

/// What the generated descriptors state.
fn stated() -> BTreeSet<(&'static str, &'static str, String)> {
    let messages: [&Descriptor; 9] = [
        Report::DESCRIPTOR,
        Note::DESCRIPTOR,
        Reading::DESCRIPTOR,
        ReadingPosition::DESCRIPTOR,
        Status::DESCRIPTOR,
        Command::DESCRIPTOR,
        Configure::DESCRIPTOR,
        Threshold::DESCRIPTOR,
        Update::DESCRIPTOR,
    ];
    let mut stated = BTreeSet::new();
    for (message, field) in messages.iter().flat_map(|m| m.fields.iter().map(move |f| (m, f))) {
        for (kind, applies) in [
            (MaxBytes, field.max_bytes != u32::MAX),
            (MaxItems, field.max_items != u32::MAX),
            (MaxTotalBytes, field.max_total_bytes != u32::MAX),
            (Empty, field.non_empty),
        ] {
            if applies {
                stated.insert((message.name, field.name, format!("{kind:?}")));
            }
        }
    }
    stated
}

fn text(len: usize) -> &'static str {
    "x".repeat(len).leak()
}

fn fields(number: u8, values: &[&str]) -> Vec<u8> {
    values.iter().flat_map(|value| field(number, value)).collect()
}

/// A field of wire type 2; its number is below 16.
fn field(number: u8, value: impl AsRef<str>) -> Vec<u8> {
    let value = value.as_ref().as_bytes();
    let [low, high] =
        [value.len() & 0x7f, value.len() >> 7].map(|part| u8::try_from(part).unwrap());
    let len = if high == 0 { vec![low] } else { vec![low | 0x80, high] };
    [&[number << 3 | 2], &len[..], value].concat()
}
