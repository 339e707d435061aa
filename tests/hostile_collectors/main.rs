//! Whatever a collector sends, each of our clients tells its caller what was wrong, tells the collector too, and
//! has the exact count of the records that had come.

/// Runs tests of a [`Kind`](agent::Kind) for each of them.
macro_rules! both {
    ($($test:ident),* $(,)?) => {
        mod asynchronous {
            $(#[test] fn $test() { super::$test(crate::agent::Kind::Async); })*
        }
        mod blocking {
            $(#[test] fn $test() { super::$test(crate::agent::Kind::Blocking); })*
        }
    };
}

mod agent;
mod greeting;
mod packets;
mod results;

use eyelet_codec::FaultCode;
use eyelet_tests::peer::{FakeCollector, Peer};
use eyelet_tests::wire::{self, Greeting, Packet, body, bytes, framed, number};
use eyelet_transport::client::{ClientError, Failure, Options};

use agent::Kind;

/// Greets, and takes the first task; returns the agent's `Hello`.
fn open(agent: &mut Peer) -> Packet {
    agent.say(&Greeting::collector().framed());
    let hello = agent.packet().expect("a Hello");
    assert_eq!(hello.body, body::HELLO);
    let task = agent.packet().expect("a task");
    assert_eq!((task.stream, task.body), (1, body::TASK));
    hello
}

fn record(pid: u64) -> Vec<u8> {
    bytes(4, &[number(1, pid), bytes(3, b"name")].concat())
}

fn records(count: u64) -> Vec<u8> {
    (1..=count).flat_map(record).collect()
}

fn fault(stream: u32, code: FaultCode, message: &str) -> Vec<u8> {
    let content =
        [number(1, u64::try_from(code.0).expect("a code")), bytes(2, message.as_bytes())].concat();
    framed(stream, body::FAULT, &content)
}

fn damaged(frame: &[u8]) -> Vec<u8> {
    let mut damaged = frame.to_vec();
    damaged[frame.len() - 1] ^= 1;
    damaged
}

/// Has a client of ours read one task's result to its end, and waits for what the collector has heard.
fn read_all<T: Send + 'static>(
    kind: Kind,
    collector: FakeCollector<T>,
) -> (Result<u64, ClientError>, T) {
    let mut agent = kind.connect(collector.path(), Options::default()).expect("connected");
    let read = agent.read();
    (read, collector.join())
}

fn assert_protocol(case: &str, error: &ClientError, code: FaultCode, sentence: &str) {
    let Failure::Protocol(refusal) = error.failure() else { panic!("{case}: {error}") };
    assert_eq!(refusal.code, code, "{case}: {error}");
    let text = error.to_string();
    assert!(text.contains("the collector broke the protocol: "), "{case}: {text}");
    assert!(text.contains(sentence), "{case}: {text}");
}

/// The collector has been told, and nothing but that.
fn assert_told(case: &str, heard: &[Packet], code: FaultCode, sentence: &str) -> wire::Fault {
    let faults: Vec<_> = heard.iter().filter_map(Packet::fault).collect();
    assert_eq!(faults.len(), 1, "{case}: {heard:?}");
    assert_eq!((faults[0].stream, faults[0].code), (0, code), "{case}: {faults:?}");
    assert!(faults[0].message.contains(sentence), "{case}: {faults:?}");
    assert_eq!(heard.last().map(|last| last.body), Some(body::FAULT), "{case}: {heard:?}");
    faults[0].clone()
}
