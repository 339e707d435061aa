//! The schema's messages, against bytes that Python's protobuf wrote.

use std::fmt::Debug;
use std::ops::ControlFlow;

use eyelet_codec::{
    Cancel, Coverage, Credit, DetectionResult, DetectionResultVisitor, DetectionTask, ErrorKind,
    EventKind, EventSource, Fault, FaultCode, FieldNote, Finding, FindingKind, GoAway, HashCheck,
    HashResult, Hello, Limits, Message, MessageError, NoteKind, Packet, PacketBody, Ping,
    ProcessEvent, ProcessFilter, ProcessRecord, Repeated, Role, TaskType,
};

const TASK: &str = "0a 03 74 2d 31 10 03 1a 16 0a 02 73 68 0a 02 c3 a9 12 03 01 ac 02 1a 07 2f 75 73 \
                    72 2f 2a 2a 22 17 0a 04 30 30 66 66 12 06 73 68 61 32 35 36 1a 07 2f 62 69 6e \
                    2f 73 68 2a 00 48 00 50 88 27";

const RECORD: &str = "08 ff ff ff ff 0f 10 00 1a 02 73 68 22 07 2f 62 69 6e 2f 73 68 2a 02 73 68 2a 00 \
                      2a 02 2d 63 30 ff ff ff ff ff ff ff ff ff 01 39 00 00 00 00 00 00 f8 7f 40 ff \
                      ff ff ff ff ff ff ff ff 01 4a 02 61 62 52 06 73 68 61 32 35 36 5a 01 30 60 01 \
                      68 01 70 80 d0 95 ff bc 31 80 01 01 a2 01 01 65 aa 01 01 ff b2 01 02 2f fe ba \
                      01 00 ba 01 01 80 c2 01 04 08 07 10 03 c2 01 02 10 63";

const RESULT: &str = "0a 03 74 2d 31 10 01 22 05 08 01 1a 01 61 22 05 08 02 1a 01 62 2a 23 0a 02 61 62 \
                      12 06 73 68 61 32 35 36 1a 02 2f 78 20 01 a0 01 00 a8 01 07 b0 01 80 80 80 80 \
                      80 20 b8 01 01 4a 18 08 03 10 05 1a 05 08 03 1a 01 63 20 ff ff ff ff ff ff ff \
                      ff ff 01 28 09 52 13 08 03 10 02 18 01 20 04 28 05 30 06 38 07 40 01 48 f4 03 \
                      5a 11 08 02 10 09 1a 02 2f 79 22 01 61 2a 01 62 32 01 64 62 06 2a 04 67 6f 6e \
                      65";

fn task() -> DetectionTask<'static> {
    DetectionTask {
        task_id: "t-1",
        task_type: TaskType::VERIFY_EXECUTABLE,
        process_filter: Some(ProcessFilter {
            process_names: Repeated::new(&["sh", "é"]),
            pids: Repeated::new(&[1, 300]),
            executable_pattern: Some("/usr/**"),
        }),
        hash_check: Some(HashCheck {
            expected_hash: "00ff",
            hash_algorithm: "sha256",
            executable_path: "/bin/sh",
        }),
        metadata: Some(""),
        duration_ms: Some(0),
        deadline_ms: Some(5000),
    }
}

const NOTES: [FieldNote; 2] = [
    FieldNote { field: 7, kind: NoteKind::DENIED },
    // A number that this schema has no name for.
    FieldNote { field: 0, kind: NoteKind(99) },
];

fn record() -> ProcessRecord<'static> {
    ProcessRecord {
        pid: u32::MAX,
        ppid: Some(0),
        name: "sh",
        executable_path: Some("/bin/sh"),
        command_line: Repeated::nul_terminated("sh\0\0-c\0"),
        start_time: Some(-1),
        cpu_usage: Some(f64::NAN),
        memory_usage: Some(u64::MAX),
        executable_hash: Some("ab"),
        hash_algorithm: Some("sha256"),
        user_id: Some("0"),
        accessible: true,
        file_exists: true,
        collection_time: 1_700_000_000_000,
        on_disk_mismatch: true,
        entity_id: "e",
        name_raw: Some(b"\xff"),
        executable_path_raw: Some(b"/\xfe"),
        command_line_raw: Repeated::nul_terminated_bytes(b"\0\x80"),
        notes: Repeated::new(&NOTES),
    }
}

fn named(pid: u32, name: &str) -> ProcessRecord<'_> {
    ProcessRecord { pid, name, ..Default::default() }
}

