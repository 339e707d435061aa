//! Frames that are written in place, refusals as faults, and chunks of a result.

use eyelet_codec::frame::{self, Decoded, FrameError};
use eyelet_codec::session::{
    CONTROL_FRAME, Carried, Detail, OpenFrame, Refusal, Session, Slot, write_fault,
};
use eyelet_codec::session::{Config, Role};
use eyelet_codec::{
    DetectionResult, DetectionTask, Fault, FaultCode, FieldNote, Hello, Message, Packet,
    PacketBody, ProcessRecord, Pushed, ResultWriter,
};

use crate::wire;

/// Around every length of a length, of the message and of the body.
const LENGTHS: [usize; 26] = [
    0, 1, 2, 100, 115, 116, 117, 118, 119, 120, 121, 122, 126, 127, 128, 200, 16_368, 16_370,
    16_372, 16_374, 16_376, 16_378, 16_380, 16_383, 16_384, 20_000,
];
const STREAMS: [u32; 6] = [1, 127, 128, 16_384, 2_147_483_647, u32::MAX];

fn written(stream: u32, carried: Carried, len: usize, more: bool) -> (Vec<u8>, usize) {
    let mut buf = vec![0xa5; OpenFrame::MAX_HEAD + len + OpenFrame::MAX_TAIL];
    let open = OpenFrame::begin(&mut buf, stream, carried).unwrap();
    assert!(open.message_start() <= OpenFrame::MAX_HEAD);
    buf[open.message_start()..][..len].fill(b'm');
    buf.truncate(open.message_start() + len + OpenFrame::MAX_TAIL);
    let body = open.body_len(len, more);
    let total = open.seal(&mut buf, len, more).unwrap();
    buf.truncate(total);
    (buf, body)
}

#[test]
fn a_frame_written_in_place_is_a_frame_like_any_other() {
    for stream in STREAMS {
        for len in LENGTHS {
            for (carried, more) in
                [(Carried::Task, false), (Carried::Result, false), (Carried::Result, true)]
            {
                let case = format!("{len} bytes on {stream}, {carried:?}, more {more}");
                let (bytes, body_len) = written(stream, carried, len, more);
                let Ok(Decoded::Frame { body, consumed }) = frame::decode(&bytes, frame::MAX_BODY)
                else {
                    panic!("{case}")
                };
                assert_eq!((body.len(), consumed), (body_len, bytes.len()), "{case}");
                assert_eq!(wire::unframe(&bytes), [body], "{case}");

                let message = vec![b'm'; len];
                let packet = Packet::decode(body).unwrap();
                let want = match carried {
                    Carried::Task => PacketBody::Task(&message),
                    Carried::Result => PacketBody::Result(&message),
                };
                assert_eq!((packet.stream, packet.more), (stream, more), "{case}");
                assert_eq!(packet.body, Some(want), "{case}");
                let read = wire::Packet::read(body);
                assert_eq!((read.stream, read.more), (stream.into(), more), "{case}");
                assert_eq!(read.content, message, "{case}");
            }
        }
    }
}

#[test]
fn the_largest_body_is_sealed_and_one_more_byte_is_not() {
    let mut buf = vec![0; frame::MAX_BODY as usize + 100];
    let open = OpenFrame::begin(&mut buf, 1, Carried::Result).unwrap();
    let largest =
        (0..).take_while(|spare| open.body_len(frame::MAX_BODY as usize - spare, true) > 1_048_576);
    let len = frame::MAX_BODY as usize - largest.count();
    assert_eq!(open.body_len(len, true), 1_048_576);
    let too_large = FrameError::TooLarge { len: 1_048_577, limit: 1_048_576 };
    assert_eq!(open.seal(&mut buf, len + 1, true), Err(too_large));
    let open = OpenFrame::begin(&mut buf, 1, Carried::Result).unwrap();
    let total = open.seal(&mut buf, len, true).unwrap();
    assert_eq!(total, 3 + 1_048_576 + 4);
    assert!(matches!(frame::decode(&buf[..total], frame::MAX_BODY), Ok(Decoded::Frame { .. })));
}

