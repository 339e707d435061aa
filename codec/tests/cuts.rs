//! What is over its limit is cut and noted where the schema lets an encoder do so, and refused
//! elsewhere: nothing is cut in silence.

use eyelet_codec::runtime::{decode_careful, encode_careful, encode_fast};
use eyelet_codec::{
    DetectionResult, ErrorKind, FieldNote, Limits, Message, NoteKind, ProcessRecord, Repeated,
};

const ROOM: usize = ProcessRecord::MAX_ENCODED_LEN + 1024;

/// Encodes, and decodes what came of it into `buf`.
fn through<'b>(record: &ProcessRecord<'_>, buf: &'b mut [u8]) -> ProcessRecord<'b> {
    let len = record.encode(buf).unwrap();
    decode_careful(&buf[..len], &Limits::SCHEMA).unwrap()
}

fn cut(field: u32) -> FieldNote {
    FieldNote { field, kind: NoteKind::CUT }
}

fn notes(record: &ProcessRecord<'_>) -> Vec<FieldNote> {
    record.notes.iter().collect()
}

#[test]
fn a_text_is_cut_at_a_character_and_noted() {
    let name = format!("{}é", "n".repeat(254));
    let record = ProcessRecord { name: &name, ..Default::default() };
    let mut buf = vec![0xa5; ROOM];
    let seen = through(&record, &mut buf);
    assert_eq!(seen.name, "n".repeat(254));
    assert_eq!(notes(&seen), [cut(3)]);
}

#[test]
fn what_fits_to_the_byte_is_not_cut() {
    let (name, path) = ("n".repeat(255), "p".repeat(4096));
    let record = ProcessRecord { name: &name, executable_path: Some(&path), ..Default::default() };
    let mut buf = vec![0xa5; ROOM];
    let seen = through(&record, &mut buf);
    assert_eq!((seen, notes(&seen)), (record, vec![]));
}

#[test]
fn bytes_are_cut_at_the_limit_and_noted() {
    let raw = [0xff; 4097];
    let record = ProcessRecord { name: "n", executable_path_raw: Some(&raw), ..Default::default() };
    let mut buf = vec![0xa5; ROOM];
    let seen = through(&record, &mut buf);
    assert_eq!(seen.executable_path_raw, Some(&raw[..4096]));
    assert_eq!(notes(&seen), [cut(22)]);
}

#[test]
fn of_a_value_that_no_byte_of_fits_nothing_is_made_up() {
    for (length, next) in [(20_480, "y"), (20_479, "\u{e9}")] {
        let long = "x".repeat(length);
        let arguments = [long.as_str(), next, "z"];
        let command_line = Repeated::new(&arguments);
        let record = ProcessRecord { name: "n", command_line, ..Default::default() };
        let mut buf = vec![0xa5; ROOM];
        let seen = through(&record, &mut buf);
        assert!(seen.command_line.iter().eq([long.as_str()]));
        assert_eq!(notes(&seen), [cut(5)]);
    }
}

#[test]
fn a_list_over_its_total_ends_in_what_fits_of_the_first_that_does_not() {
    let long = "x".repeat(20_000);
    let arguments = [long.as_str(), &long, "never seen"];
    let record =
        ProcessRecord { name: "n", command_line: Repeated::new(&arguments), ..Default::default() };
    let mut buf = vec![0xa5; ROOM];
    let seen = through(&record, &mut buf);
    let lengths: Vec<_> = seen.command_line.iter().map(str::len).collect();
    assert_eq!(lengths, [20_000, 480]);
    assert_eq!(notes(&seen), [cut(5)]);
}

#[test]
fn a_list_of_too_many_items_loses_the_last() {
    let arguments = vec![""; 1025];
    let record =
        ProcessRecord { name: "n", command_line: Repeated::new(&arguments), ..Default::default() };
    let mut buf = vec![0xa5; ROOM];
    let seen = through(&record, &mut buf);
    assert_eq!((seen.command_line.count(), notes(&seen)), (1024, vec![cut(5)]));
}

#[test]
fn a_note_that_is_there_is_not_written_twice_and_others_stay() {
    let name = "n".repeat(256);
    let said = [FieldNote { field: 4, kind: NoteKind::DENIED }, cut(3)];
    let record = ProcessRecord { name: &name, notes: Repeated::new(&said), ..Default::default() };
    let mut buf = vec![0xa5; ROOM];
    assert_eq!(notes(&through(&record, &mut buf)), said);
}

#[test]
fn without_room_for_the_note_nothing_is_cut() {
    let name = "n".repeat(256);
    let said: Vec<_> =
        (100..132).map(|field| FieldNote { field, kind: NoteKind::DENIED }).collect();
    let record = ProcessRecord { name: &name, notes: Repeated::new(&said), ..Default::default() };
    let error = record.encode(&mut vec![0; ROOM]).unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::MaxItems, 24));
}

#[test]
fn a_cut_in_one_record_is_not_noted_in_the_next() {
    let name = "n".repeat(256);
    let records = [
        ProcessRecord { name: &name, ..Default::default() },
        ProcessRecord { name: "n", ..Default::default() },
    ];
    let result = DetectionResult { processes: Repeated::new(&records), ..Default::default() };
    let mut buf = vec![0xa5; ROOM];
    let len = result.encode(&mut buf).unwrap();
    let seen = DetectionResult::decode(&buf[..len]).unwrap();
    let notes: Vec<_> = seen.processes.iter().map(|record| notes(&record)).collect();
    assert_eq!(notes, [vec![cut(3)], vec![]]);
}

#[test]
fn where_there_are_no_notes_a_text_that_was_cut_ends_in_an_ellipsis() {
    let message = "e".repeat(1025);
    let result = DetectionResult { error_message: Some(&message), ..Default::default() };
    let mut buf = [0xa5; 2048];
    let len = result.encode(&mut buf).unwrap();
    let seen = DetectionResult::decode(&buf[..len]).unwrap();
    assert_eq!(seen.error_message, Some(format!("{}…", "e".repeat(1021)).as_str()));
}

#[test]
fn what_may_not_be_cut_is_refused() {
    let entity_id = "e".repeat(97);
    let record = ProcessRecord { name: "n", entity_id: &entity_id, ..Default::default() };
    let error = record.encode(&mut [0; 256]).unwrap_err();
    assert_eq!(error.to_string(), "ProcessRecord.entity_id: 97 bytes, at most 96");
}

#[test]
fn the_fast_lane_leaves_cutting_to_the_careful_one() {
    let name = "n".repeat(256);
    let record = ProcessRecord { name: &name, ..Default::default() };
    let (mut fast, mut careful) = ([0; 512], [0; 512]);
    assert_eq!(encode_fast(&record, &mut fast), None);
    let len = encode_careful(&record, &mut careful).unwrap();
    assert_eq!(record.encode(&mut fast), Ok(len));
    assert_eq!(fast[..len], careful[..len]);
}