/// Calls `check` with a result that has something in each field but `error_message`.
fn with_result(check: impl FnOnce(DetectionResult<'_>)) {
    let processes = [named(1, "a"), named(2, "b")];
    let events = [ProcessEvent {
        kind: EventKind::EXITED,
        time: 5,
        process: Some(named(3, "c")),
        exit_code: Some(-1),
        signal: Some(9),
    }];
    let findings = [Finding {
        kind: FindingKind::DELETED,
        pid: Some(9),
        path: "/y",
        expected: Some("a"),
        actual: Some("b"),
        detail: "d",
    }];
    let hash_results = [HashResult { error_message: Some("gone"), ..Default::default() }];
    check(DetectionResult {
        task_id: "t-1",
        success: true,
        error_message: None,
        processes: Repeated::new(&processes),
        hash_result: Some(HashResult {
            hash_value: "ab",
            algorithm: "sha256",
            file_path: "/x",
            success: true,
            error_message: None,
            matched: Some(false),
            pid: Some(7),
            size: Some(1 << 40),
            changed_while_read: true,
        }),
        events: Repeated::new(&events),
        coverage: Some(Coverage {
            seen: 3,
            matched: 2,
            denied: 1,
            vanished: 4,
            cut: 5,
            left_out: 6,
            events_dropped: 7,
            source: EventSource::POLLED,
            poll_interval_ms: 500,
        }),
        findings: Repeated::new(&findings),
        hash_results: Repeated::new(&hash_results),
    });
}

fn hex(text: &str) -> Vec<u8> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

fn both_ways<'a, M: Message<'a> + PartialEq + Debug>(message: M, bytes: &'a [u8]) {
    assert_eq!(encoded(message), bytes, "{message:?}");
    assert_eq!(M::decode(bytes).unwrap(), message);
}

fn encoded<'a>(message: impl Message<'a>) -> Vec<u8> {
    let mut buf = vec![0xa5; 64 * 1024];
    let len = message.encode(&mut buf).unwrap();
    buf.truncate(len);
    buf
}

#[test]
fn a_task_is_read_and_written_as_protobuf_has_it() {
    both_ways(task(), &hex(TASK));
    both_ways(DetectionTask::default(), &[]);
}

#[test]
fn a_record_is_read_and_written_as_protobuf_has_it() {
    let bytes = hex(RECORD);
    assert_eq!(encoded(record()), bytes);
    let mut got = ProcessRecord::decode(&bytes).unwrap();
    let usage = got.cpu_usage.replace(0.5).unwrap();
    assert_eq!(usage.to_bits(), 0x7ff8_0000_0000_0000);
    assert_eq!(got, ProcessRecord { cpu_usage: Some(0.5), ..record() });
}

#[test]
fn a_result_is_read_and_written_as_protobuf_has_it() {
    with_result(|result| both_ways(result, &hex(RESULT)));
    let failed = DetectionResult { error_message: Some("no"), ..Default::default() };
    both_ways(failed, &hex("1a 02 6e 6f"));
}

#[test]
fn every_packet_is_read_and_written_as_protobuf_has_it() {
    let packet = |stream, body| Packet { stream, more: false, body: Some(body) };
    let hello = Hello {
        version_min: 1,
        version_max: 1,
        max_frame: 65_536,
        max_streams: 64,
        credit: 262_144,
        software: "x",
        tasks: Repeated::new(&[TaskType::ENUMERATE_PROCESSES, TaskType::CHECK_PROCESS_HASH]),
        role: Role::COLLECTOR,
    };
    let fault = Fault {
        code: FaultCode::INVALID,
        message: "m",
        field: Some("f"),
        limit: Some(1),
        seen: Some(2),
    };
    let go_away = GoAway { reason: "bye", last_stream: 5 };
    let more = Packet { more: true, ..packet(3, PacketBody::Result(&[0x10, 1])) };
    for (packet, bytes) in [
        (
            packet(0, PacketBody::Hello(hello)),
            "1a 17 08 01 10 01 18 80 80 04 20 40 28 80 80 10 32 01 78 3a 02 00 01 40 02",
        ),
        (packet(1, PacketBody::Task(&[0x0a, 1, b'a'])), "08 01 22 03 0a 01 61"),
        (more, "08 03 10 01 2a 02 10 01"),
        (packet(0, PacketBody::Fault(fault)), "32 0c 08 09 12 01 6d 1a 01 66 20 01 28 02"),
        (packet(1, PacketBody::Credit(Credit { total: 300 })), "08 01 3a 03 08 ac 02"),
        (packet(1, PacketBody::Cancel(Cancel {})), "08 01 42 00"),
        (packet(0, PacketBody::Ping(Ping { nonce: 1 })), "4a 09 09 01 00 00 00 00 00 00 00"),
        (packet(0, PacketBody::Pong(Ping { nonce: 0 })), "52 00"),
        (packet(0, PacketBody::GoAway(go_away)), "5a 07 0a 03 62 79 65 10 05"),
    ] {
        both_ways(packet, &hex(bytes));
    }
}

