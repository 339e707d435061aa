//! Rules 1 to 3: who the sides are, and what may be said before they know.

use eyelet_codec::session::{Config, Role, SubmitError};
use eyelet_codec::{DetectionTask, FaultCode, TaskType};

use crate::rig::{Heard, Pair, SECOND, Side};
use crate::wire::{self, AGENT, COLLECTOR, FAULT, HELLO, Hello};

const MALFORMED: Heard = Heard::Broken(FaultCode::MALFORMED);
const VERSION: Heard = Heard::Broken(FaultCode::VERSION);
const ROLE: Heard = Heard::Broken(FaultCode::ROLE);

#[test]
fn an_agents_first_frame_is_the_first_worked_example() {
    let config = Config { credit: 262_144, software: "python-agent", ..Config::default() };
    let mut agent = Side::new(Role::Agent, config);
    let example = [
        0x1e, 0x1a, 0x1c, 0x08, 0x01, 0x10, 0x01, 0x18, 0x80, 0x80, 0x04, 0x28, 0x80, 0x80, 0x10,
        0x32, 0x0c, 0x70, 0x79, 0x74, 0x68, 0x6f, 0x6e, 0x2d, 0x61, 0x67, 0x65, 0x6e, 0x74, 0x40,
        0x01, 0x6f, 0x61, 0xd1, 0x0b,
    ];
    assert_eq!(agent.send(), example);
}

#[test]
fn a_collectors_hello_says_what_it_can_do() {
    let tasks = &[TaskType::ENUMERATE_PROCESSES, TaskType::VERIFY_EXECUTABLE];
    let config = Config { max_streams: 3, tasks, ..Config::default() };
    let mut collector = Side::new(Role::Collector, config);
    let said = collector.said();
    let [hello] = &said[..] else { panic!("{said:?}") };
    assert_eq!((hello.body, hello.stream), (HELLO, 0));
    let numbers = [1, 2, 3, 4, 5, 8].map(|field| hello.number(field));
    assert_eq!(numbers, [Some(1), Some(1), Some(65_536), Some(3), None, Some(2)]);
    assert_eq!(hello.text(7).as_deref(), Some("\0\u{3}"), "packed");
}

#[test]
fn both_say_hello_at_once_and_nobody_waits() {
    let pair = Pair::new(Config::default(), Config::default());
    assert!(pair.agent.session.is_open());
    assert!(pair.collector.session.is_open());
}

#[test]
fn a_hello_is_at_most_128_bytes_whatever_the_program_is_called() {
    let software =
        "\u{fc}ber-long name of a program that somebody wrote without a look at the limit";
    let tasks = &[TaskType(i32::MAX); 20];
    for role in [Role::Agent, Role::Collector] {
        let (credit, max_streams) = (u64::MAX, u32::MAX);
        let config = Config { software, tasks, credit, max_streams, ..Config::default() };
        let said = Side::new(role, config).said();
        let [hello] = &said[..] else { panic!("{role:?}: {said:?}") };
        assert!(hello.len <= 128, "{role:?}: {}", hello.len);
        let name = hello.text(6).unwrap();
        assert!(name.len() <= 64 && software.starts_with(&name), "{name}");
        assert!(hello.text(7).is_none_or(|tasks| tasks.len() <= 16 * 5));
    }
}

#[test]
fn the_best_a_config_can_ask_for_is_within_its_range() {
    for (asked, said) in [(0, 256), (256, 256), (1_048_576, 1_048_576), (u32::MAX, 1_048_576)] {
        let config = Config { max_frame: asked, credit: 0, ..Config::default() };
        let mut agent = Side::new(Role::Agent, config);
        let hello = agent.said().remove(0);
        assert_eq!((hello.number(3), hello.number(5)), (Some(said), Some(1)), "{asked}");
    }
}

#[test]
fn a_version_in_common_opens_and_none_is_refused_by_name() {
    for (versions, want, upgrade) in [
        ((1, 1), Heard::Open, ""),
        ((0, 1), Heard::Open, ""),
        ((1, 9), Heard::Open, ""),
        ((0, 4_294_967_295), Heard::Open, ""),
        ((0, 0), VERSION, "upgrade your side"),
        ((2, 2), VERSION, "upgrade this side"),
        ((2, 0), VERSION, "upgrade"),
        ((4_294_967_294, 4_294_967_295), VERSION, "upgrade this side"),
    ] {
        let mut collector = Side::new(Role::Collector, Config::default());
        assert_eq!(collector.hear(&Hello { versions, ..AGENT }.body()), want, "{versions:?}");
        if want == VERSION {
            let said = collector.said();
            assert!(said.len() == 1 && said[0].is_fault(0, 4), "{said:?}");
            let message = said[0].text(2).unwrap();
            let theirs = format!("{} to {}", versions.0, versions.1);
            assert!(message.contains("1 to 1") && message.contains(&theirs), "{message}");
            assert!(message.contains(upgrade), "{message}");
            assert!(said[0].len <= 256);
        }
    }
}

