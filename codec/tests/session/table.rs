//! Every state against every packet on every kind of stream, for both roles (rules 1, 4, 6, 9, 13, 14).

use eyelet_codec::FaultCode;
use eyelet_codec::session::{Config, Refusal, Role};

use self::Want::{Broken, Closed, Event, Ignored, Opened, Pong};
use crate::rig::{Heard, Side};
use crate::wire::{self, AGENT, COLLECTOR};

/// What a packet comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    /// The peer's Hello has been read.
    Opened,
    /// Something for the application.
    Event,
    /// An answer is owed and nothing else.
    Pong,
    /// Nothing at all.
    Ignored,
    /// The peer has ended the connection; it is not answered.
    Closed,
    /// This side ends the connection by a fault of this code.
    Broken(FaultCode),
}

const S: Want = Broken(FaultCode::STREAM);
const M: Want = Broken(FaultCode::MALFORMED);

/// Stream 0; one that is open; one that has ended; one that was skipped (an agent skips none: the
/// other that has ended); the next, never opened; an even one below; an even one above.
const STREAMS: [u64; 7] = [0, 5, 3, 1, 7, 4, 8];

type OnStream = fn(u64) -> Vec<u8>;

const PACKETS: [(&str, OnStream); 17] = [
    ("hello of an agent", |stream| on(stream, &AGENT.body())),
    ("hello of a collector", |stream| on(stream, &COLLECTOR.body())),
    ("task", |stream| wire::task(stream, b"")),
    ("result, more", |stream| wire::result(stream, b"", true)),
    ("result, last", |stream| wire::result(stream, b"", false)),
    ("fault", |stream| wire::fault(stream, 12)),
    ("credit", |stream| wire::credit(stream, 1)),
    ("cancel", wire::cancel),
    ("ping", |stream| on(stream, &wire::ping(7))),
    ("pong", |stream| wire::packet(stream, wire::PONG, &wire::nonce_field(7))),
    ("go_away", |stream| on(stream, &wire::go_away(5))),
    ("no body", |stream| wire::number(1, stream)),
    ("unknown body", |stream| wire::packet(stream, 15, b"new")),
    ("two bodies", |stream| [wire::cancel(stream), wire::bytes(wire::RESULT, b"")].concat()),
    ("one body twice", |stream| [wire::cancel(stream), wire::bytes(wire::CANCEL, b"")].concat()),
    ("cut short", |stream| [wire::stream_field(stream), vec![8 << 3 | 2, 5]].concat()),
    ("a limit broken", |stream| wire::packet(stream, wire::FAULT, &wire::bytes(2, &[b'x'; 129]))),
];

fn on(stream: u64, body: &[u8]) -> Vec<u8> {
    [wire::stream_field(stream), body.to_vec()].concat()
}

#[rustfmt::skip]
const COLLECTOR_OPEN: [[Want; 7]; 17] = [
    //                        0        open     ended    skipped  next     even     even
    /* hello of an agent */  [S,       S,       S,       S,       S,       S,       S],
    /* .. a collector    */  [S,       S,       S,       S,       S,       S,       S],
    /* task              */  [S,       S,       S,       S,       Event,   S,       S],
    /* result, more      */  [S,       S,       S,       S,       S,       S,       S],
    /* result, last      */  [S,       S,       S,       S,       S,       S,       S],
    /* fault             */  [Closed,  S,       S,       S,       S,       S,       S],
    /* credit            */  [S,       Event,   Ignored, Ignored, S,       S,       S],
    /* cancel            */  [S,       Event,   Ignored, Ignored, S,       S,       S],
    /* ping              */  [Pong,    S,       S,       S,       S,       S,       S],
    /* pong              */  [Ignored, S,       S,       S,       S,       S,       S],
    /* go_away           */  [Event,   S,       S,       S,       S,       S,       S],
    /* no body           */  [Ignored, Ignored, Ignored, Ignored, Ignored, Ignored, Ignored],
    /* unknown body      */  [Ignored, Ignored, Ignored, Ignored, Ignored, Ignored, Ignored],
    /* two bodies        */  [M,       M,       M,       M,       M,       M,       M],
    /* one body twice    */  [M,       M,       M,       M,       M,       M,       M],
    /* cut short         */  [M,       M,       M,       M,       M,       M,       M],
    /* a limit broken    */  [M,       M,       M,       M,       M,       M,       M],
];

#[rustfmt::skip]
const AGENT_OPEN: [[Want; 7]; 17] = [
    //                        0        open     ended    ended    next     even     even
    /* hello of an agent */  [S,       S,       S,       S,       S,       S,       S],
    /* .. a collector    */  [S,       S,       S,       S,       S,       S,       S],
    /* task              */  [S,       S,       S,       S,       S,       S,       S],
    /* result, more      */  [S,       Event,   Ignored, Ignored, S,       S,       S],
    /* result, last      */  [S,       Event,   Ignored, Ignored, S,       S,       S],
    /* fault             */  [Closed,  Event,   Ignored, Ignored, S,       S,       S],
    /* credit            */  [S,       S,       S,       S,       S,       S,       S],
    /* cancel            */  [S,       S,       S,       S,       S,       S,       S],
    /* ping              */  [Pong,    S,       S,       S,       S,       S,       S],
    /* pong              */  [Ignored, S,       S,       S,       S,       S,       S],
    /* go_away           */  [Event,   S,       S,       S,       S,       S,       S],
    /* no body           */  [Ignored, Ignored, Ignored, Ignored, Ignored, Ignored, Ignored],
    /* unknown body      */  [Ignored, Ignored, Ignored, Ignored, Ignored, Ignored, Ignored],
    /* two bodies        */  [M,       M,       M,       M,       M,       M,       M],
    /* one body twice    */  [M,       M,       M,       M,       M,       M,       M],
    /* cut short         */  [M,       M,       M,       M,       M,       M,       M],
    /* a limit broken    */  [M,       M,       M,       M,       M,       M,       M],
];

