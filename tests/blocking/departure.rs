//! A collector that leaves, and the next one.

use std::os::unix::net::UnixStream;
use std::sync::mpsc;

use eyelet_codec::DetectionTask;
use eyelet_codec::session::SubmitError;
use eyelet_tests::command::Collector;
use eyelet_tests::peer::{Conversation, FakeCollector, Peer};
use eyelet_tests::wire::{Greeting, Packet, body, chunk, framed, number};
use eyelet_transport::blocking::{Client, Failure, Options};
use rustix::process::{Pid, Signal, kill_process};

use crate::{last, read, records};

#[test]
fn a_call_after_an_idle_connection_was_ended_goes_to_the_next_one_unseen() {
    let away = framed(0, body::GO_AWAY, &number(2, 1));
    let late = framed(3, body::FAULT, &number(1, 15));
    // While the next task is on its way, or has come already.
    let crossing = |say: Vec<u8>| -> Conversation<Vec<Packet>> {
        Box::new(move |agent| {
            let mut agent = answer(agent, &[]);
            assert_eq!(agent.packet().expect("the next task").stream, 3);
            agent.say(&say);
            agent.shut();
            agent.rest()
        })
    };
    let (tell, gone) = mpsc::channel();
    let fault = framed(0, body::FAULT, &number(1, 16));
    let endings: [(&str, Conversation<Vec<Packet>>); 5] = [
        ("it said so, and waits for the end", crossing(away.clone())),
        ("it said so, and answers the task", crossing([&*away, &*late].concat())),
        ("it broke behind the result", Box::new(move |agent| answer_one(agent, &fault))),
        ("it said so, and closed", Box::new(move |agent| answer_one(agent, &away))),
        (
            "it went without a word",
            Box::new(move |agent| {
                let heard = answer_one(agent, &[]);
                tell.send(()).expect("the test waits");
                heard
            }),
        ),
    ];
    for (case, ending) in endings {
        let next: Conversation<Vec<Packet>> = Box::new(|agent| {
            let mut agent = answer(agent, &[]);
            agent.rest()
        });
        let collector = FakeCollector::in_turn(vec![ending, next]);
        let mut client = Client::connect(collector.path()).expect("connected");
        for call in 0..2 {
            if call == 1 && case.ends_with("without a word") {
                // Whoever goes while a task is on its way may have begun it.
                gone.recv().expect("gone");
            }
            let result = client.call(&DetectionTask::default()).expect(case);
            assert_eq!(result.processes.len(), 2, "{case}");
        }
        client.close();
        let heard = collector.join();
        assert_eq!(heard[1].len(), 1, "{case}: {:?}", heard[1]);
        assert_eq!(heard[1][0].body, body::GO_AWAY, "{case}");
    }
}

#[test]
fn a_task_is_sent_a_second_time_and_no_third() {
    let leaving = || -> Conversation<Vec<Packet>> {
        Box::new(|mut agent| {
            agent.say(&[Greeting::collector().framed(), framed(0, body::GO_AWAY, &[])].concat());
            agent.rest()
        })
    };
    let collector = FakeCollector::in_turn(vec![leaving(), leaving()]);
    let mut client = Client::connect(collector.path()).expect("connected");
    let error = client.call(&DetectionTask::default()).expect_err("not begun");
    assert!(matches!(error.failure(), Failure::NotSent(SubmitError::GoingAway)), "{error}");
    drop(client);
    for heard in collector.join() {
        let tasks = heard.iter().filter(|packet| packet.body == body::TASK).count();
        assert_eq!(tasks, 1, "{heard:?}");
    }
}

#[test]
fn a_task_that_may_have_begun_is_not_sent_again() {
    for (case, say, records) in [
        ("nothing came", vec![], 0),
        ("a chunk came", chunk(1, &records(2)), 2),
        ("and a GoAway", [chunk(1, &self::records(2)), framed(0, body::GO_AWAY, &[])].concat(), 2),
    ] {
        let collector = FakeCollector::start(move |mut agent| {
            agent.say(&Greeting::collector().framed());
            let heard = [(); 2].map(|()| agent.packet().expect("a Hello and a task").body);
            assert_eq!(heard, [body::HELLO, body::TASK]);
            agent.say(&say);
        });
        let mut client = Client::connect(collector.path()).expect("connected");
        let mut stream = client.stream(&DetectionTask::default()).expect("sent");
        // The listener goes with the one connection that it takes: a second would be an error of
        // another kind.
        let error = read(&mut stream).expect_err(case);
        assert!(!matches!(error.failure(), Failure::Connect(_)), "{case}: {error}");
        assert_eq!(error.records(), records, "{case}");
        collector.join();
    }
}

#[test]
fn over_a_socket_of_the_callers_own_a_departure_is_told() {
    let (near, far) = UnixStream::pair().expect("a pair");
    let mut client = Client::over(near, Options::default()).expect("a socket");
    let collector = std::thread::spawn(move || {
        answer_one(Peer::over(far), &framed(0, body::GO_AWAY, &number(2, 1)))
    });
    client.call(&DetectionTask::default()).expect("a result");
    collector.join().expect("gone");
    let error = client.call(&DetectionTask::default()).expect_err("gone");
    assert!(error.to_string().contains("connect anew"), "{error}");
}

#[test]
fn a_client_works_again_when_the_collector_is_back() {
    let ground = tempfile::tempdir().expect("a directory");
    let path = ground.path().join("eyelet.sock");
    let mut collector = Collector::start(Some(&path));
    let mut client = Client::connect(&path).expect("connected");
    for _ in 0..3 {
        assert!(client.call(&DetectionTask::default()).expect("a result").success);
        let pid = Pid::from_raw(collector.pid().cast_signed()).expect("a pid");
        kill_process(pid, Signal::KILL).expect("it is our child");
        collector.wait();
        let error = client.call(&DetectionTask::default()).expect_err("nobody is there");
        assert!(matches!(error.failure(), Failure::Connect(_)), "{error}");
        collector = Collector::start(Some(&path));
    }
    assert!(client.call(&DetectionTask::default()).expect("a result").success);
}

/// Greets, answers the first task by two records, and then says `more`.
fn answer(mut agent: Peer, more: &[u8]) -> Peer {
    agent.say(&Greeting::collector().framed());
    let heard = [(); 2].map(|()| agent.packet().expect("a Hello and a task"));
    assert_eq!(
        heard.map(|packet| (packet.stream, packet.body)),
        [(0, body::HELLO), (1, body::TASK)]
    );
    agent.say(&[&last(1, 2), more].concat());
    agent
}

/// The same, and goes.
fn answer_one(agent: Peer, more: &[u8]) -> Vec<Packet> {
    drop(answer(agent, more));
    Vec::new()
}