/// Fields 1 to 3 never change, so a later version is told its version whatever else it says.
#[test]
fn a_later_version_is_refused_as_such_whatever_else_its_hello_says() {
    for (case, further) in [
        ("a longer name", wire::bytes(6, &[b'x'; 65])),
        ("a number for a name", wire::number(6, 1)),
        ("text for a role", wire::bytes(8, b"agent")),
        ("a field of its own", wire::bytes(77, b"new")),
    ] {
        let hello = Hello { versions: (2, 3), role: 0, ..AGENT };
        let mut collector = Side::new(Role::Collector, Config::default());
        assert_eq!(collector.hear(&hello.with(&further)), VERSION, "{case}");
        let mut collector = Side::new(Role::Collector, Config::default());
        let ours = Hello { role: 0, ..AGENT };
        assert!(matches!(collector.hear(&ours.with(&further)), MALFORMED | ROLE), "{case}, ours");
    }
}

#[test]
fn two_of_one_role_or_none_are_refused() {
    for (role, theirs, want) in [
        (Role::Agent, 0, ROLE),
        (Role::Agent, 1, ROLE),
        (Role::Agent, 2, Heard::Open),
        (Role::Agent, 3, ROLE),
        (Role::Collector, 0, ROLE),
        (Role::Collector, 1, Heard::Open),
        (Role::Collector, 2, ROLE),
        (Role::Collector, 2_147_483_647, ROLE),
    ] {
        let mut side = Side::new(role, Config::default());
        let hello = Hello { role: theirs, credit: 1, ..COLLECTOR };
        assert_eq!(side.hear(&hello.body()), want, "{role:?} and {theirs}");
    }
}

#[test]
fn a_hello_out_of_its_ranges_is_malformed_and_says_which() {
    let agents = [
        ("credit 0", Hello { credit: 0, ..AGENT }, MALFORMED, 1, 0),
        ("credit 1", Hello { credit: 1, ..AGENT }, Heard::Open, 0, 0),
        ("all credit", Hello { credit: u64::MAX, ..AGENT }, Heard::Open, 0, 0),
        ("no max_frame", Hello { max_frame: 0, ..AGENT }, MALFORMED, 256, 0),
        ("max_frame 255", Hello { max_frame: 255, ..AGENT }, MALFORMED, 256, 255),
        ("max_frame 256", Hello { max_frame: 256, ..AGENT }, Heard::Open, 0, 0),
        ("max_frame 1 MiB", Hello { max_frame: 1_048_576, ..AGENT }, Heard::Open, 0, 0),
        ("and 1", Hello { max_frame: 1_048_577, ..AGENT }, MALFORMED, 1_048_576, 1_048_577),
        ("33 bits", Hello { max_frame: 1 << 32, ..AGENT }, MALFORMED, (1 << 32) - 1, 1 << 32),
    ];
    for (case, hello, want, limit, seen) in agents {
        let mut collector = Side::new(Role::Collector, Config::default());
        assert_eq!(collector.hear(&hello.body()), want, "{case}");
        if want == MALFORMED {
            let fault = collector.said().remove(0);
            assert_eq!((fault.number(4), fault.number(5)), (Some(limit), Some(seen)), "{case}");
        }
    }
}

#[test]
fn a_collectors_hello_needs_no_credit() {
    let mut agent = Side::new(Role::Agent, Config::default());
    assert_eq!(agent.hear(&COLLECTOR.body()), Heard::Open);
}

#[test]
fn a_hello_body_may_have_128_bytes_and_no_more() {
    let unknown = |len: usize| AGENT.with(&wire::bytes(15, &vec![b'x'; len]));
    let fits = (0..128).find(|len| unknown(*len).len() == 128).unwrap();
    for (len, want) in [(fits, Heard::Open), (fits + 1, MALFORMED)] {
        let mut collector = Side::new(Role::Collector, Config::default());
        assert_eq!(collector.hear(&unknown(len)), want, "{}", unknown(len).len());
    }
}

#[test]
fn before_the_peers_hello_nothing_is_said_but_hello_or_a_fault() {
    let mut agent = Side::new(Role::Agent, Config::default());
    let stream = agent.submit("early").unwrap();
    agent.session.cancel(stream);
    agent.session.shutdown(agent.now);
    let bodies: Vec<u64> = agent.said().iter().map(|packet| packet.body).collect();
    assert_eq!(bodies, [HELLO, wire::TASK]);

    assert_eq!(agent.hear(&COLLECTOR.body()), Heard::Open);
    let bodies: Vec<u64> = agent.said().iter().map(|packet| packet.body).collect();
    assert_eq!(bodies, [wire::CANCEL, wire::GO_AWAY], "what was held back");
}

