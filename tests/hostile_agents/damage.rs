//! Bytes that are not what an agent meant, or meant nothing.

use eyelet_codec::FaultCode;
use eyelet_tests::peer::Peer;
use eyelet_tests::wire::{Greeting, Packet, body, frame};

use crate::Scene;
use crate::cuts::conversation;

/// What is no frame is told by one of these.
const NO_FRAME: [FaultCode; 3] = [FaultCode::MALFORMED, FaultCode::CHECKSUM, FaultCode::TOO_LARGE];

#[test]
fn every_flipped_bit_of_a_conversation_is_noticed() {
    let scene = Scene::start();
    let whole = conversation();
    let all = whole.concat();
    assert_eq!(verdict(&scene, &all), None, "undamaged");
    for bit in 0..all.len() * 8 {
        let verdict = verdict(&scene, &flipped(&all, bit));
        assert!(verdict.is_some_and(|code| NO_FRAME.contains(&code)), "bit {bit}: {verdict:?}");
    }
    println!("figure: {} flipped bits of a conversation on a socket, 0 accepted", all.len() * 8);
    scene.is_as_before("flipped bits");

    // With the checksum of the damaged body many of them pass, or are refused for what they say.
    let (mut passed, mut refused) = (0, 0);
    for (index, sound) in whole.iter().enumerate() {
        let body = &sound[1..sound.len() - 4];
        for bit in 0..body.len() * 8 {
            let mut frames = whole.clone();
            frames[index] = frame(&flipped(body, bit));
            match verdict(&scene, &frames.concat()) {
                None => passed += 1,
                Some(_) => refused += 1,
            }
        }
    }
    println!(
        "figure: {} of them with the right checksum, {passed} accepted for what they say then",
        passed + refused
    );
    assert!(passed > 0 && refused > 0, "{passed} passed, {refused} refused");
    scene.is_as_before("flipped bits with the right checksum");
}

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    damaged[bit / 8] ^= 1 << (bit % 8);
    damaged
}

/// The fault that ends a connection on which this and no more was said.
fn verdict(scene: &Scene, say: &[u8]) -> Option<FaultCode> {
    let mut agent = Peer::connect(scene.collector.endpoint());
    agent.say(say);
    agent.shut();
    let last = agent.rest().last().and_then(Packet::fault);
    last.filter(|fault| fault.stream == 0).map(|fault| fault.code)
}

const CONNECTIONS: usize = 100;
const ROUNDS: u64 = 20;

#[test]
fn a_hundred_connections_of_random_bytes_are_all_refused() {
    // Those of the last round may not have gone yet.
    let scene = Scene::with_room_for(4 * CONNECTIONS);
    let mut random = Random(1);
    let (mut garbage, mut framed, mut understood) = (0, 0, 0);
    for round in 0..ROUNDS {
        let mut agents: Vec<_> =
            (0..CONNECTIONS).map(|_| Peer::connect(scene.collector.endpoint())).collect();
        for (index, agent) in agents.iter_mut().enumerate() {
            let hello = if index % 2 == 0 { vec![] } else { Greeting::agent().framed() };
            let is_framed = round % 2 == 1;
            let len = random.below(if is_framed { 64 } else { 4096 }) + 1;
            let noise = random.bytes(len);
            agent.say(&[hello, if is_framed { frame(&noise) } else { noise }].concat());
            *if is_framed { &mut framed } else { &mut garbage } += 1;
        }
        scene.honest.is_answered();
        for (index, mut agent) in agents.into_iter().enumerate() {
            agent.shut();
            let heard = agent.rest();
            let fault = heard.last().and_then(Packet::fault);
            match fault {
                Some(fault) if round % 2 == 0 => {
                    assert!(NO_FRAME.contains(&fault.code), "{fault:?}");
                }
                Some(_) => {}
                None => {
                    assert!(round % 2 == 1 && index % 2 == 1, "garbage was taken: {heard:?}");
                    assert!(heard.iter().all(|packet| packet.body == body::HELLO), "{heard:?}");
                    understood += 1;
                }
            }
        }
    }
    println!("figure: {garbage} connections of random bytes, 0 accepted");
    println!(
        "figure: {framed} of random bytes in a sound frame, {understood} accepted as packets to skip"
    );
    assert!(understood > 0, "not even what has a checksum got through");
    scene.is_as_before("random bytes");
}

/// xorshift.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn bytes(&mut self, len: u64) -> Vec<u8> {
        (0..len).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}