#[test]
fn a_buffer_that_is_too_small_is_an_error_whatever_its_size() {
    for len in [0, 1, 120, 130] {
        for stream in [1, u32::MAX] {
            let (whole, _) = written(stream, Carried::Result, len, true);
            for size in 0..whole.len() {
                let mut buf = vec![0xa5; size];
                let Ok(open) = OpenFrame::begin(&mut buf, stream, Carried::Result) else {
                    continue;
                };
                let sealed = open.seal(&mut buf, len, true);
                assert_eq!(sealed, Err(FrameError::Buffer), "{len} bytes into {size}");
            }
        }
    }
    let mut buf = [0; 64];
    let open = OpenFrame::begin(&mut buf, 1, Carried::Result).unwrap();
    for absurd in [65, 1 << 21, usize::MAX - 20, usize::MAX] {
        assert!(open.seal(&mut buf, absurd, true).is_err(), "{absurd}");
        assert!(open.body_len(absurd, true) >= absurd);
        assert!(frame::seal(&mut buf, absurd).is_err(), "{absurd}");
    }
}

#[test]
fn a_fault_fits_256_bytes_whatever_it_says() {
    let long = "\u{20ac}".repeat(1000);
    let fault = Fault {
        code: FaultCode(i32::MIN),
        message: &long,
        field: Some(&long),
        limit: Some(u64::MAX),
        seen: Some(u64::MAX),
    };
    for stream in [0, u32::MAX] {
        let mut buf = [0xa5; CONTROL_FRAME];
        let len = write_fault(stream, &fault, &mut buf).unwrap();
        let body = wire::unframe(&buf[..len]).remove(0);
        assert!(body.len() <= 256, "{}", body.len());
        let read = wire::Packet::read(&body);
        assert_eq!(read.text(2).unwrap(), "\u{20ac}".repeat(42));
        assert_eq!(read.text(3).unwrap(), "\u{20ac}".repeat(21));
        for size in 0..len {
            let mut buf = vec![0xa5; size];
            assert!(write_fault(stream, &fault, &mut buf).is_err(), "{size} of {len} bytes");
        }
    }
}

/// Byte 128 is the second one of a character.
const MULTIBYTE: &str = "und zu \u{e4}hnlich zu \u{e4}hnlich zu \u{e4}hnlich zu \u{e4}hnlich zu \u{e4}hnlich \
    zu \u{e4}hnlich zu \u{e4}hnlich zu \u{e4}hnlich zu \u{e4}hnlich zu \u{e4}hnlich zu \u{e4}hnlich";

#[test]
fn every_refusal_becomes_a_fault_that_fits() {
    let message_error = DetectionTask::decode(&[0x0a, 0x81, 0x01]).unwrap_err();
    let unknown_field = DetectionTask::decode(&[0xff, 0xff, 0xff, 0xff, 0x0f]).unwrap_err();
    let hello_error = Hello::decode(&wire::bytes(6, &[b'x'; 65])).unwrap_err();
    let most = (u32::MAX - 1, u32::MAX);
    let details = [
        Detail::Text(""),
        Detail::Text(MULTIBYTE),
        Detail::Number(MULTIBYTE, u64::MAX, u64::MAX),
        Detail::Number("a number", 1, 2),
        Detail::Versions { ours: most, theirs: most },
        Detail::Frame(FrameError::TooLarge { len: u64::MAX, limit: u32::MAX }),
        Detail::Frame(FrameError::Checksum),
        Detail::Message(message_error),
        Detail::Message(unknown_field),
        Detail::Message(hello_error),
    ];
    for detail in details {
        let refusal = Refusal { code: FaultCode::MALFORMED, detail };
        let mut buf = [0xa5; CONTROL_FRAME];
        let len = refusal.with_fault(|fault| write_fault(u32::MAX, fault, &mut buf)).unwrap();
        let body = wire::unframe(&buf[..len]).remove(0);
        assert!(body.len() <= 256, "{detail:?}");
        let message = wire::Packet::read(&body).text(2).unwrap_or_default();
        assert!(message.len() <= 128 && refusal.to_string().starts_with(&message), "{message}");
        let cut = refusal.to_string().len() - message.len();
        assert!(cut == 0 || message.len() > 124, "cut more than it had to: {message}");
    }
}