#[test]
fn a_side_that_gives_up_at_once_says_one_fault_and_no_hello() {
    let mut collector = Side::new(Role::Collector, Config::default());
    let refusal = eyelet_codec::session::Refusal::new(FaultCode::UNAUTHORIZED, "not you");
    let broken = Heard::Broken(FaultCode::UNAUTHORIZED);
    assert_eq!(Heard::from(collector.session.break_off(refusal)), broken);
    assert_eq!(collector.hear(&AGENT.body()), Heard::Nothing, "nothing of it is parsed");
    let said = collector.said();
    assert!(said.len() == 1 && said[0].is_fault(0, 11) && said[0].len <= 256, "{said:?}");
}

#[test]
fn a_hello_timeout_is_a_fault_behind_the_hello() {
    let mut agent = Side::new(Role::Agent, Config::default());
    assert_eq!(agent.said().len(), 1);
    assert_eq!(agent.wait(10 * SECOND), [Heard::Broken(FaultCode::TIMEOUT)]);
    let said = agent.said();
    assert!(matches!(&said[..], [fault] if fault.body == FAULT && fault.is_fault(0, 13)));
}

#[test]
fn one_small_task_may_go_right_behind_the_hello() {
    let mut agent = Side::new(Role::Agent, Config::default());
    assert_eq!(agent.session.max_body(), 256);
    let id = "i".repeat(128);
    let large = DetectionTask { task_id: &id, metadata: Some(&id), ..Default::default() };
    let error = agent.submit_with(&large, None).unwrap_err();
    assert!(matches!(error, SubmitError::TooLarge { len: 257.., limit: 256 }), "{error:?}");
    assert_eq!(agent.submit("early"), Ok(1));
    assert_eq!(agent.submit("second"), Err(SubmitError::Busy));

    let mut collector = Side::new(Role::Collector, Config::default());
    collector.receive(&agent.send());
    assert_eq!(collector.heard, [Heard::Open, Heard::Task(1)]);
    agent.receive(&collector.send());
    assert_eq!(agent.submit("second"), Ok(3));
}

#[test]
fn an_early_task_stays_the_only_one_even_when_it_was_cancelled() {
    let mut agent = Side::new(Role::Agent, Config::default());
    assert_eq!(agent.submit("early"), Ok(1));
    agent.session.cancel(1);
    assert_eq!(agent.submit("another"), Err(SubmitError::Busy));
}

#[test]
fn no_task_can_get_in_front_of_the_hello() {
    let mut agent = Side::new(Role::Agent, Config::default());
    let early = agent.session.submit(agent.now, 10, None);
    assert_eq!(early, Err(SubmitError::Busy), "the Hello has not been taken yet");
    assert_eq!(agent.said().len(), 1);
    assert_eq!(agent.session.submit(agent.now, 10, None), Ok(1));
}

#[test]
fn a_body_over_the_peers_limit_is_refused_at_home() {
    let mut agent = Side::agent(Config::default(), &Hello { max_frame: 300, ..COLLECTOR });
    for (body, want) in [(301, Err(SubmitError::TooLarge { len: 301, limit: 300 })), (300, Ok(1))] {
        assert_eq!(agent.session.submit(agent.now, body, None), want);
    }
    assert_eq!(agent.session.max_body(), 300);
    let collector = Side::collector(Config::default(), &Hello { max_frame: 1000, ..AGENT });
    assert_eq!(collector.session.max_body(), 1000);
}

#[test]
fn what_is_no_frame_ends_the_connection_with_its_reason() {
    let too_large = [wire::varint(65_537), vec![0; 100]].concat();
    let mut flipped = wire::frame(&wire::ping(7));
    *flipped.last_mut().unwrap() ^= 1;
    for (case, bytes, code) in [
        ("over max_frame", too_large, FaultCode::TOO_LARGE),
        ("a flipped bit", flipped, FaultCode::CHECKSUM),
        ("an empty frame", vec![0, 1, 2, 3, 4], FaultCode::MALFORMED),
        ("a padded length", vec![0x81, 0x00], FaultCode::MALFORMED),
    ] {
        let mut collector = Side::collector(Config::default(), &AGENT);
        collector.receive(&bytes);
        collector.receive(&wire::frame(&wire::ping(7)));
        let heard = [Heard::Broken(code), Heard::Nothing];
        assert_eq!(collector.heard, heard, "{case}: nothing behind it counts");
        let said = collector.said();
        assert!(said.len() == 1 && said[0].is_fault(0, u64::try_from(code.0).unwrap()), "{case}");
    }
}
