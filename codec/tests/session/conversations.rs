//! Thousands of conversations over a line that loses nothing and delays as it likes: every record comes
//! once and in order, or the session ends loudly.

use eyelet_codec::session::{Config, Role};
use proptest::prelude::*;

use crate::rig::{Heard, SECOND, Side};
use crate::wire::COLLECTOR;
use crate::world::{Plan, Setting, Trouble, World};

fn plan() -> impl Strategy<Value = Plan> {
    let at = || prop_oneof![4 => Just(None), 1 => (0..30usize).prop_map(Some)];
    (0..40usize, 1..150usize, 1..10usize, at(), at()).prop_map(
        |(records, name_len, chunk, fails_at, cancels_at)| Plan {
            records,
            name_len,
            chunk,
            fails_at,
            cancels_at,
        },
    )
}

fn setting() -> impl Strategy<Value = Setting> {
    let credit = prop_oneof![1..20u64, 200..300u64, 1..5000u64, Just(u64::MAX)];
    let frame = || prop_oneof![Just(256u32), 256..300u32, 256..4000u32];
    (credit, (frame(), frame()), 1..5u32, prop::collection::vec(plan(), 1..8)).prop_map(
        |(credit, frames, max_streams, plans)| Setting { credit, frames, max_streams, plans },
    )
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        Just(Trouble::AgentLeaves),
        Just(Trouble::CollectorLeaves),
        Just(Trouble::AgentBreaksOff),
        Just(Trouble::CollectorBreaksOff),
        (any::<bool>(), any::<usize>())
            .prop_map(|(to_agent, bit)| Trouble::FlippedBit { to_agent, bit }),
    ]
}

fn steps() -> impl Strategy<Value = Vec<(u8, usize)>> {
    prop::collection::vec((any::<u8>(), prop_oneof![0..8usize, 0..3000usize]), 0..300)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_record_comes_once_and_in_order(setting in setting(), steps in steps()) {
        let mut world = World::new(setting);
        for (choice, amount) in steps {
            world.step(choice, amount);
            world.check_order();
        }
        world.run();
        world.check_order();
        world.check_completeness();
    }

    #[test]
    fn trouble_is_loud(
        setting in setting(),
        steps in steps(),
        trouble in trouble(),
        later in steps(),
    ) {
        let mut world = World::new(setting);
        for (choice, amount) in steps {
            world.step(choice, amount);
        }
        let ends = world.meet(trouble);
        for (choice, amount) in later {
            world.step(choice, amount);
        }
        for _ in 0..20 {
            world.run();
            world.pass_time(SECOND);
        }
        world.run();
        world.check_order();
        prop_assert!(world.to_agent.is_empty() && world.to_collector.is_empty());
        if ends {
            prop_assert!(world.agent.session.is_done() && world.collector.session.is_done());
            prop_assert!(!world.agent.session.is_open() && !world.collector.session.is_open());
        } else if world.agent.session.is_open() {
            // Either side has left, or the flipped bit met an empty line: what was begun has ended.
            prop_assert_eq!(&world.ends, &[]);
            let open = world.received.values().filter(|stream| stream.end.is_none()).count();
            prop_assert_eq!(open, 0);
        }
    }
}

/// Where frames are cut on their way changes nothing.
#[test]
fn a_conversation_is_the_same_wherever_it_is_cut() {
    let mut agent = Side::new(Role::Agent, Config::default());
    agent.submit("first").unwrap();
    let mut bytes = agent.send();
    agent.hear(&COLLECTOR.body());
    agent.submit("second").unwrap();
    agent.session.cancel(1);
    agent.session.shutdown(agent.now);
    bytes.extend(agent.send());
    let whole = [
        Heard::Open,
        Heard::Task(1),
        Heard::Task(3),
        Heard::Cancel(1),
        Heard::GoAway { last_stream: 3 },
    ];
    let hear = |cuts: &[&[u8]]| {
        let mut collector = Side::new(Role::Collector, Config::default());
        for bytes in cuts {
            collector.receive(bytes);
        }
        collector.heard
    };
    assert_eq!(hear(&[&bytes]), whole);
    for first in 0..=bytes.len() {
        for second in first..=bytes.len() {
            let cuts = [&bytes[..first], &bytes[first..second], &bytes[second..]];
            assert_eq!(hear(&cuts), whole, "cut at {first} and {second}");
        }
    }
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(hear(&single), whole);
    let splits = (bytes.len() + 1) * (bytes.len() + 2) / 2;
    println!("figure: {splits} splits of a conversation in three, each understood alike");
}
