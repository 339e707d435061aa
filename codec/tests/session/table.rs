//! Every packet in every state on every kind of stream: the tables of `proto/WIRE.md`, cell by cell.

use std::collections::BTreeSet;

use eyelet_codec::FaultCode;
use eyelet_codec::session::{Config, Refusal, Role};

use crate::packets::{HELLOS, PACKETS};
use crate::page::{self, Cell, ENDED, Table, WAITING};
use crate::rig::{Heard, Side};
use crate::wire::{self, AGENT, COLLECTOR, Hello};

#[test]
fn every_cell_of_the_page_is_what_a_session_does() {
    let (tables, [streams, words]) = page::read();
    let titles: Vec<&str> = tables.iter().map(|table| table.title.as_str()).collect();
    assert_eq!(titles, [WAITING, page::title(Role::Collector), page::title(Role::Agent), ENDED]);

    let mut seen = BTreeSet::new();
    let cells: usize = tables.iter().map(|table| check(table, &mut seen)).sum();
    println!("figure: {cells} cells of state x packet x stream, each as WIRE.md has it");
    assert!(cells > 1500, "{cells}");
    assert_eq!(seen.len(), 17, "each kind of outcome is on the page: {seen:?}");
    let named = ["opened", "task", "result", "end", "credit", "cancel", "leaves", "pong"];
    let named = named.into_iter().chain(["ignored", "closed", "BUSY", "GOING_AWAY"]);
    assert!(words.iter().map(String::as_str).eq(named.chain(["another fault code"])), "{words:?}");
    for kind in tables.iter().flat_map(|table| &table.kinds) {
        assert!(streams.contains(kind), "{kind} is not explained");
    }
}

/// Every state and every packet there is, in the columns that there are; how many cells that makes.
fn check(table: &Table, seen: &mut BTreeSet<Cell>) -> usize {
    let states: Vec<State> =
        STATES.into_iter().filter(|state| state.table == table.title).collect();
    let packets = PACKETS.iter().chain(if table.title == WAITING { &HELLOS[..] } else { &[] });
    let packets: Vec<_> = packets.collect();
    let names: (Vec<&str>, Vec<&str>) =
        (packets.iter().map(|packet| packet.0).collect(), states.iter().map(|s| s.name).collect());
    assert_eq!(table.strangers(&names.0, &names.1), [""; 0]);
    let kinds: Vec<&str> = states[0].streams.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(table.kinds, kinds, "{}", table.title);

    for state in &states {
        for (packet, bytes) in &packets {
            for (kind, streams) in state.streams {
                let want = table.cell(packet, state.name, kind);
                for stream in *streams {
                    let place =
                        format!("{}: {packet}, {}, {kind} {stream}", table.title, state.name);
                    let mut side = (state.side)(state.role, packet);
                    assert_eq!(
                        outcome(&mut side, &bytes(*stream, state.role), &place),
                        want,
                        "{place}"
                    );
                }
                seen.insert(want);
            }
        }
    }
    states.len() * packets.len() * kinds.len()
}

/// A state by its name on the page, with streams of each kind.
#[derive(Clone, Copy)]
struct State {
    table: &'static str,
    name: &'static str,
    role: Role,
    streams: &'static [(&'static str, &'static [u64])],
    side: fn(Role, &str) -> Side,
}

const ANY: &[(&str, &[u64])] = &[("0", &[0]), ("odd", &[1, 3, 0x7fff_ffff]), ("even", &[2, 8])];
/// As [`collector`] leaves them.
const COLLECTORS: &[(&str, &[u64])] = &[
    ("0", &[0]),
    ("open", &[5]),
    ("cancelled", &[9]),
    ("ended", &[3]),
    ("skipped", &[1, 7]),
    ("next", &[11, 13, 0x7fff_ffff]),
    ("even", &[4, 12]),
];
/// As [`agent`] leaves them.
const AGENTS: &[(&str, &[u64])] = &[
    ("0", &[0]),
    ("open", &[5]),
    ("cancelled", &[7]),
    ("ended", &[1, 3]),
    ("next", &[9, 11, 0x7fff_ffff]),
    ("even", &[4, 10]),
];

