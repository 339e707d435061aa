//! Whatever agents do, singly or by the thousand, the collector tells them what was wrong, serves the next
//! one and the honest one beside them, and holds no more memory or descriptors than before.
#![cfg(target_os = "linux")]

mod cuts;
mod damage;
mod floods;
mod handlers;
mod honest;
mod lies;
mod slow;
mod turns;

use eyelet_tests::attacked::{Attacked, raise_descriptors};
use eyelet_tests::peer::Peer;
use eyelet_tests::wire::task;

use honest::Honest;

/// Records that a task gets which asks for nothing else.
const RECORDS: usize = 3;
/// What an attack may add to the most memory that a collector has held, in KiB.
const SLACK: u64 = 1024;

/// A collector with an honest agent, which asks all the time.
struct Scene {
    honest: Honest,
    collector: Attacked,
    /// Descriptors that the collector has open for itself and the honest agent.
    descriptors: usize,
    /// The most memory that the honest agent made it hold, in KiB.
    calm: u64,
}

impl Scene {
    fn start() -> Self {
        Self::with_room_for(0)
    }

    /// With so many connections, incomplete ones included; 0: as many as by default.
    fn with_room_for(connections: usize) -> Self {
        raise_descriptors();
        let room = connections.to_string();
        let collector = Attacked::start(env!("CARGO_BIN_EXE_floods"), &["serve", &room]);
        let honest = Honest::start(collector.endpoint());
        honest.is_answered();
        // What the first chunks of a full size need.
        let mut peer = Peer::agent(collector.endpoint());
        peer.say(&asking(1, 20));
        assert_eq!(peer.result(1).1, 20);
        drop(peer);
        let descriptors = settled(&collector, &honest);
        Self { descriptors, calm: collector.peak(), honest, collector }
    }

    fn agent(&self) -> Peer {
        Peer::agent(self.collector.endpoint())
    }

    /// The honest agent is answered, and so is the next one.
    fn goes_on(&self, case: &str) {
        self.honest.is_answered();
        let mut next = self.agent();
        next.say(&task(1, ""));
        assert_eq!(next.result(1).1, RECORDS, "after {case}");
    }

    /// It goes on, and nothing of what has been is left.
    fn is_as_before(&self, case: &str) {
        self.is_as_before_but_for(case, 0);
    }

    /// As before, what was under way at once having cost so many KiB.
    fn is_as_before_but_for(&self, case: &str, price: u64) {
        self.goes_on(case);
        self.collector.wait_for_descriptors(self.descriptors);
        let peak = self.collector.peak();
        eprintln!("{case}: {peak} KiB, calm {}", self.calm);
        assert!(peak <= self.calm + SLACK + price, "{case}: {peak} KiB, {} before", self.calm);
    }
}

/// The descriptors of a collector whose only agent is the honest one.
fn settled(collector: &Attacked, honest: &Honest) -> usize {
    let mut fewest = collector.descriptors();
    for _ in 0..100 {
        honest.is_answered();
        fewest = fewest.min(collector.descriptors());
    }
    fewest
}

/// A framed task that asks for so many records.
fn asking(stream: u32, records: u32) -> Vec<u8> {
    use eyelet_tests::wire::{body, bytes, framed};
    framed(stream, body::TASK, &bytes(5, records.to_string().as_bytes()))
}