#[test]
fn a_refused_message_names_field_limit_and_what_was_seen() {
    let error = Hello::decode(&wire::bytes(6, &[b'x'; 65])).unwrap_err();
    let refusal = Refusal { code: FaultCode::MALFORMED, detail: Detail::Message(error) };
    refusal.with_fault(|fault| {
        assert_eq!(fault.field, Some("Hello.software"));
        assert_eq!((fault.limit, fault.seen), (Some(64), Some(65)));
    });
}

#[test]
fn a_task_over_a_limit_is_invalid_and_one_that_is_no_task_is_malformed() {
    let long_id = wire::bytes(1, &[b'x'; 129]);
    for (bytes, code) in [
        (&long_id[..], FaultCode::INVALID),
        (&[0x0a, 0x05, 0x41], FaultCode::MALFORMED),
        (&[0x0a, 0x01, 0xff], FaultCode::MALFORMED),
    ] {
        let error = DetectionTask::decode(bytes).unwrap_err();
        assert_eq!(Refusal::of_task(error).code, code);
    }
}

#[test]
fn a_record_that_does_not_fit_leaves_the_chunk_as_it_was() {
    let record = ProcessRecord { pid: 1, name: "init", ..Default::default() };
    for size in 0..64 {
        let mut buf = vec![0xa5; size];
        let mut chunk = ResultWriter::new(&mut buf);
        let mut count = 0;
        while chunk.push(&record).unwrap() == Pushed::Done {
            count += 1;
        }
        let (len, progress) = (chunk.len(), chunk.progress());
        assert_eq!(chunk.push(&record), Ok(Pushed::Full));
        assert_eq!((chunk.len(), chunk.progress().records()), (len, count));
        buf.resize(size + 64, 0xa5);
        let mut chunk = ResultWriter::resume(&mut buf, progress);
        assert_eq!(chunk.push(&record), Ok(Pushed::Done), "in a buffer that has grown");
        let len = chunk.len();
        let decoded = DetectionResult::decode(&buf[..len]).unwrap();
        assert_eq!(decoded.processes.count(), count as usize + 1);
    }
}

/// A receiver bounds the elements of a message as a whole, which many records of many arguments reach
/// before their bytes or their number do.
#[test]
fn a_chunk_that_was_filled_is_one_that_is_accepted() {
    let (arguments, notes) = ([""; 200], [FieldNote::default(); 32]);
    let argued =
        ProcessRecord { name: "x", command_line: (&arguments[..]).into(), ..Default::default() };
    let remarked = ProcessRecord { name: "x", notes: (&notes[..]).into(), ..Default::default() };
    for record in [argued, remarked, ProcessRecord { name: "x", ..Default::default() }] {
        let mut buf = vec![0xa5; frame::MAX_BODY as usize];
        let mut chunk = ResultWriter::new(&mut buf);
        while chunk.push(&record).unwrap() == Pushed::Done {}
        chunk.put(&DetectionResult { success: true, ..Default::default() }).unwrap();
        let (len, records) = (chunk.len(), chunk.progress().records());
        let decoded = DetectionResult::decode(&buf[..len]).expect("what was written");
        assert_eq!(decoded.processes.count(), records as usize);
        assert!(records >= 300, "{records}");
    }
}

#[test]
fn a_hello_of_a_new_session_is_read_by_the_other_side() {
    for role in [Role::Agent, Role::Collector] {
        let slots = [Slot::default(); 1];
        let mut session = Session::new(role, Config::default(), slots, core::time::Duration::ZERO);
        let mut buf = [0xa5; CONTROL_FRAME];
        let len = session.poll_transmit(&mut buf).unwrap();
        let Ok(Decoded::Frame { body, .. }) = frame::decode(&buf[..len], 256) else { panic!() };
        let packet = Packet::decode(body).unwrap();
        let Some(PacketBody::Hello(hello)) = packet.body else { panic!("{packet:?}") };
        assert_eq!((hello.version_min, hello.version_max), (1, 1));
        assert_eq!(session.poll_transmit(&mut buf), None);
    }
}