#[test]
fn an_open_collector_meets_every_packet_on_every_stream() {
    check(open_collector, &|row, column| COLLECTOR_OPEN[row][column]);
}

#[test]
fn an_open_agent_meets_every_packet_on_every_stream() {
    check(open_agent, &|row, column| AGENT_OPEN[row][column]);
}

/// Rule 1: the first packet is `hello` or a `fault`, both of the connection. Not even a body that is not
/// known comes before them.
#[test]
fn a_side_that_waits_for_a_hello_takes_nothing_else() {
    let role = Broken(FaultCode::ROLE);
    let first = |own: [Want; 2]| {
        move |row: usize, column: usize| match (PACKETS[row].0, STREAMS[column]) {
            ("hello of an agent", 0) => own[0],
            ("hello of a collector", 0) => own[1],
            ("fault", 0) => Closed,
            ("two bodies" | "one body twice" | "cut short" | "a limit broken", _) => M,
            _ => S,
        }
    };
    check(|| Side::new(Role::Collector, Config::default()), &first([Opened, role]));
    check(|| Side::new(Role::Agent, Config::default()), &first([role, Opened]));
    check(early_agent, &first([role, Opened]));
}

#[test]
fn a_side_that_has_ended_takes_nothing() {
    for open in [open_collector, open_agent] {
        check(|| broken_off(open()), &|_, _| Ignored);
        check(|| told_of_the_end(open()), &|_, _| Ignored);
    }
}

/// Each cell with a side of its own.
fn check(side: impl Fn() -> Side, want: &dyn Fn(usize, usize) -> Want) {
    for (row, (name, packet)) in PACKETS.iter().enumerate() {
        for (column, stream) in STREAMS.iter().enumerate() {
            let mut side = side();
            side.said();
            let was_open = side.session.is_open();
            let heard = side.hear(&packet(*stream));
            let got = outcome(&mut side, &heard, was_open, &format!("{name} on {stream}"));
            assert_eq!(got, want(row, column), "{name} on {stream}");
        }
    }
}

/// What became of it, with what must hold in each case.
fn outcome(side: &mut Side, heard: &Heard, was_open: bool, case: &str) -> Want {
    let said = side.said();
    let open = side.session.is_open();
    let want = match heard {
        Heard::Open => Opened,
        Heard::Closed(_) => Closed,
        Heard::Broken(code) => Broken(*code),
        Heard::Nothing if !said.is_empty() => Pong,
        Heard::Nothing => Ignored,
        _ => Event,
    };
    match want {
        Pong => {
            let [pong] = &said[..] else { panic!("{case}: {said:?}") };
            assert_eq!((pong.body, pong.stream), (wire::PONG, 0), "{case}");
            assert_eq!(pong.number(1), Some(7), "{case}: the ping's nonce");
        }
        Broken(code) => {
            let [fault] = &said[..] else { panic!("{case}: {said:?}") };
            assert!(fault.is_fault(0, u64::try_from(code.0).unwrap()), "{case}: {said:?}");
            assert!(fault.len <= 256 && fault.text(2).is_some_and(|text| !text.is_empty()));
        }
        _ => assert_eq!(said, [], "{case}"),
    }
    match want {
        Closed | Broken(_) => {
            assert!(!open && side.session.is_done(), "{case}");
            assert_eq!((side.session.live(), side.session.poll_timeout()), (0, None), "{case}");
            assert_eq!(side.hear(&wire::ping(9)), Heard::Nothing, "{case}: deaf from then on");
            assert_eq!(side.said(), [], "{case}: mute from then on");
        }
        Opened => assert!(open, "{case}"),
        Event | Pong | Ignored => assert_eq!(open, was_open, "{case}"),
    }
    want
}

fn open_collector() -> Side {
    let mut side = Side::collector(Config::default(), &AGENT);
    assert_eq!(side.hear(&wire::task(3, b"")), Heard::Task(3));
    assert!(side.reply(3, &[], false));
    assert_eq!(side.hear(&wire::task(5, b"")), Heard::Task(5));
    side
}

fn open_agent() -> Side {
    let mut side = Side::agent(Config::default(), &COLLECTOR);
    for stream in [1, 3, 5] {
        assert_eq!(side.submit("task"), Ok(stream));
    }
    side.hear(&wire::result(1, b"", false));
    assert_eq!(side.hear(&wire::fault(3, 12)), Heard::Fault(3, FaultCode::BUSY));
    assert_eq!(side.session.live(), 1);
    side
}

fn early_agent() -> Side {
    let mut side = Side::new(Role::Agent, Config::default());
    assert_eq!(side.submit("early"), Ok(1));
    side
}

fn broken_off(mut side: Side) -> Side {
    let refusal = Refusal::new(FaultCode::INTERNAL, "the test wants it");
    assert_eq!(Heard::from(side.session.break_off(refusal)), Heard::Broken(FaultCode::INTERNAL));
    side
}

fn told_of_the_end(mut side: Side) -> Side {
    assert_eq!(side.hear(&wire::fault(0, 16)), Heard::Closed(FaultCode::INTERNAL));
    side
}
