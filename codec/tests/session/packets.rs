//! The packets of the chapter "Every packet in every state" of `proto/WIRE.md`, as bytes.

use eyelet_codec::session::Role;

use crate::wire::{self, AGENT, COLLECTOR, Hello};

type Bytes = fn(u64, Role) -> Vec<u8>;

/// By their names on the page. The bytes depend on the stream and, for a `hello`, on whose it would be.
pub(crate) const PACKETS: [(&str, Bytes); 22] = [
    ("`hello` of an agent", |stream, _| on(stream, &AGENT.body())),
    ("`hello` of a collector", |stream, _| on(stream, &COLLECTOR.body())),
    ("`task`", |stream, _| wire::task(stream, b"")),
    ("`task` over `max_streams`", |stream, _| wire::task(stream, b"")),
    ("`result` with `more`", |stream, _| wire::result(stream, b"", true)),
    ("`result`, the last", |stream, _| wire::result(stream, b"", false)),
    ("`result` with `more`, credit spent", |stream, _| wire::result(stream, b"", true)),
    (SMALL, |stream, _| wire::result_of(stream, 256, false)),
    (LARGE, |stream, _| wire::result_of(stream, 257, false)),
    ("`fault`", |stream, _| wire::fault(stream, 12)),
    ("`credit`", |stream, _| wire::credit(stream, 1)),
    ("`cancel`", |stream, _| wire::cancel(stream)),
    ("`ping`", |stream, _| on(stream, &wire::ping(7))),
    ("`pong`", |stream, _| wire::packet(stream, wire::PONG, &wire::nonce_field(7))),
    ("`go_away`", |stream, _| on(stream, &wire::go_away(5))),
    ("no body", |stream, _| [wire::stream_field(stream), vec![2 << 3, 0]].concat()),
    ("unknown body", |stream, _| wire::packet(stream, 15, b"new")),
    ("two bodies", |stream, _| [wire::cancel(stream), wire::bytes(wire::RESULT, b"")].concat()),
    ("one body twice", |stream, _| [wire::cancel(stream), wire::bytes(wire::CANCEL, b"")].concat()),
    ("cut short", |stream, _| [wire::stream_field(stream), vec![8 << 3 | 2, 5]].concat()),
    ("a limit broken", |stream, _| {
        wire::packet(stream, wire::FAULT, &wire::bytes(2, &[b'x'; 129]))
    }),
    ("a limit broken in a `hello`", |stream, _| {
        wire::packet(stream, wire::HELLO, &wire::bytes(6, &[b'x'; 65]))
    }),
];

const SMALL: &str = "`result`, the last, 256 bytes, credit spent";
const LARGE: &str = "`result`, the last, 257 bytes, credit spent";

/// What a peer of the right role may say of itself, and a receiver judges once.
pub(crate) const HELLOS: [(&str, Bytes); 6] = [
    ("`hello`, no version in common", |stream, receiver| {
        on(stream, &Hello { versions: (2, 3), ..peer(receiver) }.body())
    }),
    ("`hello`, `max_frame` 255", |stream, receiver| {
        on(stream, &Hello { max_frame: 255, ..peer(receiver) }.body())
    }),
    ("`hello`, `max_frame` 1,048,577", |stream, receiver| {
        on(stream, &Hello { max_frame: 1_048_577, ..peer(receiver) }.body())
    }),
    ("`hello`, 128 bytes", |stream, receiver| on(stream, &long_hello(128, receiver))),
    ("`hello`, 129 bytes", |stream, receiver| on(stream, &long_hello(129, receiver))),
    ("`hello`, `credit` 0", |stream, receiver| {
        on(stream, &Hello { credit: 0, ..peer(receiver) }.body())
    }),
];

fn peer(receiver: Role) -> Hello {
    match receiver {
        Role::Agent => COLLECTOR,
        Role::Collector => AGENT,
    }
}

/// Of so many bytes, by a field that a later version may have.
fn long_hello(len: usize, receiver: Role) -> Vec<u8> {
    let hello = |pad: usize| peer(receiver).with(&wire::bytes(90, &vec![b'x'; pad]));
    (0..len).map(hello).find(|hello| hello.len() == len).expect("a pad that makes it so long")
}

fn on(stream: u64, body: &[u8]) -> Vec<u8> {
    [wire::stream_field(stream), body.to_vec()].concat()
}
