//! Rules 9 and 12: what a peer may make a side do for nothing.

use eyelet_codec::session::Config;
use eyelet_codec::{FaultCode, TaskType};

use crate::rig::{Heard, SECOND, Side};
use crate::wire::{self, AGENT, COLLECTOR, Hello};

const FLOOD: Heard = Heard::Broken(FaultCode::FLOOD);

/// At once, and each second (rule 9).
const BURST: u32 = 1000;
const RATE: u32 = 33;

/// Streams 1, 3 and 7 take all the places, and 5 has ended.
fn collector() -> Side {
    let config = Config { max_streams: 3, ..Config::default() };
    let mut collector = Side::collector(config, &AGENT);
    for stream in [1, 3, 5] {
        collector.hear(&wire::task(stream, b""));
    }
    collector.fail(5, FaultCode::INTERNAL);
    collector.hear(&wire::task(7, b""));
    collector.said();
    collector
}

type Attack = fn(u32) -> Vec<u8>;

/// What costs an agent's collector something and does nothing, `n` being different each time.
const ATTACKS: [(&str, Attack); 9] = [
    ("pings", |n| wire::ping(n.into())),
    ("pongs", |_| wire::packet(0, wire::PONG, &wire::nonce_field(7))),
    ("cancels", |_| wire::cancel(1)),
    ("cancels of ended streams", |_| wire::cancel(5)),
    ("credits for ended streams", |_| wire::credit(5, 1)),
    ("credits without a result", |n| wire::credit(1, 1_000_000 + u64::from(n))),
    ("unknown bodies", |n| wire::packet(n.into(), 15, b"")),
    ("go_aways", |_| wire::go_away(1)),
    ("tasks over max_streams", |n| wire::task(u64::from(n) * 2 + 9, b"")),
];

/// Hears `count` of an attack, all answers read; how many passed.
fn attack(side: &mut Side, packet: Attack, from: u32, count: u32) -> u32 {
    let passes = |n: &u32| {
        let heard = side.hear(&packet(*n));
        side.said();
        assert!(heard == FLOOD || !matches!(heard, Heard::Broken(_)), "{heard:?}");
        heard != FLOOD && side.session.is_open()
    };
    u32::try_from((from..from + count).take_while(passes).count()).unwrap()
}

#[test]
fn a_burst_passes_and_one_more_is_a_flood() {
    for (name, packet) in ATTACKS {
        let mut side = collector();
        assert_eq!(attack(&mut side, packet, 0, BURST), BURST, "{name}");
        assert_eq!(side.hear(&packet(BURST)), FLOOD, "{name}");
        let said = side.said();
        assert!(said.len() == 1 && said[0].is_fault(0, 8), "{name}: {said:?}");
    }
}

#[test]
fn thirty_three_a_second_are_never_too_many() {
    for (name, packet) in ATTACKS {
        let mut side = collector();
        let mut n = attack(&mut side, packet, 0, BURST);
        for second in 0..60 {
            side.now += SECOND;
            let passed = attack(&mut side, packet, n, RATE);
            assert_eq!(passed, RATE, "{name} in second {second}");
            n += passed;
        }
        assert!(attack(&mut side, packet, n, RATE) < RATE, "{name}: they were not free");
    }
}

#[test]
fn a_steady_thirty_three_a_second_lose_nothing_to_rounding() {
    let mut side = collector();
    let (_, ping) = ATTACKS[0];
    assert_eq!(attack(&mut side, ping, 0, BURST), BURST);
    let start = side.now;
    for n in 1..=RATE * 100 {
        side.now = start + SECOND * n / RATE + SECOND / 1_000_000;
        assert_eq!(attack(&mut side, ping, n, 1), 1, "the {n}th");
    }
}

#[test]
fn a_long_rest_saves_up_no_more_than_a_burst() {
    let mut side = collector();
    let (_, ping) = ATTACKS[0];
    side.now += 500 * SECOND;
    assert_eq!(attack(&mut side, ping, 0, 2 * BURST), BURST);
}

/// As many as one likes, one after the other: they are what a connection is for.
#[test]
fn tasks_results_and_a_credit_for_each_are_free() {
    let mut side = Side::collector(Config::default(), &Hello { credit: 1, ..AGENT });
    for stream in (1u32..).step_by(2).take(3000) {
        assert_eq!(side.hear(&wire::task(stream.into(), b"")), Heard::Task(stream));
        assert!(side.reply(stream, &["a"], true));
        assert_eq!(side.hear(&wire::credit(stream.into(), 100)), Heard::Credit(stream));
        assert!(side.reply(stream, &["b"], true) && side.reply(stream, &[], false));
        side.said();
    }
    assert_eq!(side.hear(&wire::ping(7)), Heard::Nothing);
}

/// An agent that grants after each result has a whole window of them under way.
#[test]
fn credits_that_come_late_are_free_too() {
    let mut side = Side::collector(Config::default(), &AGENT);
    for stream in [1u32, 3, 5] {
        side.hear(&wire::task(stream.into(), b""));
        for _ in 0..5000 {
            assert!(side.reply(stream, &["a"], true));
        }
        side.said();
        for total in 0..2500 {
            assert_eq!(side.hear(&wire::credit(stream.into(), total)), Heard::Credit(stream));
        }
        assert!(side.reply(stream, &[], false));
        for total in 2500..5000 {
            let heard = side.hear(&wire::credit(stream.into(), total));
            assert_eq!(heard, Heard::Nothing, "{total} on {stream}, which has ended");
        }
    }
}

