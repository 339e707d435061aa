//! Tasks that cannot be run, each on its own stream.

use eyelet_codec::{DetectionTask, FaultCode, ProcessFilter, Repeated};
use eyelet_tests::peer::Peer;
use eyelet_tests::server::runtime;
use eyelet_tests::wire::{body, bytes, framed, number, task};
use eyelet_transport::Client;
use eyelet_transport::client::Failure;
use eyelet_transport::peer::PeerPolicy;
use eyelet_transport::server::Options;

use crate::{RECORDS, Refusing};

#[test]
fn a_task_over_a_limit_is_invalid_on_its_stream_alone() {
    let server = Refusing::start();
    let mut peer = Peer::agent(server.path());
    let filter = |content: &[u8]| bytes(3, content);
    let names = [&[b'n'; 250][..]; 66].map(|name| bytes(1, name)).concat();
    let table: &[(&str, Vec<u8>, &str, u64, u64)] = &[
        ("id", bytes(1, &[b'i'; 129]), "DetectionTask.task_id", 128, 129),
        ("metadata", bytes(5, &[b'm'; 1025]), "DetectionTask.metadata", 1024, 1025),
        ("name", filter(&bytes(1, &[b'n'; 256])), "ProcessFilter.process_names", 255, 256),
        ("names", filter(&names), "ProcessFilter.process_names", 16384, 66 * 250),
        ("pids", filter(&bytes(2, &[1; 1025])), "ProcessFilter.pids", 1024, 1025),
        ("hash", bytes(4, &bytes(1, &[b'0'; 129])), "HashCheck.expected_hash", 128, 129),
    ];
    for (stream, (case, content, field, limit, seen)) in (1..).step_by(2).zip(table) {
        peer.say(&framed(stream, body::TASK, content));
        let fault = peer.fault();
        assert_eq!((fault.stream, fault.code), (stream.into(), FaultCode::INVALID), "{case}");
        assert_eq!(fault.field.as_deref(), Some(*field), "{case}: {fault:?}");
        assert_eq!((fault.limit, fault.seen), (Some(*limit), Some(*seen)), "{case}: {fault:?}");
        assert!(fault.message.contains(field), "{case}: {fault:?}");
    }
    assert_eq!(server.tasks_seen(), 0);
    peer.say(&task(101, "good"));
    assert_eq!(peer.result(101).1, RECORDS);
    server.goes_on("limits");
}

#[test]
fn invalid_tasks_without_end_are_a_flood() {
    let server = Refusing::start();
    let mut peer = Peer::agent(server.path());
    let mut answered = 0;
    let flood = (1..).step_by(2).find_map(|stream| {
        peer.say(&framed(stream, body::TASK, &bytes(1, &[b'i'; 129])));
        let fault = peer.fault();
        answered += u32::from(fault.stream != 0);
        (fault.stream == 0).then_some(fault)
    });
    let flood = flood.expect("an end");
    assert_eq!(flood.code, FaultCode::FLOOD, "{flood:?}");
    assert!(server.has_logged(&["WARN", "connection ended: too many tasks"]));
    // At least as many as WIRE.md promises, and some for the time that has passed.
    assert!((1000..2000).contains(&answered), "{answered} answered");
    server.goes_on("a flood");
}

#[test]
fn an_unknown_task_is_unsupported_and_its_number_told() {
    let server = Refusing::start();
    let mut peer = Peer::agent(server.path());
    for (stream, kind) in [(1, 1), (3, 2), (5, 7), (7, i32::MAX as u64)] {
        peer.say(&framed(stream, body::TASK, &number(2, kind)));
        let fault = peer.fault();
        assert_eq!((fault.stream, fault.code), (stream.into(), FaultCode::UNSUPPORTED));
        assert_eq!(fault.seen, Some(kind), "{fault:?}");
        assert!(fault.message.contains("no such task here"), "{fault:?}");
    }
    assert_eq!(server.tasks_seen(), 0);
    peer.say(&task(9, ""));
    assert_eq!(peer.result(9).1, RECORDS);
    server.goes_on("unknown tasks");
}

