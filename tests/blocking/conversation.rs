//! What is said when, and what is waited for.

use std::os::unix::net::UnixStream;
use std::time::Duration;

use eyelet_codec::session::SubmitError;
use eyelet_codec::{DetectionTask, FaultCode};
use eyelet_tests::peer::{FakeCollector, Peer};
use eyelet_tests::wire::{Greeting, body, bytes, chunk, framed, number};
use eyelet_transport::blocking::{Client, Failure, Options};
use rustix::fs::{OFlags, fcntl_getfl};
use rustix::io::ioctl_fionread;
use rustix::net::sockopt::set_socket_send_buffer_size;

use crate::{last, read, records};

#[test]
fn a_conversation_that_comes_byte_by_byte_is_understood() {
    let (near, far) = UnixStream::pair().expect("a pair");
    let unread = near.try_clone().expect("a second descriptor");
    let collector = std::thread::spawn(move || {
        let mut agent = Peer::over(far);
        let ping = framed(0, body::PING, &[&[9][..], &7u64.to_le_bytes()].concat());
        let said = [Greeting::collector().framed(), chunk(1, &records(3)), ping, last(1, 2)];
        for byte in said.concat() {
            agent.say(&[byte]);
            // Not before the client has read the one before, so that each comes alone.
            while ioctl_fionread(&unread).expect("told") > 0 {
                std::thread::yield_now();
            }
        }
        agent
    });
    let mut client = Client::over(near, Options::default()).expect("a socket");
    let result = client.call(&DetectionTask::default()).expect("a result");
    assert_eq!((result.processes.len(), result.success), (5, true));
    client.close();
    let heard = collector.join().expect("said").rest();
    let heard: Vec<_> = heard.iter().map(|packet| packet.body).collect();
    assert_eq!(heard, [body::HELLO, body::TASK, body::PONG, body::GO_AWAY]);
}

#[test]
fn a_small_first_task_does_not_wait_for_the_collector_to_speak() {
    let collector = FakeCollector::start(|mut agent| {
        let heard = [(); 2].map(|()| agent.packet().expect("a Hello and a task").body);
        assert_eq!(heard, [body::HELLO, body::TASK]);
        agent.say(&[Greeting::collector().framed(), last(1, 2)].concat());
        agent.rest()
    });
    let mut client = Client::connect(collector.path()).expect("connected");
    let result = client.call(&DetectionTask::default()).expect("a result");
    assert_eq!(result.processes.len(), 2);
    client.close();
    assert_eq!(collector.join().len(), 1, "a GoAway");
}

#[test]
fn a_larger_first_task_waits_for_what_the_collector_accepts() {
    let id = "i".repeat(128);
    let large = "m".repeat(128);
    let task = DetectionTask { task_id: &id, metadata: Some(&large), ..Default::default() };
    for (max_frame, fits) in [(64 * 1024, true), (256, false)] {
        let collector = FakeCollector::start(move |mut agent| {
            agent.say(&Greeting { max_frame, ..Greeting::collector() }.framed());
            let mut heard = vec![agent.packet().expect("a Hello").body];
            if fits {
                heard.push(agent.packet().expect("a task").body);
                agent.say(&last(1, 2));
            }
            heard.extend(agent.rest().iter().map(|packet| packet.body));
            heard
        });
        let mut client = Client::connect(collector.path()).expect("connected");
        let result = client.call(&task);
        client.close();
        if fits {
            assert_eq!(result.expect("a result").processes.len(), 2);
            assert_eq!(collector.join(), [body::HELLO, body::TASK, body::GO_AWAY]);
        } else {
            let error = result.expect_err("too large");
            let limit = Failure::NotSent(SubmitError::TooLarge { len: 268, limit: 256 });
            assert_eq!(error.failure().to_string(), limit.to_string());
            assert_eq!(collector.join(), [body::HELLO, body::GO_AWAY]);
        }
    }
}

#[test]
fn a_client_that_was_never_used_says_nothing_and_one_that_is_dropped_says_so() {
    for end in [drop, Client::close] {
        let collector = FakeCollector::start(|mut agent| agent.rest());
        end(Client::connect(collector.path()).expect("connected"));
        assert_eq!(collector.join(), []);
    }

    let collector = FakeCollector::start(|mut agent| {
        agent.say(&[Greeting::collector().framed(), last(1, 0)].concat());
        agent.rest()
    });
    let mut client = Client::connect(collector.path()).expect("connected");
    client.call(&DetectionTask::default()).expect("a result");
    drop(client);
    let heard = collector.join();
    let heard: Vec<_> = heard.iter().map(|packet| (packet.stream, packet.body)).collect();
    assert_eq!(heard, [(0, body::HELLO), (1, body::TASK), (0, body::GO_AWAY)]);
}

