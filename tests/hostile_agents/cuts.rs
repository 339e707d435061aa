//! Lines that end anywhere.

use eyelet_tests::flood::UNDER_WAY;
use eyelet_tests::peer::Peer;
use eyelet_tests::wire::{Greeting, body, bytes, framed, number, task};

use crate::{Scene, asking};

/// Frames of an agent that says everything it can.
pub(crate) fn conversation() -> Vec<Vec<u8>> {
    vec![
        Greeting::agent().framed(),
        task(1, ""),
        task(UNDER_WAY, "wait"),
        framed(0, body::PING, &[&[9][..], &7u64.to_le_bytes()].concat()),
        asking(5, 2000),
        framed(5, body::CREDIT, &number(1, 1 << 20)),
        framed(5, body::CANCEL, &[]),
        framed(0, 15, b"unknown"),
        task(7, "panic"),
        // Twice, so that the stream ends even if one of them is not what it was.
        framed(UNDER_WAY, body::CANCEL, &[]),
        framed(UNDER_WAY, body::CANCEL, &[]),
        framed(0, body::GO_AWAY, &[bytes(1, b"done"), number(2, 7)].concat()),
    ]
}

#[test]
fn a_line_cut_at_any_byte_leaves_no_descriptor_and_no_memory() {
    let scene = Scene::start();
    let all = conversation().concat();
    for end in 0..=all.len() {
        // Gone at once, gone after an answer, and gone by halves.
        Peer::connect(scene.collector.endpoint()).say(&all[..end]);
        let mut agent = Peer::connect(scene.collector.endpoint());
        agent.say(&all[..end]);
        assert!(agent.packet().is_some(), "{end} bytes: no Hello");
        drop(agent);
        let mut agent = Peer::connect(scene.collector.endpoint());
        agent.say(&all[..end]);
        agent.shut();
        agent.packet();
    }
    scene.is_as_before("cuts");

    // One that stays is seen.
    let _agent = scene.agent();
    assert_eq!(scene.collector.descriptors(), scene.descriptors + 1);
}