#[test]
fn the_order_of_fields_is_free_and_unknown_ones_are_skipped() {
    let result = hex("10 00 98 06 01 10 01 9a 06 02 ff ff 0a 01 61 9d 06 00 00 00 00");
    let got = DetectionResult::decode(&result).unwrap();
    assert_eq!(got, DetectionResult { task_id: "a", success: true, ..Default::default() });
}

#[test]
fn every_prefix_is_a_shorter_message_or_refused_as_truncated() {
    let bytes = hex(RESULT);
    for len in 0..bytes.len() {
        match DetectionResult::decode(&bytes[..len]) {
            Ok(shorter) => assert!(encoded(shorter).len() <= len),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Truncated, "{len}: {error}"),
        }
    }
}

fn refusal<'a, M: Message<'a> + Debug>(bytes: &str) -> MessageError {
    M::decode(hex(bytes).leak()).unwrap_err()
}

#[test]
fn what_is_malformed_is_refused_at_its_field() {
    let number = refusal::<DetectionTask<'_>>;
    let record = refusal::<ProcessRecord<'_>>;
    let packet = refusal::<Packet<'_>>;
    for (error, kind, said) in [
        (
            number("0a 05 61"),
            ErrorKind::Truncated,
            "DetectionTask.task_id: ends after 1 of 5 bytes",
        ),
        (
            number("48 80 80 80 80 80 80 80 80 80 80 00"),
            ErrorKind::Varint,
            "DetectionTask.duration_ms: a varint of more than 10 bytes or 64 bits",
        ),
        (number("00 00"), ErrorKind::FieldNumber, "DetectionTask: a field number out of range"),
        (
            number("0b"),
            ErrorKind::Group,
            "DetectionTask.task_id: a group, which proto3 does not have",
        ),
        (number("08 01"), ErrorKind::WireType, "DetectionTask.task_id: wire type 0, not 2"),
        (
            number("48 80 80 80 80 10"),
            ErrorKind::Range,
            "DetectionTask.duration_ms: 4294967296 is out of range, at most 4294967295",
        ),
        (
            number("10 80 80 80 80 08"),
            ErrorKind::Range,
            "DetectionTask.task_type: 2147483648 is out of range, at most 2147483647",
        ),
        (
            record("60 02"),
            ErrorKind::Range,
            "ProcessRecord.accessible: 2 is out of range, at most 1",
        ),
        (number("0a 01 ff"), ErrorKind::Utf8, "DetectionTask.task_id: text that is not UTF-8"),
        (number("1a 00 1a 00"), ErrorKind::Twice, "DetectionTask.process_filter: occurs twice"),
        (packet("42 00 4a 00"), ErrorKind::Twice, "Packet.ping: occurs twice"),
        (packet("22 00 22 00"), ErrorKind::Twice, "Packet.task: occurs twice"),
    ] {
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, said));
    }
}

#[test]
fn each_limit_is_held_when_reading_and_when_writing() {
    let long = "x".repeat(129);
    let id = DetectionTask { task_id: &long, ..Default::default() };
    let id = refused(id, &[&hex("0a 81 01"), long.as_bytes()].concat());

    let items = refused(filter(&["x"; 257]), &hex("0a 01 78").repeat(257));

    let full = vec![&long[..64]; 256];
    assert!(filter(&full).encode(&mut vec![0; 32 * 1024]).is_ok(), "16,384 bytes are allowed");
    let over = [&full[1..], &[&long[..65]]].concat();
    let bytes: Vec<_> = over.iter().flat_map(|name| string(name)).collect();
    let total = refused(filter(&over), &bytes);

    let pids = vec![1; 1025];
    let pids = ProcessFilter { pids: Repeated::new(&pids), ..Default::default() };
    let numbers = refused(pids, &[hex("12 81 08"), vec![1; 1025]].concat());

    let nameless = refused(ProcessRecord { pid: 1, ..Default::default() }, &[8, 1]);
    for (error, kind, limit, seen) in [
        (id, ErrorKind::MaxBytes, 128, 129),
        (items, ErrorKind::MaxItems, 256, 257),
        (total, ErrorKind::MaxTotalBytes, 16_384, 16_385),
        (numbers, ErrorKind::MaxItems, 1024, 1025),
        (nameless, ErrorKind::Empty, 1, 0),
    ] {
        assert_eq!((error.kind(), error.limit(), error.seen()), (kind, limit, seen), "{error}");
    }
}

