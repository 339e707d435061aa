//! What an agent can say without end at little cost: `proto/WIRE.md`, rule 9.

use std::path::Path;

use crate::peer::Peer;
use crate::wire::{Greeting, body, bytes, frame, framed, number, task};

/// Packets of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Flood {
    /// For people.
    pub name: &'static str,
    /// Tasks under way that never end, from stream [`UNDER_WAY`] on.
    pub under_way: u32,
    /// One of its packets, or what belongs together; `n` is different each time.
    pub unit: fn(u32) -> Vec<u8>,
    /// Packets that answer it.
    pub answers: usize,
}

/// A stream whose task has ended.
pub const ENDED: u32 = 1;
/// A stream whose task never ends.
pub const UNDER_WAY: u32 = 3;

/// Every flood, those of connections apart.
pub const FLOODS: [Flood; 13] = [
    Flood { name: "pings", under_way: 1, unit: ping, answers: 1 },
    Flood { name: "pongs", under_way: 1, unit: pong, answers: 0 },
    Flood { name: "open and cancel", under_way: 1, unit: open_and_cancel, answers: 1 },
    Flood { name: "cancels of what has ended", under_way: 1, unit: cancel_ended, answers: 0 },
    Flood { name: "credits", under_way: 1, unit: credit, answers: 0 },
    Flood { name: "credits of what has ended", under_way: 1, unit: credit_ended, answers: 0 },
    Flood { name: "unknown bodies", under_way: 1, unit: unknown_body, answers: 0 },
    Flood { name: "tiny frames", under_way: 1, unit: tiny, answers: 0 },
    Flood { name: "1,000 unknown fields", under_way: 1, unit: unknown_fields, answers: 0 },
    Flood { name: "invalid tasks", under_way: 1, unit: invalid, answers: 1 },
    Flood { name: "unknown tasks", under_way: 1, unit: unsupported, answers: 1 },
    Flood { name: "tasks over max_streams", under_way: 64, unit: any_task, answers: 1 },
    Flood { name: "go_aways", under_way: 1, unit: go_away, answers: 0 },
];

impl Flood {
    /// An agent about to begin it.
    pub fn agent(&self, path: &Path) -> Peer {
        let mut peer = Peer::agent_with(path, Greeting::agent());
        peer.say(&task(ENDED, ""));
        peer.result(ENDED.into());
        peer.say(&self.opening());
        peer
    }

    /// What has to be under way before.
    pub fn opening(&self) -> Vec<u8> {
        let streams = (UNDER_WAY..).step_by(2).take(self.under_way as usize);
        streams.flat_map(|stream| task(stream, "wait")).collect()
    }

    /// So many of its packets, beginning with number `from`.
    pub fn units(&self, from: u32, count: u32) -> Vec<u8> {
        (from..from + count).flat_map(self.unit).collect()
    }
}

/// The stream of the `n`th task, above all that are under way.
fn stream(n: u32) -> u32 {
    2 * n + 201
}

fn ping(n: u32) -> Vec<u8> {
    nonce(body::PING, n)
}

fn pong(n: u32) -> Vec<u8> {
    nonce(body::PONG, n)
}

fn nonce(body: u32, n: u32) -> Vec<u8> {
    framed(0, body, &[&[1 << 3 | 1][..], &u64::from(n).to_le_bytes()].concat())
}

fn open_and_cancel(n: u32) -> Vec<u8> {
    [task(stream(n), "wait"), framed(stream(n), body::CANCEL, &[])].concat()
}

fn cancel_ended(_: u32) -> Vec<u8> {
    framed(ENDED, body::CANCEL, &[])
}

fn credit(n: u32) -> Vec<u8> {
    framed(UNDER_WAY, body::CREDIT, &number(1, 1_000_000 + u64::from(n)))
}

fn credit_ended(n: u32) -> Vec<u8> {
    framed(ENDED, body::CREDIT, &number(1, n.into()))
}

fn unknown_body(n: u32) -> Vec<u8> {
    framed(n, 15, b"later")
}

fn tiny(_: u32) -> Vec<u8> {
    frame(&number(15, 1))
}

fn unknown_fields(_: u32) -> Vec<u8> {
    framed(0, body::PONG, &number(2, 1).repeat(1000))
}

fn invalid(n: u32) -> Vec<u8> {
    framed(stream(n), body::TASK, &bytes(1, &[b'i'; 129]))
}

fn unsupported(n: u32) -> Vec<u8> {
    framed(stream(n), body::TASK, &number(2, 7))
}

fn any_task(n: u32) -> Vec<u8> {
    task(stream(n), "")
}

fn go_away(_: u32) -> Vec<u8> {
    framed(0, body::GO_AWAY, &[])
}