#[test]
fn reading_goes_on_while_a_task_waits_for_the_line() {
    let (near, far) = UnixStream::pair().expect("a pair");
    // As small as the system lets them be: either side waits after a few kilobytes.
    for end in [&near, &far] {
        set_socket_send_buffer_size(end, 1).expect("set");
    }
    let many = 500;
    let coming = far.try_clone().expect("a second descriptor");
    let collector = std::thread::spawn(move || {
        let mut agent = Peer::over(far);
        agent.say(&[Greeting::collector().framed(), last(1, 0)].concat());
        let heard = [(); 2].map(|()| agent.packet().expect("a Hello and a task").body);
        assert_eq!(heard, [body::HELLO, body::TASK]);
        // A part of the next task is here, and the rest will not be read until all results are.
        while ioctl_fionread(&coming).expect("told") == 0 {
            std::thread::yield_now();
        }
        agent.say(&[chunk(3, &records(20)).repeat(many), last(3, 0)].concat());
        let task = agent.packet().expect("a task");
        assert_eq!((task.body, task.len > 10_000), (body::TASK, true), "{task:?}");
        agent.rest()
    });
    let names: Vec<String> = (0..256).map(|index| format!("{index:060}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let filter = eyelet_codec::ProcessFilter {
        process_names: eyelet_codec::Repeated::new(&names),
        ..Default::default()
    };
    let task = DetectionTask { process_filter: Some(filter), ..Default::default() };
    let mut client = Client::over(near, Options::default()).expect("a socket");
    client.call(&DetectionTask::default()).expect("a result");
    let mut stream = client.stream(&task).expect("under way");
    assert_eq!(read(&mut stream).expect("a result"), 20 * many as u64);
    drop(stream);
    client.close();
    let heard = collector.join().expect("no deadlock");
    assert!(heard.iter().all(|packet| [body::CREDIT, body::GO_AWAY].contains(&packet.body)));
}

#[test]
fn what_was_said_before_the_line_broke_counts_more_than_the_break() {
    let (near, far) = UnixStream::pair().expect("a pair");
    let mut client = Client::over(near, Options::default()).expect("a socket");
    let mut agent = Peer::over(far);
    let content = [number(1, 16), bytes(2, b"out of it")].concat();
    agent.say(&[Greeting::collector().framed(), framed(0, body::FAULT, &content)].concat());
    drop(agent);
    // Writing the task fails, since nobody is there.
    let error = client.call(&DetectionTask::default()).expect_err("gone");
    let Failure::Refused(fault) = error.failure() else { panic!("{error}") };
    assert_eq!(fault.code, FaultCode::INTERNAL);
    let again = client.call(&DetectionTask::default()).expect_err("gone");
    assert_eq!(again.to_string(), error.to_string(), "there is no other to connect to");
}

#[test]
fn a_collector_that_keeps_talking_does_not_move_the_deadline() {
    let collector = FakeCollector::start(|mut agent| {
        agent.say(&Greeting::collector().framed());
        let heard = [(); 2].map(|()| agent.packet().expect("a Hello and a task").body);
        assert_eq!(heard, [body::HELLO, body::TASK]);
        // As fast as the client reads, and much longer than it should.
        let chunk = chunk(1, &records(1));
        if (0..500_000).all(|_| agent.say(&chunk)) {
            agent.say(&last(1, 0));
        }
        agent.rest()
    });
    let options =
        Options { stream_deadline: Some(Duration::from_millis(50)), ..Options::default() };
    let mut client = Client::connect_with(collector.path(), options).expect("connected");
    let mut stream = client.stream(&DetectionTask::default()).expect("sent");
    let error = read(&mut stream).expect_err("too late");
    assert!(matches!(error.failure(), Failure::Deadline), "{error}");
    let again = stream.next().err().expect("it stays so");
    assert_eq!(again.to_string(), error.to_string());
    drop(stream);
    drop(client);
    let heard = collector.join();
    assert!(heard.iter().any(|packet| (packet.stream, packet.body) == (1, body::CANCEL)));
}

#[test]
fn a_socket_that_does_not_wait_is_made_to() {
    let (near, far) = UnixStream::pair().expect("a pair");
    near.set_nonblocking(true).expect("non-blocking");
    near.set_read_timeout(Some(Duration::from_millis(1))).expect("impatient");
    let same = near.try_clone().expect("a second descriptor");
    let mut client = Client::over(near, Options::default()).expect("a socket");
    assert!(!fcntl_getfl(&same).expect("told").contains(OFlags::NONBLOCK));
    assert_eq!(same.read_timeout().expect("told"), None);
    let mut collector = Peer::over(far);
    collector.say(&[Greeting::collector().framed(), last(1, 1)].concat());
    assert_eq!(client.call(&DetectionTask::default()).expect("a result").processes.len(), 1);
}
