//! An agent's and a collector's session, each on its link, over such a line.

use std::time::Duration;

use eyelet_codec::FaultCode;
use eyelet_codec::session::{Refusal, Role};

use crate::line::{DEAD, Line};
use crate::peer::{Heard, Peer, Task};
use crate::world::World;
use eyelet_tests::random::Random;

const TASKS: usize = 6;
const MINUTE: Duration = Duration::from_secs(60);
const TENTH: usize = 115;

fn world(seed: u64, per_mille: usize) -> World<Peer> {
    let line = |from: u64| Line::new(seed ^ 0x5e55 << from, per_mille, Duration::from_millis(2));
    let agent = Peer::new(Role::Agent, TASKS);
    World::new([agent, Peer::new(Role::Collector, 0)], [line(0), line(1)])
}

/// Goes on until both sides have ended in order, or for some time.
fn run(world: &mut World<Peer>, patience: Duration) -> bool {
    let end = world.now + patience;
    let is_over = |world: &World<Peer>| world.ends.iter().all(Peer::is_silent);
    while !is_over(world) && world.step(end) {}
    is_over(world)
}

#[test]
fn sessions_on_a_line_that_loses_one_frame_in_ten_end_in_order_with_every_record() {
    let (mut frames, mut repeats, runs) = (0, 0, 300);
    for seed in 0..runs {
        let mut world = world(seed, TENTH);
        assert!(run(&mut world, 5 * MINUTE), "seed {seed}: {:?}", world.ends[0].heard);
        let [agent, collector] = &world.ends;
        assert!(agent.is_done(), "seed {seed}: {:?}", agent.tasks);
        let [Heard::Begun(_), Heard::Open, Heard::Silent] = agent.heard[..] else {
            panic!("seed {seed}: {:?}", agent.heard)
        };
        let [Heard::Begun(_), Heard::Open, Heard::GoAway, Heard::Silent] = collector.heard[..]
        else {
            panic!("seed {seed}: {:?}", collector.heard)
        };
        frames += world.lines.iter().map(|line| line.faults.frames).sum::<usize>();
        repeats += world.ends.iter().map(|end| end.repeats() as usize).sum::<usize>();
    }
    println!("{runs} sessions, all of them whole; {frames} frames, {repeats} packets repeated");
    assert!(repeats * 20 > frames, "a line that lost hardly anything");
}

#[test]
fn after_cuts_and_restarts_the_first_session_on_a_good_line_gives_every_record() {
    let mut cuts = 0;
    for seed in 0..200 {
        let mut random = Random::new(seed);
        let mut world = world(seed, 100 + random.below(800));
        for _ in 0..3 {
            let at = world.now + Duration::from_millis(random.below(3_000) as u64);
            while world.step(at) {}
            let side = random.below(2);
            if random.chance(500) {
                world.lines[side].cut(at);
                world.lines[1 - side].miss(at);
                world.ends[side].restart();
            } else {
                world.ends[side].connect();
            }
            world.pump(side);
        }
        cuts += world.ends[0].heard.iter().filter(|heard| **heard == Heard::Cut).count();
        world.lines.iter_mut().for_each(|line| line.per_mille = 0);
        world.ends[0].connect();
        world.ends[0].heard.clear();
        world.ends[0].tasks.fill(Task::Wanted);
        world.pump(0);
        assert!(run(&mut world, MINUTE), "seed {seed}: {:?}", world.ends[0].heard);
        let agent = &world.ends[0];
        assert!(agent.is_done(), "seed {seed}: {:?}", agent.tasks);
        assert!(!agent.heard.contains(&Heard::Cut), "seed {seed}: {:?}", agent.heard);
    }
    println!("{cuts} sessions cut before");
    assert!(cuts > 200, "{cuts}");
}

#[test]
fn the_deadline_for_hello_starts_when_the_link_is_up() {
    let mut world = world(1, DEAD);
    while world.step(10 * MINUTE) {}
    assert_eq!(world.ends[0].heard, []);
    world.lines.iter_mut().for_each(|line| line.per_mille = 0);
    assert!(run(&mut world, MINUTE));
    let [Heard::Begun(at), Heard::Open, Heard::Silent] = world.ends[0].heard[..] else {
        panic!("{:?}", world.ends[0].heard)
    };
    assert!(at > 10 * MINUTE, "{at:?}");
}

#[test]
fn the_last_fault_arrives_and_then_both_sides_are_silent_until_one_begins_anew() {
    for seed in 0..100 {
        let mut world = world(seed, TENTH);
        while !world.ends.iter().all(|end| end.heard.contains(&Heard::Open)) {
            assert!(world.step(MINUTE), "seed {seed}");
        }
        world.ends[1].break_off(Refusal::new(FaultCode::INTERNAL, "the test wants it"));
        world.pump(1);
        assert!(run(&mut world, MINUTE), "seed {seed}: {:?}", world.ends[0].heard);
        let heard = |side: usize| world.ends[side].heard[2..].to_vec();
        let code = FaultCode::INTERNAL;
        assert_eq!(heard(0), [Heard::Closed(code), Heard::Silent], "seed {seed}");
        assert_eq!(heard(1), [Heard::Broken(code), Heard::Silent], "seed {seed}");

        while world.step(world.now + MINUTE) {}
        let frames = world.lines.iter().map(|line| line.faults.frames).sum::<usize>();
        assert!(!world.step(world.now + 10 * MINUTE));
        assert_eq!(frames, world.lines.iter().map(|line| line.faults.frames).sum::<usize>());

        world.ends[0].connect();
        world.pump(0);
        assert!(run(&mut world, 5 * MINUTE), "seed {seed}: {:?}", world.ends[0].heard);
        assert!(world.ends[0].is_done(), "seed {seed}: {:?}", world.ends[0].tasks);
    }
}
