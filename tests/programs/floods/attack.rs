//! What an attacker does until it is ended: it comes back as soon as it is cut.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::Instant;

use eyelet_tests::attacked::raise_descriptors;
use eyelet_tests::flood::{FLOODS, Flood};
use eyelet_tests::peer::Peer;
use eyelet_tests::wire::{Greeting, Packet, body, bytes, frame, framed, task};

#[derive(Clone, Copy)]
pub(crate) struct Attack {
    pub(crate) name: &'static str,
    /// Connections that the collector has room for; 0: as many as by default.
    pub(crate) room: u32,
    /// Whether it has the collector at work all the time: then the honest client has to share.
    pub(crate) is_busy: bool,
    way: Way,
}

#[derive(Clone, Copy)]
enum Way {
    /// It leaves the collector alone: what a busy machine does to the honest client.
    Compute,
    Flood(Flood),
    /// Connections that say this and go.
    ComeAndGo(fn() -> Vec<u8>),
    /// So many connections that say this and stay.
    Hold(usize, fn() -> Vec<u8>),
    /// So many connections of random bytes, framed or not.
    Garbage(usize, bool),
    /// Asks on 64 streams and reads nothing.
    Stall,
}

/// Connections of one attacker, where it has many.
const MANY: usize = 1000;
/// Of random bytes.
const GARBAGE: usize = 100;
/// Packets of a flood; far more than may be said in the time that saying them takes.
const UNITS: u32 = 5000;

const OTHERS: [Attack; 10] = [
    Attack::busy("none, but a busy machine", 0, Way::Compute),
    Attack::busy("connections", 0, Way::ComeAndGo(Vec::new)),
    Attack::busy("connections that greet", 0, Way::ComeAndGo(hello)),
    Attack::busy("connections that ask", 0, Way::ComeAndGo(ask)),
    Attack::quiet("48 silent connections", 0, Way::Hold(48, Vec::new)),
    Attack::quiet("1,000 halves of a header", 2000, Way::Hold(MANY, half)),
    Attack::quiet("1,000 halves of a task", 2000, Way::Hold(MANY, half_task)),
    Attack::busy("100 of random bytes", 400, Way::Garbage(GARBAGE, false)),
    Attack::busy("100 of random bodies", 400, Way::Garbage(GARBAGE, true)),
    Attack::quiet("64 streams unread", 0, Way::Stall),
];

/// Every attack, beginning with one that is none.
pub(crate) fn all() -> impl Iterator<Item = Attack> {
    let [none, others @ ..] = OTHERS;
    let floods = FLOODS.map(|flood| Attack::busy(flood.name, 0, Way::Flood(flood)));
    [none].into_iter().chain(floods).chain(others)
}

pub(crate) fn named(name: &str) -> Option<Attack> {
    all().find(|attack| attack.name == name)
}

impl Attack {
    const fn busy(name: &'static str, room: u32, way: Way) -> Self {
        Self { name, room, is_busy: true, way }
    }

    const fn quiet(name: &'static str, room: u32, way: Way) -> Self {
        Self { name, room, is_busy: false, way }
    }

    /// Whether the collector ends it, and within seconds.
    pub(crate) fn is_cut(&self) -> bool {
        matches!(self.way, Way::Flood(_) | Way::Hold(..) | Way::Garbage(..))
    }

    /// KiB that the collector may hold more for it: 4 for each connection, and 1 MiB.
    pub(crate) fn may_cost(&self) -> u64 {
        let connections = match self.way {
            Way::Hold(count, _) | Way::Garbage(count, _) => count,
            _ => 0,
        };
        1024 + 4 * connections as u64
    }

    /// Says `begun` when it has, and once, what it was told when it was cut and after how long.
    pub(crate) fn run(&self, endpoint: &Path) -> ! {
        raise_descriptors();
        match self.way {
            Way::Compute => {
                println!("begun");
                loop {
                    std::hint::spin_loop();
                }
            }
            Way::Flood(flood) => flood_for_ever(flood, endpoint),
            Way::ComeAndGo(say) => come_and_go(&say(), endpoint),
            Way::Hold(count, say) => hold(count, &say(), endpoint),
            Way::Garbage(count, framed) => garbage(count, framed, endpoint),
            Way::Stall => stall(endpoint),
        }
    }
}