/// What both the writer of `message` and the reader of the bytes it would have say.
fn refused<'a, M: Message<'a> + Debug>(message: M, bytes: &[u8]) -> MessageError {
    let written = message.encode(&mut vec![0; 32 * 1024]).unwrap_err();
    assert_eq!(M::decode(bytes.to_vec().leak()).unwrap_err(), written);
    written
}

fn filter<'a>(names: &'a [&'a str]) -> ProcessFilter<'a> {
    ProcessFilter { process_names: Repeated::new(names), ..Default::default() }
}

/// Field 1 with a text of less than 128 bytes.
fn string(text: &str) -> Vec<u8> {
    [&[0x0a, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
}

#[test]
fn the_bounds_of_a_message_as_a_whole_are_held() {
    let bytes = hex(RESULT);
    let size = u32::try_from(bytes.len()).unwrap();
    let fit = Limits { bytes: size, elements: 5, depth: 3, ..Limits::SCHEMA };
    assert!(DetectionResult::decode_with(&bytes, &fit).is_ok());
    for (limits, kind, limit, seen) in [
        (Limits { bytes: size - 1, ..fit }, ErrorKind::MessageBytes, size - 1, size),
        (Limits { elements: 4, ..fit }, ErrorKind::Elements, 4, 5),
        (Limits { depth: 2, ..fit }, ErrorKind::Depth, 2, 3),
    ] {
        let error = DetectionResult::decode_with(&bytes, &limits).unwrap_err();
        let want = (kind, u64::from(limit), u64::from(seen));
        assert_eq!((error.kind(), error.limit(), error.seen()), want, "{error}");
    }
}

#[test]
fn records_are_shown_during_the_walk_until_the_visitor_has_enough() {
    struct First<'a>(Vec<&'a str>, usize);
    impl<'a> DetectionResultVisitor<'a> for First<'a> {
        fn processes(&mut self, record: &ProcessRecord<'a>) -> ControlFlow<()> {
            self.0.push(record.name);
            if self.0.len() < self.1 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        }
    }
    let bytes = hex(RESULT);
    let mut all = First(Vec::new(), 3);
    let result = DetectionResult::decode_each(&bytes, &Limits::SCHEMA, &mut all).unwrap();
    assert_eq!(all.0, ["a", "b"]);
    assert_eq!(result, DetectionResult::decode(&bytes).unwrap());

    let mut one = First(Vec::new(), 1);
    let error = DetectionResult::decode_each(&bytes, &Limits::SCHEMA, &mut one).unwrap_err();
    assert_eq!(one.0, ["a"]);
    assert_eq!((error.kind(), error.field_name()), (ErrorKind::Stopped, Some("processes")));
}

/// Python's `ByteSize()` of each, filled to its limits.
#[test]
fn the_longest_encoding_is_known() {
    let lens = [
        (HashCheck::MAX_ENCODED_LEN, 4264),
        (Finding::MAX_ENCODED_LEN, 7197),
        (Coverage::MAX_ENCODED_LEN, 94),
        (Hello::MAX_ENCODED_LEN, 275),
        (Fault::MAX_ENCODED_LEN, 230),
        (Ping::MAX_ENCODED_LEN, 9),
        (Cancel::MAX_ENCODED_LEN, 0),
        (Packet::MAX_ENCODED_LEN, 1024 * 1024),
    ];
    for (got, want) in lens {
        assert_eq!(got, want);
    }
}

#[cfg(feature = "alloc")]
#[test]
fn an_owned_message_made_of_a_borrowed_one_is_what_prost_reads() {
    use eyelet_codec::proto;
    use prost::Message as _;

    let owned = proto::DetectionTask::from(task());
    assert_eq!(proto::DetectionTask::decode(&*hex(TASK)).unwrap(), owned);
    assert_eq!(owned.encode_to_vec(), hex(TASK));

    let owned = proto::ProcessRecord::from(record());
    assert_eq!(owned.encode_to_vec(), hex(RECORD), "NaN is not equal to itself, its bytes are");

    with_result(|result| {
        let owned = proto::DetectionResult::from(result);
        assert_eq!(proto::DetectionResult::decode(&*hex(RESULT)).unwrap(), owned);
        assert_eq!(owned.encode_to_vec(), hex(RESULT));
    });
}
