//! Packets that are none, or come where they do not belong.

use eyelet_codec::FaultCode;
use eyelet_tests::peer::Peer;
use eyelet_tests::wire::{self, Greeting, body, bytes, framed, number, packet, task};

use crate::{RECORDS, Refusing};

#[test]
fn a_hello_that_does_not_fit_is_refused_with_its_reason() {
    let server = Refusing::start();
    let good = Greeting::agent();
    let hello = |greeting: Greeting| greeting.framed();
    let table: &[(&str, Vec<u8>, FaultCode, &str)] = &[
        (
            "a later version",
            hello(Greeting { versions: (2, 3), ..good }),
            FaultCode::VERSION,
            "this side speaks 1 to 1, you 2 to 3; upgrade this side",
        ),
        (
            "an earlier version",
            hello(Greeting { versions: (0, 0), ..good }),
            FaultCode::VERSION,
            "you 0 to 0; upgrade your side",
        ),
        ("a collector", hello(Greeting::collector()), FaultCode::ROLE, "both sides are collectors"),
        ("no role", hello(Greeting { role: 0, ..good }), FaultCode::ROLE, "no role"),
        ("a third role", hello(Greeting { role: 3, ..good }), FaultCode::ROLE, "no role"),
        ("no credit", hello(Greeting { credit: 0, ..good }), FaultCode::MALFORMED, "credit"),
        ("small", hello(Greeting { max_frame: 255, ..good }), FaultCode::MALFORMED, "max_frame"),
        (
            "large",
            hello(Greeting { max_frame: (1 << 20) + 1, ..good }),
            FaultCode::MALFORMED,
            "max_frame",
        ),
        (
            "over 128 bytes",
            framed(0, body::HELLO, &[good.content(), bytes(100, &[0; 128])].concat()),
            FaultCode::MALFORMED,
            "limit 128",
        ),
        (
            "a long name",
            framed(0, body::HELLO, &[good.content(), bytes(6, &[b'x'; 65])].concat()),
            FaultCode::MALFORMED,
            "Hello.software",
        ),
        ("on a stream", framed(1, body::HELLO, &good.content()), FaultCode::STREAM, "first packet"),
        ("a task", task(1, ""), FaultCode::STREAM, "first packet"),
        ("nothing known", wire::frame(&number(100, 1)), FaultCode::STREAM, "first packet"),
    ];
    for (case, say, code, sentence) in table {
        server.refuses_first(case, say, *code, sentence);
    }
}

#[test]
fn a_packet_where_it_does_not_belong_ends_the_connection() {
    let server = Refusing::start();
    let wait = task(1, "wait");
    let table: &[(&str, Vec<u8>, &str)] = &[
        ("a task on an even stream", task(2, ""), "odd"),
        ("a task on the connection", task(0, ""), "odd"),
        ("a task on an open stream", [wait.clone(), task(1, "")].concat(), "odd"),
        ("a task below the highest", [task(5, "wait"), task(3, "")].concat(), "odd"),
        ("a task after go_away", [wait.clone(), go_away(), task(3, "")].concat(), "GoAway"),
        ("a result", [wait.clone(), framed(1, body::RESULT, &[])].concat(), "from an agent"),
        ("a fault on a stream", [wait.clone(), framed(1, body::FAULT, &[])].concat(), "agent's"),
        ("a second hello", Greeting::agent().framed(), "a second Hello"),
        ("a cancel too early", framed(1, body::CANCEL, &[]), "never opened"),
        ("credit too early", framed(1, body::CREDIT, &number(1, 9)), "never opened"),
        ("credit of the connection", framed(0, body::CREDIT, &number(1, 9)), "of a stream"),
        ("a cancel of the connection", framed(0, body::CANCEL, &[]), "of a stream"),
        ("a ping on a stream", [wait.clone(), framed(1, body::PING, &[])].concat(), "on a stream"),
        ("go_away on a stream", framed(1, body::GO_AWAY, &[]), "on a stream"),
    ];
    for (case, say, sentence) in table {
        server.refuses_then(case, say, FaultCode::STREAM, sentence);
    }
}

fn go_away() -> Vec<u8> {
    framed(0, body::GO_AWAY, &[])
}

#[test]
fn malformed_protobuf_at_any_depth_ends_the_connection() {
    let server = Refusing::start();
    let raw = |body: &[u8]| wire::frame(body);
    let in_task = |content: &[u8]| framed(1, body::TASK, content);
    let in_filter = |content: &[u8]| in_task(&bytes(3, content));
    let hello = packet(0, body::HELLO, &Greeting::agent().content());
    let table: &[(&str, Vec<u8>)] = &[
        ("two bodies", raw(&[packet(1, body::TASK, &[]), hello].concat())),
        ("the same body twice", raw(&[packet(1, body::TASK, &[]), bytes(4, &[])].concat())),
        ("a group", raw(&[number(1, 1), vec![0x0b, 0x0c]].concat())),
        ("a wire type that does not exist", raw(&[0x0f, 0])),
        ("a field number of 0", raw(&[0x00, 0])),
        ("a known field of another type", raw(&bytes(1, b"x"))),
        ("a body that ends too soon", raw(&[0x22, 0x05, 0x0a])),
        ("a varint of 11 bytes", raw(&[&[0x08][..], &[0x80; 10], &[0x00]].concat())),
        ("a stream over 32 bits", raw(&[number(1, 1 << 32), bytes(4, &[])].concat())),
        ("a bool of 2", raw(&[packet(1, body::TASK, &[]), number(2, 2)].concat())),
        ("a task id that is not UTF-8", in_task(&bytes(1, &[0xff]))),
        ("a task type over 32 bits", in_task(&number(2, 1 << 32))),
        ("a filter twice", in_task(&[bytes(3, &[]), bytes(3, &[])].concat())),
        ("a name that is not UTF-8", in_filter(&bytes(1, &[0xc0, 0x80]))),
        ("packed pids that end too soon", in_filter(&bytes(2, &[0x80]))),
        ("a group in a filter", in_filter(&[0x0b, 0x0c])),
        ("a long reason", framed(0, body::GO_AWAY, &bytes(1, &[b'x'; 129]))),
    ];
    for (case, say) in table {
        server.refuses_then(case, say, FaultCode::MALFORMED, "");
    }
    assert_eq!(server.tasks_seen(), 0);
}

/// Many more than may be owed to an agent that does not read, and just under what ends a connection.
const BURST: u64 = 900;

#[test]
fn pings_in_one_write_are_answered_one_by_one_and_no_flood() {
    let server = Refusing::start();
    let mut peer = Peer::agent(server.path());
    let nonce = |nonce: u64| [&[1 << 3 | 1][..], &nonce.to_le_bytes()].concat();
    let burst: Vec<u8> = (1..=BURST).flat_map(|n| framed(0, body::PING, &nonce(n))).collect();
    peer.say(&burst);
    for n in 1..=BURST {
        let pong = peer.packet().expect("a pong");
        assert_eq!((pong.stream, pong.body, pong.content), (0, body::PONG, nonce(n)));
    }
    peer.say(&task(1, "still here"));
    assert_eq!(peer.result(1).1, RECORDS);
}
