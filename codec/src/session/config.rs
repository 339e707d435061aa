use core::time::Duration;

use crate::TaskType;

/// The only version of the protocol so far.
pub const VERSION: u32 = 1;

/// Which end of the line this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Asks.
    Agent,
    /// Answers.
    Collector,
}

/// What one side offers. Memory at an agent is at most `credit` + `max_frame` + 256 bytes a stream.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// The largest body this side accepts, 256 to 1,048,576 bytes (WIRE.md, Hello). Default 64 KiB.
    pub max_frame: u32,
    /// Tasks that a collector works on at once, or that an agent has under way at most; no more than there
    /// are slots for. Default 64.
    pub max_streams: u32,
    /// Agent: body bytes a stream that it accepts before it grants more; not 0. Default 256 KiB.
    pub credit: u64,
    /// Name, version and platform of the program; cut to 64 bytes.
    pub software: &'static str,
    /// Collector: what it can do. Its `Hello` names the first 16, up to one whose number is over 127.
    pub tasks: &'static [TaskType],
    /// The line was inherited from a parent process, so that there is no other to be had: a collector
    /// sends nobody away for being idle, neither side cuts the other for not reading, and an agent, the
    /// parent, pings without a stream too (rule 10). Default false.
    pub inherited: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_frame: 64 * 1024,
            max_streams: 64,
            credit: 256 * 1024,
            software: concat!("eyelet ", env!("CARGO_PKG_VERSION")),
            tasks: &[],
            inherited: false,
        }
    }
}

/// `Hello.max_frame` may be no smaller (WIRE.md, Hello).
pub(super) const MIN_FRAME: u32 = 256;
/// A `Hello` body in every version (rule 1).
pub(super) const MAX_HELLO: usize = 128;
/// A terminal result of at most so many body bytes needs no credit, and a `Fault` on a stream is never
/// larger (rule 7); nor is an agent's early task (rule 2).
pub const FREE: usize = 256;
/// The last stream that an agent may open; then it drains and connects anew (rule 4).
pub(super) const LAST_STREAM: u32 = (1 << 31) - 1;

/// For the peer's `Hello` (rule 12).
pub(super) const HELLO_WAIT: Duration = Duration::from_secs(10);
/// For a frame, from its first byte (rule 12).
pub(super) const FRAME_WAIT: Duration = Duration::from_secs(5);
/// Silence after which an agent that waits for answers pings (rule 10).
pub(super) const PING_AFTER: Duration = Duration::from_secs(30);
/// Between two pings (rule 10).
pub(super) const PING_EVERY: Duration = Duration::from_secs(10);
/// Pings that may go unanswered (rule 10).
pub(super) const PINGS: u8 = 2;
/// Before a collector sends an agent without a stream away (rule 10).
pub(super) const IDLE_WAIT: Duration = Duration::from_secs(600);
/// Before a peer that takes no byte of what waits for it is cut (rule 10).
pub(super) const UNREAD_WAIT: Duration = Duration::from_secs(300);
/// Between `GoAway` and the end of what is under way (rule 12).
pub(super) const DRAIN_WAIT: Duration = Duration::from_secs(5);
/// Between a `Cancel`, or a task's deadline, and the terminal packet (rule 5).
pub(super) const CANCEL_WAIT: Duration = Duration::from_secs(5);
/// For an agent that drains, between its `Cancel`s and giving up: as long as a collector has, and a
/// second for what it says then.
pub(super) const CANCELLED_WAIT: Duration = Duration::from_secs(6);
/// Pongs and refusals owed while the line takes no bytes (rule 12).
pub(super) const MAX_OWED: u32 = 64;
/// Work provoked that does none: so much at once, and so much a second (rule 9).
pub(super) const BUDGET: u32 = 1000;
pub(super) const BUDGET_PER_SECOND: u32 = 33;
