//! A collector that leaves, and the next one.

use std::os::unix::net::UnixStream;
use std::sync::mpsc;

use eyelet_codec::DetectionTask;
use eyelet_codec::session::SubmitError;
use eyelet_tests::command::Collector;
use eyelet_tests::peer::{Conversation, FakeCollector, Peer};
use eyelet_tests::wire::{Greeting, Packet, body, chunk, framed, number};
use eyelet_transport::blocking::{Backoff, Client, Failure, Options, Repeat};
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
fn a_task_is_sent_again_as_often_as_is_wanted() {
    let leaving = || -> Conversation<Vec<Packet>> {
        Box::new(|mut agent| {
            agent.say(&[Greeting::collector().framed(), framed(0, body::GO_AWAY, &[])].concat());
            agent.rest()
        })
    };
    let collector = FakeCollector::in_turn(vec![leaving(), leaving()]);
    let backoff = Backoff { attempts: 1, ..Backoff::default() };
    let options = Options { backoff, ..Options::default() };
    let mut client = Client::connect_with(collector.path(), options).expect("connected");
    let error = client.call(&DetectionTask::default()).expect_err("not begun");
    assert!(matches!(error.failure(), Failure::NotSent(SubmitError::GoingAway)), "{error}");
    drop(client);
    for heard in collector.join() {
        let tasks = heard.iter().filter(|packet| packet.body == body::TASK).count();
        assert_eq!(tasks, 1, "{heard:?}");
    }
}

#[test]
fn a_task_that_may_have_begun_is_not_sent_again_where_that_is_not_wanted() {
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
        let options = Options { repeat: Repeat::Never, ..Options::default() };
        let mut client = Client::connect_with(collector.path(), options).expect("connected");
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
fn a_task_whose_connection_is_lost_is_sent_again_before_a_chunk_and_not_behind_one() {
    let lost = |say: Vec<u8>| -> Conversation<Vec<Packet>> {
        Box::new(move |mut agent| {
            agent.say(&Greeting::collector().framed());
            let heard = [(); 2].map(|()| agent.packet().expect("a Hello and a task").body);
            assert_eq!(heard, [body::HELLO, body::TASK]);
            agent.say(&say);
            Vec::new()
        })
    };
    let next: fn() -> Conversation<Vec<Packet>> = || Box::new(|agent| answer(agent, &[]).rest());
    for (case, say, whole, want) in [
        ("a stream, nothing came", vec![], false, Ok(2)),
        ("a stream, a chunk came", chunk(1, &records(3)), false, Err(3)),
        ("a whole result", chunk(1, &records(3)), true, Ok(2)),
    ] {
        let mut conversations = vec![lost(say)];
        conversations.extend(want.is_ok().then(next));
        let collector = FakeCollector::in_turn(conversations);
        let mut client = Client::connect(collector.path()).expect("connected");
        let task = DetectionTask::default();
        let got = if whole {
            client.call(&task).map(|result| result.processes.len() as u64)
        } else {
            let mut stream = client.stream(&task).expect("sent");
            read(&mut stream)
        };
        drop(client);
        assert_eq!(got.map_err(|error| error.records()), want, "{case}");
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
    let at_once = Options { backoff: Backoff::none(), ..Options::default() };
    let mut hasty = Client::connect_with(&path, at_once).expect("connected");
    let mut patient = Client::connect(&path).expect("connected");
    let task = DetectionTask::default();
    for _ in 0..3 {
        for client in [&mut hasty, &mut patient] {
            assert!(client.call(&task).expect("a result").success);
        }
        let pid = Pid::from_raw(collector.pid().cast_signed()).expect("a pid");
        kill_process(pid, Signal::KILL).expect("it is our child");
        collector.wait();
        let error = hasty.call(&task).expect_err("nobody is there");
        assert!(matches!(error.failure(), Failure::Cut), "{error}");
        // While the other waits.
        let next = std::thread::spawn({
            let path = path.clone();
            move || Collector::start(Some(&path))
        });
        assert!(patient.call(&task).expect("a result").success);
        collector = next.join().expect("it starts");
    }
    assert!(hasty.call(&task).expect("a result").success);
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