fn flood_for_ever(flood: Flood, endpoint: &Path) -> ! {
    let units = flood.units(0, UNITS);
    let mut teller = Teller::default();
    loop {
        let mut peer = flood.agent(endpoint);
        teller.begun();
        let heard = peer.say_and_hear(&units);
        teller.cut(heard.last());
    }
}

fn come_and_go(say: &[u8], endpoint: &Path) -> ! {
    let mut teller = Teller::default();
    loop {
        // Refused or not, it goes.
        let sent = UnixStream::connect(endpoint).and_then(|mut line| line.write_all(say));
        drop(sent);
        teller.begun();
    }
}

fn hold(count: usize, say: &[u8], endpoint: &Path) -> ! {
    let mut teller = Teller::default();
    loop {
        let connect = |_| {
            let mut peer = Peer::connect(endpoint);
            peer.say(say);
            peer
        };
        let mut held: Vec<_> = (0..count).map(connect).collect();
        teller.begun();
        for peer in &mut held {
            teller.cut(peer.rest().last());
        }
    }
}

fn garbage(count: usize, framed: bool, endpoint: &Path) -> ! {
    let mut random = Random(1);
    let mut teller = Teller::default();
    let mut lines: Vec<Option<UnixStream>> = (0..count).map(|_| None).collect();
    loop {
        for line in &mut lines {
            let noise = random.bytes(if framed { 60 } else { 4096 });
            let noise = if framed { frame(&noise) } else { noise };
            let said = match line {
                Some(line) => line.write_all(&noise),
                None => UnixStream::connect(endpoint).and_then(|mut new| {
                    new.write_all(&hello())?;
                    *line = Some(new);
                    Ok(())
                }),
            };
            if said.is_err() {
                teller.cut(last_words(line.take()).as_ref());
            }
        }
        teller.begun();
    }
}

fn last_words(line: Option<UnixStream>) -> Option<Packet> {
    let mut heard = Vec::new();
    // What came before a reset is there all the same.
    let _ = line?.read_to_end(&mut heard);
    std::iter::from_fn(|| Packet::take(&mut heard)).last()
}

fn stall(endpoint: &Path) -> ! {
    let patient = Greeting { credit: 1 << 40, ..Greeting::agent() };
    let mut peer = Peer::agent_with(endpoint, patient);
    for stream in (1..).step_by(2).take(64) {
        peer.say(&framed(stream, body::TASK, &bytes(5, b"1000000")));
    }
    Teller::default().begun();
    loop {
        thread::park();
    }
}

fn hello() -> Vec<u8> {
    Greeting::agent().framed()
}

fn ask() -> Vec<u8> {
    [hello(), framed(1, body::TASK, &bytes(5, b"10000"))].concat()
}

fn half() -> Vec<u8> {
    vec![0x80]
}

fn half_task() -> Vec<u8> {
    [&hello()[..], &task(1, "cut")[..5]].concat()
}

/// Tells the table what has happened, each thing once.
struct Teller {
    begin: Instant,
    begun: bool,
    cut: bool,
}

impl Default for Teller {
    fn default() -> Self {
        Self { begin: Instant::now(), begun: false, cut: false }
    }
}

impl Teller {
    fn begun(&mut self) {
        if !self.begun {
            println!("begun");
            (self.begin, self.begun) = (Instant::now(), true);
        }
    }

    fn cut(&mut self, last: Option<&Packet>) {
        let Some(fault) = last.and_then(Packet::fault) else { return };
        if !self.cut {
            println!("{:?} after {} ms", fault.code, self.begin.elapsed().as_millis());
            self.cut = true;
        }
    }
}

/// xorshift.
struct Random(u64);

impl Random {
    fn bytes(&mut self, len: usize) -> Vec<u8> {
        let next = || {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0.to_le_bytes()[0]
        };
        std::iter::repeat_with(next).take(len).collect()
    }
}