#[test]
fn what_a_handler_does_is_told_on_its_stream_alone() {
    let server = Refusing::start();
    let mut peer = Peer::agent(server.path());
    peer.say(&task(1, "wait"));
    for (stream, id, code, sentence) in [
        (3, "panic", FaultCode::INTERNAL, "the handler panicked"),
        (5, "panic at once", FaultCode::INTERNAL, "the handler panicked"),
        (7, "panic on a thread", FaultCode::INTERNAL, "panicked"),
        (9, "fault", FaultCode::UNAUTHORIZED, "not for you"),
    ] {
        peer.say(&task(stream, id));
        let fault = peer.fault();
        assert_eq!((fault.stream, fault.code), (stream.into(), code), "{id}");
        assert!(fault.message.contains(sentence), "{id}: {fault:?}");
    }

    peer.say(&task(11, "fail"));
    let (last, records) = peer.result(11);
    assert_eq!((last.number(2), last.text(3), records), (None, Some("it did not work".into()), 0));

    let late = [bytes(1, b"wait"), number(10, 1)].concat();
    peer.say(&framed(13, body::TASK, &late));
    let fault = peer.fault();
    assert_eq!((fault.stream, fault.code), (13, FaultCode::TIMEOUT), "{fault:?}");

    // The first task is under way all the time, and a further one is served beside it.
    peer.say(&task(15, ""));
    assert_eq!(peer.result(15).1, RECORDS);
    peer.say(&framed(1, body::CANCEL, &[]));
    let fault = peer.fault();
    assert_eq!((fault.stream, fault.code), (1, FaultCode::CANCELLED), "{fault:?}");
    server.goes_on("handlers");
}

#[test]
fn one_task_too_many_is_busy_until_another_has_ended() {
    let mut options = Options::default();
    options.session.max_streams = 2;
    let server = Refusing::start_with(options, PeerPolicy::same_user());
    let mut peer = Peer::agent(server.path());
    peer.say(&[task(1, "wait"), task(3, "wait"), task(5, "")].concat());
    let fault = peer.fault();
    assert_eq!((fault.stream, fault.code), (5, FaultCode::BUSY), "{fault:?}");
    assert!(fault.message.contains("too many tasks"), "{fault:?}");

    peer.say(&framed(3, body::CANCEL, &[]));
    assert_eq!(peer.fault().stream, 3);
    peer.say(&task(7, ""));
    assert_eq!(peer.result(7).1, RECORDS);
    server.goes_on("busy");
}

#[test]
fn our_own_client_is_told_what_a_task_did_wrong() {
    let server = Refusing::start();
    runtime().block_on(async {
        let client = Client::connect(server.path()).await.expect("connected");
        // A task that breaks a limit does not leave the house.
        let pids = vec![1; 1025];
        let pids = Repeated::new(&pids);
        let filter = ProcessFilter { pids, ..Default::default() };
        let task = DetectionTask { process_filter: Some(filter), ..Default::default() };
        let error = client.call(&task).await.expect_err("over a limit");
        assert!(matches!(error.failure(), Failure::InvalidTask(_)), "{error}");
        assert!(error.to_string().contains("ProcessFilter.pids"), "{error}");

        for (id, code) in [("panic", FaultCode::INTERNAL), ("fault", FaultCode::UNAUTHORIZED)] {
            let task = DetectionTask { task_id: id, ..Default::default() };
            let error = client.call(&task).await.expect_err(id);
            let Failure::Task(fault) = error.failure() else { panic!("{error}") };
            assert_eq!(fault.code, code, "{id}");
        }
        let result = client.call(&DetectionTask::default()).await.expect("it goes on");
        assert_eq!(result.processes.len(), RECORDS);
    });
}
