//! Agents that take their time.

use std::time::Duration;

use eyelet_codec::FaultCode;
use eyelet_tests::peer::Peer;
use eyelet_tests::wire::{Greeting, Packet, body, framed, task, varint};

use crate::{RECORDS, SLACK, Scene, asking};

/// Connections at once; the collector has room for twice as many.
const MANY: u64 = 1000;
/// KiB for each of them.
const PRICE: u64 = 4;

#[test]
fn a_thousand_halves_cost_little_and_go_at_their_deadline() {
    let hello = Greeting::agent().framed();
    for (case, say) in [
        ("nothing", vec![]),
        ("half a header", vec![0x80]),
        ("a header alone", varint(64 * 1024)),
        ("half a task", [&hello[..], &task(1, "cut")[..5]].concat()),
        ("a hello alone", hello.clone()),
    ] {
        let scene = Scene::with_room_for(2 * usize::try_from(MANY).expect("few"));
        let (peers, price) = say_to_many(&scene, &say);
        eprintln!("{case}: {} bytes each", price * 1024 / MANY);
        assert!(price < PRICE * MANY, "{case}: {price} KiB for {MANY}");
        if case == "a hello alone" {
            // Honest, and idle: it may stay.
            drop(peers);
        } else {
            let told = peers.into_iter().map(|mut peer| peer.last_words());
            for fault in told {
                assert_eq!(fault.code, FaultCode::TIMEOUT, "{case}: {fault:?}");
            }
        }
        scene.goes_on(case);
        scene.collector.wait_for_descriptors(scene.descriptors);
        // They were told all at the same moment.
        let peak = scene.collector.peak();
        eprintln!("{case}: {peak} KiB at most, calm {}", scene.calm);
        assert!(peak <= scene.calm + SLACK + PRICE * MANY, "{case}: {peak} KiB");
    }
}

#[test]
fn a_thousand_that_cost_more_would_be_noticed() {
    let scene = Scene::with_room_for(2 * usize::try_from(MANY).expect("few"));
    let part = [Greeting::agent().framed(), varint(64 * 1024), vec![0; 6 * 1024]].concat();
    let (_peers, price) = say_to_many(&scene, &part);
    assert!(price > PRICE * MANY, "{price} KiB for {MANY}: the test could not fail");
}

/// Many connections have said `say` and been understood; what they cost together, in KiB.
fn say_to_many(scene: &Scene, say: &[u8]) -> (Vec<Peer>, u64) {
    let before = scene.collector.memory();
    let connect = |_| {
        let mut peer = Peer::connect(scene.collector.endpoint());
        peer.say(say);
        peer
    };
    let peers: Vec<_> = (0..MANY).map(connect).collect();
    let all = scene.descriptors + usize::try_from(MANY).expect("few");
    scene.collector.wait_for_descriptors(all);
    // Who is asked after them is answered after them.
    scene.goes_on("many");
    (peers, scene.collector.memory().saturating_sub(before))
}

#[test]
fn a_byte_a_second_is_cut_at_the_frames_deadline() {
    let scene = Scene::start();
    let mut drips: Vec<_> = (0..16).map(|_| scene.agent()).collect();
    let frame = framed(1, body::TASK, &[b'x'; 100]);
    let mut bytes = frame.iter();
    // It is cut long before the frame is whole, and then takes no more.
    loop {
        let byte = [*bytes.next().expect("cut before the end")];
        if drips.iter_mut().map(|peer| peer.say(&byte)).filter(|taken| *taken).count() == 0 {
            break;
        }
        scene.honest.is_answered();
        std::thread::sleep(Duration::from_secs(1));
    }
    for mut peer in drips {
        assert_eq!(peer.last_words().code, FaultCode::TIMEOUT);
    }
    scene.is_as_before("a byte a second");
}

/// Its 64 streams wait for it, with one buffer between them.
#[test]
fn who_never_reads_costs_a_buffer_and_gets_all_when_it_does() {
    const RECORDS_EACH: u32 = 5_000;
    let scene = Scene::start();
    let patient = Greeting { credit: 1 << 40, ..Greeting::agent() };
    let mut deaf = Peer::agent_with(scene.collector.endpoint(), patient);
    for stream in (1..).step_by(2).take(64) {
        deaf.say(&asking(stream, RECORDS_EACH));
    }
    scene.goes_on("a reader that does not read");
    let peak = scene.collector.peak();
    assert!(peak <= scene.calm + SLACK_OF_ONE, "{peak} KiB, {} before", scene.calm);

    let mut records = 0;
    let mut ended = 0;
    while ended < 64 {
        let packet = deaf.packet().expect("a result");
        records += packet.all(4).count();
        ended += usize::from(!packet.more);
    }
    assert_eq!(records, 64 * RECORDS_EACH as usize);
    drop(deaf);
    scene.is_as_before("a reader that did not read");
}

/// A buffer of 64 KiB, which may have grown to twice that, 64 records, and pages around them, in KiB.
const SLACK_OF_ONE: u64 = 512;

#[test]
fn half_open_lines_are_served_or_let_go() {
    let scene = Scene::start();
    for _ in 0..100 {
        // It says all it has to say first.
        let mut agent = scene.agent();
        agent.say(&task(1, ""));
        agent.shut();
        assert_eq!(agent.result(1).1, RECORDS);
        assert_eq!(agent.rest(), []);

        // It says nothing, in order.
        let mut agent = Peer::connect(scene.collector.endpoint());
        agent.shut();
        let heard: Vec<_> = agent.rest().iter().map(|packet| packet.body).collect();
        assert_eq!(heard, [body::HELLO]);

        // It does not want to hear.
        let mut agent = scene.agent();
        agent.say(&asking(1, 10_000));
        agent.stop_reading();
        agent.say(&asking(3, 10_000));

        // It goes with a result unread.
        let mut agent = scene.agent();
        agent.say(&[task(1, ""), asking(3, 10_000)].concat());
        let first: Option<Packet> = agent.packet();
        assert!(first.is_some());
    }
    scene.is_as_before("half-open lines");
}

/// It has a second to read why (rule 13), whether it goes on or is silent.
#[test]
fn who_is_told_to_go_and_stays_is_cut() {
    let scene = Scene::start();
    let told = || {
        let mut agent = scene.agent();
        agent.say(&task(2, ""));
        agent
    };
    let mut agents: Vec<_> = (0..32).map(|_| told()).collect();
    scene.honest.is_answered();
    for _ in 0..100 {
        agents[0].say(&[0xa5; 64]);
        scene.honest.is_answered();
    }
    scene.collector.wait_for_descriptors(scene.descriptors);
    for mut agent in agents {
        assert_eq!(agent.last_words().code, FaultCode::STREAM);
    }
    scene.is_as_before("agents that stayed");
}
