//! Tasks that bring out the worst in a handler.

use eyelet_codec::FaultCode;
use eyelet_tests::wire::{body, framed, task};

use crate::{RECORDS, Scene};

/// At once; half of the connections that there may be.
const AGENTS: u64 = 32;
/// KiB for a task under way: its bytes, its future and its place.
const PRICE_OF_A_TASK: u64 = 4;

#[test]
fn a_handler_that_panics_costs_its_stream_however_often() {
    let scene = Scene::start();
    let mut agent = scene.agent();
    // More than any budget: it is not the agent's fault.
    for stream in (1..).step_by(2).take(3000) {
        agent.say(&task(stream, "panic"));
        let fault = agent.fault();
        assert_eq!((fault.stream, fault.code), (stream.into(), FaultCode::INTERNAL), "{fault:?}");
    }
    drop(agent);
    scene.is_as_before("panics");
}

#[test]
fn handlers_that_never_return_go_with_their_agents() {
    let scene = Scene::start();
    let tasks: Vec<u8> = (1..).step_by(2).take(64).flat_map(|id| task(id, "wait")).collect();
    for _ in 0..20 {
        let agents: Vec<_> = (0..AGENTS)
            .map(|_| {
                let mut agent = scene.agent();
                agent.say(&[&tasks[..], &framed(0, body::PING, &[])].concat());
                assert_eq!(agent.packet().expect("a pong").body, body::PONG);
                agent
            })
            .collect();
        scene.honest.is_answered();
        drop(agents);
    }
    let under_way = 64 * AGENTS;
    scene.is_as_before_but_for("handlers that never return", under_way * PRICE_OF_A_TASK);
}

/// Each connection has four threads at most, and there are many more.
#[test]
fn threads_that_hear_nothing_take_no_thread_from_others() {
    let scene = Scene::start();
    let tasks: Vec<u8> = (1..).step_by(2).take(64).flat_map(|id| task(id, "deaf thread")).collect();
    let mut deaf: Vec<_> = (0..32).map(|_| scene.agent()).collect();
    for agent in &mut deaf {
        agent.say(&[&tasks[..], &framed(0, body::PING, &[])].concat());
        assert_eq!(agent.packet().expect("a pong").body, body::PONG);
    }
    let mut other = scene.agent();
    other.say(&task(1, "thread"));
    assert_eq!(other.result(1).1, RECORDS);

    // A cancel is answered when the work has stopped, or 5 s later.
    deaf[0].say(&framed(1, body::CANCEL, &[]));
    let fault = deaf[0].fault();
    assert_eq!((fault.stream, fault.code), (1, FaultCode::CANCELLED), "{fault:?}");
    drop((deaf, other));
    scene.goes_on("deaf threads");
    scene.collector.wait_for_descriptors(scene.descriptors);
}