const STATES: [State; 15] = [
    waiting("collector", Role::Collector, |role, _| Side::new(role, Config::default())),
    waiting("agent", Role::Agent, |role, _| Side::new(role, Config::default())),
    waiting("agent with an early task", Role::Agent, |role, _| {
        let mut side = Side::new(role, Config::default());
        assert_eq!(side.submit("early"), Ok(1));
        side
    }),
    open("open", Role::Collector, side),
    open("leaving", Role::Collector, leaving),
    open("peer leaving", Role::Collector, peer_leaving),
    open("both leaving", Role::Collector, both_leaving),
    open("open", Role::Agent, side),
    open("leaving", Role::Agent, leaving),
    open("peer leaving", Role::Agent, peer_leaving),
    open("both leaving", Role::Agent, both_leaving),
    ended("agent, itself", Role::Agent, broken_off),
    ended("agent, peer", Role::Agent, told_of_the_end),
    ended("collector, itself", Role::Collector, broken_off),
    ended("collector, peer", Role::Collector, told_of_the_end),
];

const fn waiting(name: &'static str, role: Role, side: fn(Role, &str) -> Side) -> State {
    State { table: WAITING, name, role, streams: ANY, side }
}

const fn open(name: &'static str, role: Role, side: fn(Role, &str) -> Side) -> State {
    let (table, streams) = match role {
        Role::Agent => ("An agent", AGENTS),
        Role::Collector => ("A collector", COLLECTORS),
    };
    State { table, name, role, streams, side }
}

const fn ended(name: &'static str, role: Role, side: fn(Role, &str) -> Side) -> State {
    State { table: ENDED, name, role, streams: ANY, side }
}

/// An open side as the packet's name asks for it: without credit, or without a place.
fn side(role: Role, packet: &str) -> Side {
    match role {
        Role::Agent => agent(packet.ends_with("credit spent")),
        Role::Collector => collector(packet.ends_with("over `max_streams`")),
    }
}

fn collector(is_full: bool) -> Side {
    let max_streams = if is_full { 2 } else { 3 };
    let mut side = Side::collector(Config { max_streams, ..Config::default() }, &AGENT);
    assert_eq!(side.hear(&wire::task(3, b"")), Heard::Task(3));
    assert!(side.reply(3, &[], false));
    for stream in [5, 9] {
        assert_eq!(side.hear(&wire::task(stream.into(), b"")), Heard::Task(stream));
    }
    assert_eq!(side.hear(&wire::cancel(9)), Heard::Cancel(9));
    assert_eq!(side.session.live(), 2);
    side
}

fn agent(is_spent: bool) -> Side {
    let mut side = Side::agent(Config { credit: 1, ..Config::default() }, &COLLECTOR);
    for stream in [1, 3, 5, 7] {
        assert_eq!(side.submit("task"), Ok(stream));
    }
    side.hear(&wire::result(1, b"", false));
    assert_eq!(side.hear(&wire::fault(3, 12)), Heard::Fault(3, FaultCode::BUSY));
    for stream in if is_spent { [5, 7].iter() } else { [].iter() } {
        assert!(matches!(side.hear(&wire::result(*stream, b"", true)), Heard::Result { .. }));
    }
    side.session.cancel(7);
    assert_eq!(side.session.live(), 2);
    side
}

fn leaving(role: Role, packet: &str) -> Side {
    let mut side = side(role, packet);
    side.session.shutdown(side.now);
    side
}

fn peer_leaving(role: Role, packet: &str) -> Side {
    let mut side = side(role, packet);
    assert_eq!(side.hear(&wire::go_away(5)), Heard::GoAway { last_stream: 5 });
    side
}

fn both_leaving(role: Role, packet: &str) -> Side {
    let mut side = peer_leaving(role, packet);
    side.session.shutdown(side.now);
    side
}

