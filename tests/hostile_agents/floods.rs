//! Too much of what costs little to say.

use std::os::unix::net::UnixStream;

use eyelet_codec::FaultCode;
use eyelet_tests::flood::{FLOODS, Flood, UNDER_WAY};
use eyelet_tests::peer::Peer;
use eyelet_tests::wire::{Greeting, body, framed, number, task};

use crate::{RECORDS, Scene, asking};

/// What rule 9 promises is 1,000; the last one is needed to see that all was well.
const BURST: u32 = 990;
/// Far more than may be said in the time that saying it takes.
const FLOOD: u32 = 5000;
/// Fewer than the tasks that a collector works on at once.
const AT_ONCE: u32 = 30;

#[test]
fn every_flood_ends_in_words_and_a_burst_just_under_it_in_peace() {
    let scene = Scene::start();
    for flood in FLOODS {
        passes(&scene, flood);
        let mut peer = flood.agent(scene.collector.endpoint());
        let heard = peer.say_and_hear(&flood.units(0, FLOOD));
        let last = heard.last().and_then(eyelet_tests::wire::Packet::fault).expect(flood.name);
        assert_eq!((last.stream, last.code), (0, FaultCode::FLOOD), "{}: {last:?}", flood.name);
        drop(peer);
        scene.is_as_before(flood.name);
    }
}

fn passes(scene: &Scene, flood: Flood) {
    let mut peer = flood.agent(scene.collector.endpoint());
    for from in (0..BURST).step_by(AT_ONCE as usize) {
        peer.say(&flood.units(from, AT_ONCE));
        for _ in 0..AT_ONCE as usize * flood.answers {
            let answer = peer.packet().expect("an answer");
            let to_all = answer.fault().is_some_and(|fault| fault.stream == 0);
            assert!(!to_all, "{}: {answer:?}", flood.name);
        }
    }
    peer.say(&framed(UNDER_WAY, body::CANCEL, &[]));
    let fault = peer.fault();
    let want = (UNDER_WAY.into(), FaultCode::CANCELLED);
    assert_eq!((fault.stream, fault.code), want, "{}: {fault:?}", flood.name);
    scene.honest.is_answered();
}

/// Many more packets than any budget has, each of them for something.
#[test]
fn work_is_no_flood_however_much() {
    let scene = Scene::start();
    let mut peer =
        Peer::agent_with(scene.collector.endpoint(), Greeting { credit: 1, ..Greeting::agent() });
    for stream in (1..).step_by(2).take(FLOOD as usize) {
        peer.say(&task(stream, ""));
        let first = peer.packet().expect("a chunk");
        let mut records = first.all(4).count();
        if first.more {
            let total = first.len as u64 + 1;
            peer.say(&framed(stream, body::CREDIT, &number(1, total)));
            records += peer.result(stream.into()).1;
        }
        assert_eq!(records, RECORDS);
    }
    drop(peer);
    scene.is_as_before("work");
}

#[test]
fn connections_that_come_and_go_leave_nothing() {
    let scene = Scene::start();
    let hello = Greeting::agent().framed();
    for (case, say) in [
        ("silent", vec![]),
        ("a hello", hello.clone()),
        ("half a hello", hello[..hello.len() / 2].to_vec()),
        ("a task", [&hello[..], &task(1, "")].concat()),
        ("a large task", [&hello[..], &asking(1, 100_000)].concat()),
        ("a task without end", [&hello[..], &task(1, "wait")].concat()),
    ] {
        for _ in 0..1000 {
            Peer::connect(scene.collector.endpoint()).say(&say);
        }
        scene.honest.is_answered();
        scene.collector.wait_for_descriptors(scene.descriptors);
        scene.is_as_before(case);
    }
}

/// By default 16 may be silent at once, for a second when others wait.
#[test]
fn who_says_nothing_makes_room_for_who_does() {
    let scene = Scene::start();
    let connect = |_| UnixStream::connect(scene.collector.endpoint()).expect("in the queue");
    let silent: Vec<_> = (0..48).map(connect).collect();
    scene.goes_on("silent connections");
    let mut told = silent.into_iter().map(|stream| Peer::over(stream).last_words());
    assert!(told.all(|fault| fault.code == FaultCode::TIMEOUT));
    scene.is_as_before("silent connections");
}

/// Those that came too many are in the system's queue, which is for the time when others have gone.
#[test]
fn a_collector_without_descriptors_serves_those_it_has_and_goes_on_later() {
    let scene = Scene::start();
    scene.collector.limit_descriptors(scene.descriptors + 4);
    let mut agents: Vec<_> = (0..4).map(|_| scene.agent()).collect();
    let mut late: Vec<_> = (0..40).map(|_| Peer::connect(scene.collector.endpoint())).collect();
    for agent in &mut agents {
        agent.say(&task(1, "wait"));
    }
    for peer in &mut late {
        peer.say(&[Greeting::agent().framed(), task(1, "")].concat());
    }
    scene.honest.is_answered();
    assert!(scene.collector.descriptors() < scene.descriptors + 4 + late.len(), "all are let in");
    for agent in &mut agents {
        agent.say(&framed(1, body::CANCEL, &[]));
        assert_eq!(agent.fault().code, FaultCode::CANCELLED);
    }
    drop(agents);
    for mut peer in late {
        assert_eq!(peer.packet().expect("a Hello").body, body::HELLO);
        assert_eq!(peer.result(1).1, RECORDS);
    }
    scene.is_as_before("no descriptors");
}