#[test]
fn a_million_small_results_are_no_flood() {
    let mut agent = Side::agent(Config::default(), &COLLECTOR);
    agent.submit("monitor").unwrap();
    let body = wire::result_of(1, 40, true);
    for _ in 0..1_000_000 {
        let event = agent.session.handle_frame(agent.now, &body);
        assert!(matches!(event, eyelet_codec::session::Event::Result { cost: 40, .. }));
        agent.session.consume(1, 40);
        agent.pump();
        agent.out.clear();
    }
}

#[test]
fn an_agent_is_not_flooded_either() {
    let attacks: [(&str, Attack); 4] = [
        ATTACKS[0],
        ("results of ended streams", |_| wire::result(1, b"", true)),
        ("faults of ended streams", |_| wire::fault(1, 16)),
        ATTACKS[6],
    ];
    for (name, packet) in attacks {
        let mut agent = Side::agent(Config::default(), &COLLECTOR);
        agent.submit("task").unwrap();
        agent.hear(&wire::fault(1, 12));
        assert_eq!(attack(&mut agent, packet, 0, BURST), BURST, "{name}");
        assert_eq!(attack(&mut agent, packet, BURST, 1), 0, "{name}");
    }
}

/// Open and cancel, again and again, each ended before the next: the work was begun for nothing.
#[test]
fn open_and_cancel_is_not_free_because_the_stream_ends() {
    for end_by_result in [false, true] {
        let mut side = Side::collector(Config::default(), &AGENT);
        let rounds = (1u32..).step_by(2).take(5000).take_while(|stream| {
            assert_eq!(side.hear(&wire::task((*stream).into(), b"")), Heard::Task(*stream));
            let heard = side.hear(&wire::cancel((*stream).into()));
            if heard == Heard::Cancel(*stream) && end_by_result {
                side.reply(*stream, &[], false);
            } else if heard == Heard::Cancel(*stream) {
                side.fail(*stream, FaultCode::CANCELLED);
            }
            side.said();
            heard != FLOOD
        });
        assert_eq!(rounds.count(), 1000);
    }
}

#[test]
fn a_task_that_was_finished_makes_up_for_one_that_was_not() {
    let mut side = Side::collector(Config::default(), &AGENT);
    for stream in (1u32..).step_by(4).take(3000) {
        assert_eq!(side.hear(&wire::task(stream.into(), b"")), Heard::Task(stream));
        assert!(side.reply(stream, &["a"], false));
        assert_eq!(side.hear(&wire::task((stream + 2).into(), b"")), Heard::Task(stream + 2));
        assert_eq!(side.hear(&wire::cancel((stream + 2).into())), Heard::Cancel(stream + 2));
        side.fail(stream + 2, FaultCode::CANCELLED);
        side.said();
    }
}

/// Making the other side refuse is work too.
#[test]
fn faults_provoked_are_bounded() {
    for code in [FaultCode::INVALID, FaultCode::UNSUPPORTED, FaultCode::UNAUTHORIZED] {
        let mut side = Side::collector(Config::default(), &AGENT);
        let rounds = (1u32..).step_by(2).take(5000).take_while(|stream| {
            side.hear(&wire::task((*stream).into(), b""));
            side.fail(*stream, code);
            let said = side.said();
            if side.session.is_done() {
                assert!(said.len() == 1 && said[0].is_fault(0, 8), "{said:?}");
                return false;
            }
            assert!(
                said.len() == 1
                    && said[0].is_fault((*stream).into(), u64::try_from(code.0).unwrap())
            );
            true
        });
        assert_eq!(rounds.count(), 1000, "{code:?}");
    }
}

#[test]
fn a_fault_that_is_nobodys_provocation_costs_nothing() {
    let mut side = Side::collector(Config { tasks: &[TaskType(0)], ..Config::default() }, &AGENT);
    for stream in (1u32..).step_by(2).take(3000) {
        side.hear(&wire::task(stream.into(), b""));
        side.fail(stream, if stream % 4 == 1 { FaultCode::INTERNAL } else { FaultCode::TIMEOUT });
        assert_eq!(side.said().len(), 1);
    }
}

#[test]
fn sixty_four_answers_may_wait_for_the_line_and_no_more() {
    let (_, ping) = ATTACKS[0];
    let (_, task) = ATTACKS[8];
    for (case, packets) in
        [("pongs", [ping, ping]), ("refusals", [task, task]), ("both", [ping, task])]
    {
        let mut side = collector();
        for n in 0..64 {
            let heard = side.hear(&packets[n as usize % 2](n));
            assert!(matches!(heard, Heard::Nothing | Heard::Refused(..)), "{case}, {n}: {heard:?}");
            side.pump();
        }
        assert_eq!(side.hear(&packets[0](64)), FLOOD, "{case}");
        let out = side.send();
        let said = wire::unframe(&out);
        assert_eq!(said.len(), 65, "{case}: all of them, and the fault");
        assert!(wire::Packet::read(&said[64]).is_fault(0, 8), "{case}");
    }
}

#[test]
fn a_line_that_takes_its_bytes_may_be_asked_for_ever() {
    let mut side = collector();
    let (_, ping) = ATTACKS[0];
    for round in 0..20 {
        side.now += 2 * SECOND;
        for n in 0..64 {
            assert_eq!(side.hear(&ping(n)), Heard::Nothing, "round {round}");
            side.pump();
        }
        assert_eq!(side.said().len(), 64);
    }
}