fn broken_off(role: Role, packet: &str) -> Side {
    let mut side = side(role, packet);
    let refusal = Refusal::new(FaultCode::INTERNAL, "the test wants it");
    assert_eq!(Heard::from(side.session.break_off(refusal)), Heard::Broken(FaultCode::INTERNAL));
    side
}

fn told_of_the_end(role: Role, packet: &str) -> Side {
    let mut side = side(role, packet);
    assert_eq!(side.hear(&wire::fault(0, 16)), Heard::Closed(FaultCode::INTERNAL));
    side
}

/// What became of a packet, with what must hold in each case.
fn outcome(side: &mut Side, packet: &[u8], place: &str) -> Cell {
    side.said();
    let (was_open, live) = (side.session.is_open(), side.session.live());
    let heard = side.hear(packet);
    let said = side.said();
    let cell = match (&heard, &said[..]) {
        (Heard::Open, []) => Cell::Opened,
        (Heard::Task(_), []) => Cell::Task,
        (Heard::Result { more: true, .. }, []) => Cell::Result,
        (Heard::Result { more: false, .. } | Heard::Fault(..), []) => Cell::End,
        (Heard::Credit(_), []) => Cell::Credit,
        (Heard::Cancel(_), []) => Cell::Cancel,
        (Heard::GoAway { .. }, []) => Cell::Leaves,
        (Heard::Nothing, []) => Cell::Ignored,
        (Heard::Closed(_), []) => Cell::Closed,
        (Heard::Nothing, [pong]) if pong.body == wire::PONG && pong.stream == 0 => {
            assert_eq!(pong.number(1), Some(7), "{place}: the ping's nonce");
            Cell::Pong
        }
        (Heard::Refused(stream, code), [fault]) if fault.len <= 256 => {
            assert_eq!(Some(u64::from(*stream)), stream_of(packet), "{place}");
            assert!(
                fault.is_fault((*stream).into(), u64::try_from(code.0).unwrap()),
                "{place}: {said:?}"
            );
            Cell::Refused(code.0)
        }
        (Heard::Broken(code), [fault]) => {
            assert!(fault.is_fault(0, u64::try_from(code.0).unwrap()), "{place}: {said:?}");
            assert!(fault.len <= 256 && fault.text(2).is_some_and(|text| !text.is_empty()));
            Cell::Broken(code.0)
        }
        other => panic!("{place}: {other:?}"),
    };
    let (ends, streams) = match cell {
        Cell::Closed | Cell::Broken(_) => (true, 0),
        Cell::Task => (false, live + 1),
        Cell::End => (false, live - 1),
        _ => (false, live),
    };
    assert_eq!(side.session.live(), streams, "{place}");
    assert_eq!(side.session.is_open(), !ends && (was_open || cell == Cell::Opened), "{place}");
    if ends {
        assert_eq!((side.session.is_done(), side.session.poll_timeout()), (true, None), "{place}");
        assert_eq!(side.hear(&wire::ping(9)), Heard::Nothing, "{place}: deaf from then on");
        assert_eq!(side.said(), [], "{place}: mute from then on");
    }
    cell
}

fn stream_of(packet: &[u8]) -> Option<u64> {
    wire::fields(packet).into_iter().find_map(|(field, value)| match value {
        wire::Value::Number(stream) if field == 1 => Some(stream),
        _ => None,
    })
}

/// The control: a page that says otherwise would be noticed.
#[test]
fn a_session_that_does_something_else_is_noticed() {
    let mut agent = Side::agent(Config::default(), &Hello { max_streams: 1, ..COLLECTOR });
    assert_ne!(outcome(&mut agent, &wire::task(1, b""), "a task for an agent"), Cell::Task);
    let (tables, _) = page::read();
    let strangers = tables[1].strangers(&["`task`"], &["open"]);
    assert!(strangers.len() > 20, "{strangers:?}");
}
