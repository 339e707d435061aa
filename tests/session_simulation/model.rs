use std::collections::BTreeMap;
use std::time::Duration;

use eyelet_codec::FaultCode;
use eyelet_codec::session::Role;

use crate::frames;
use crate::injection::Mark;
use crate::oracle::{Key, Oracle};
use crate::page::Cell;
use crate::wire::{self, Packet};

/// What one side knows and owes, kept as the rules of WIRE.md have it and in no hurry.
#[expect(clippy::struct_excessive_bools, reason = "each is something that has been said or not")]
pub(crate) struct Model {
    pub(crate) role: Role,
    pub(crate) greeted: bool,
    pub(crate) ended: bool,
    pub(crate) leaving: bool,
    pub(crate) peer_leaving: bool,
    pub(crate) inherited: bool,
    pub(crate) streams: BTreeMap<u64, Stream>,
    pub(crate) highest: u64,
    /// An agent's `Hello.credit`, its own or the peer's.
    window: u64,
    /// What the collector works on at once.
    pub(crate) max_streams: u64,
    peer_max_frame: u64,
    said_hello: bool,
    said_go_away: bool,
    last_ping: Option<u64>,
    /// Pongs and refusals since the line last took everything.
    owed: u32,
    /// Packets that drew on the budget, and what has come back for tasks that were finished.
    charged: u64,
    rewarded: u64,
    /// Results sent that no credit has come for.
    free_credits: u64,
}

pub(crate) struct Stream {
    pub(crate) at: At,
    pub(crate) used: u64,
    /// Bytes of the results themselves.
    pub(crate) content: u64,
    pub(crate) allowed: u64,
    consumed: u64,
    cancel_said: bool,
    /// When a collector's work must have stopped.
    pub(crate) stop_by: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    Open,
    Cancelled,
    Ended,
}

/// What is to become of a packet.
pub(crate) struct Expected {
    pub(crate) key: Key,
    cell: Cell,
    /// The budget may be spent, or must be.
    flood: [bool; 2],
    stream: u64,
}

impl Expected {
    /// Judges what has become of the packet.
    pub(crate) fn judge(&self, got: Cell) -> Result<(), String> {
        let Self { key, cell, flood: [may, must], .. } = self;
        let flood = Cell::Broken(FaultCode::FLOOD.0);
        if if *must { got == flood } else { got == *cell || *may && got == flood } {
            return Ok(());
        }
        Err(format!("{key:?} is {got:?} instead of {cell:?}, flood: may {may}, must {must}"))
    }
}

/// At once (rule 9), and owed to a line that takes nothing (rule 12).
const BURST: u64 = 1000;
const OWED: u32 = 64;
const CANCEL_WAIT: Duration = Duration::from_secs(5);

/// Packets of which the bytes alone do not tell what they are to be taken for.
const UNTOLD: [&str; 5] =
    ["two bodies", "one body twice", "cut short", "a limit broken", "a limit broken in a `hello`"];

impl Model {
    pub(crate) fn new(role: Role, window: u64, max_streams: u32, inherited: bool) -> Self {
        Self {
            role,
            greeted: false,
            ended: false,
            leaving: false,
            peer_leaving: false,
            inherited,
            streams: BTreeMap::new(),
            highest: 0,
            window,
            max_streams: max_streams.into(),
            peer_max_frame: 256,
            said_hello: false,
            said_go_away: false,
            last_ping: None,
            owed: 0,
            charged: 0,
            rewarded: 0,
            free_credits: 0,
        }
    }

    pub(crate) fn live(&self) -> usize {
        self.streams.values().filter(|stream| stream.at != At::Ended).count()
    }

    pub(crate) fn open_streams(&self) -> Vec<u64> {
        let open = self.streams.iter().filter(|(_, stream)| stream.at != At::Ended);
        open.map(|(id, _)| *id).collect()
    }

    pub(crate) fn flushed(&mut self) {
        self.owed = 0;
    }

    /// What the page says of a packet that comes now.
    pub(crate) fn expect(
        &mut self,
        now: Duration,
        body: &[u8],
        mark: Option<Mark>,
        oracle: &Oracle,
    ) -> Result<Expected, String> {
        let untold = mark.filter(|mark| {
            UNTOLD.contains(&mark.packet) || (!self.greeted && mark.packet.starts_with("`hello`,"))
        });
        let (name, stream) = if let Some(mark) = untold {
            (mark.packet, mark.stream)
        } else {
            let packet = frames::packet(body);
            (self.name(&packet), packet.stream)
        };
        let key = self.key(name, stream);
        let cell = oracle.cell(&key)?;
        let flood = self.charge(now, cell, name);
        if name == "`ping`" {
            self.last_ping = Some(frames::packet(body).number(1).unwrap_or(0));
        }
        if cell == Cell::Opened {
            self.meet(&frames::packet(body));
        }
        if matches!(cell, Cell::Result | Cell::End) && name != "`fault`" {
            let content = frames::packet(body).content.len() as u64;
            let stream = self.stream(stream)?;
            stream.used += body.len() as u64;
            stream.content += content;
        }
        if cell == Cell::Credit {
            let total = frames::packet(body).number(1).unwrap_or(0);
            let stream = self.stream(stream)?;
            stream.allowed = stream.allowed.max(total);
        }
        Ok(Expected { key, cell, flood, stream })
    }

    /// Takes it in as the page says, before anything is said to it.
    pub(crate) fn take_in(&mut self, now: Duration, expected: &Expected) -> Result<(), String> {
        let id = expected.stream;
        match expected.cell {
            Cell::Opened => self.greeted = true,
            Cell::Task | Cell::Refused(_) => self.open(id),
            Cell::End => {
                let stream = self.stream(id)?;
                let is_cancelled = stream.at == At::Cancelled;
                stream.at = At::Ended;
                let is_fault = expected.key.2 == "`fault`";
                self.rewarded += u64::from(!is_cancelled && !is_fault);
            }
            Cell::Cancel => {
                let stream = self.stream(id)?;
                stream.at = At::Cancelled;
                stream.stop_by = Some(stream.stop_by.unwrap_or(now + CANCEL_WAIT));
            }
            Cell::Leaves => self.peer_leaving = true,
            Cell::Closed => self.ended = true,
            Cell::Broken(_) | Cell::Result | Cell::Credit | Cell::Pong | Cell::Ignored => {}
        }
        Ok(())
    }

    /// Judges a packet that this side sends, and takes it in.
    pub(crate) fn said(&mut self, body: &[u8]) -> Result<(), String> {
        let packet = frames::packet(body);
        let is =
            |ok: bool, rule: &str| if ok { Ok(()) } else { Err(format!("{rule}: {packet:?}")) };
        let id = packet.stream;
        let is_agent = self.role == Role::Agent;
        let is_last_word = packet.is_connection_fault();
        is(!self.ended, "rule 13: nothing behind a fault")?;
        is(
            self.said_hello || packet.body == wire::HELLO || is_last_word,
            "rule 1: Hello is first",
        )?;
        let early = is_agent && packet.body == wire::TASK && id == 1;
        is(
            self.greeted || early || packet.body == wire::HELLO || is_last_word,
            "rule 2: nothing else before the peer's Hello",
        )?;
        is(packet.len as u64 <= self.peer_max_frame || packet.body == wire::HELLO, "rule 3: size")?;
        match packet.body {
            wire::HELLO => {
                is(!self.said_hello && packet.len <= 128, "rule 1: one Hello of 128 bytes")?;
                self.said_hello = true;
            }
            wire::TASK => {
                is(is_agent && id == next(self.highest), "rule 4: ids rise")?;
                is(!self.said_go_away, "rule 11: no task after a GoAway")?;
                is((self.live() as u64) < self.max_streams || early, "rule 4: max_streams")?;
                self.open(id);
            }
            wire::RESULT => {
                let stream = self.stream(id)?;
                let is_free = !packet.more && packet.len <= 256;
                is(!is_agent && stream.at != At::Ended, "rule 5: one terminal packet")?;
                is(stream.used < stream.allowed || is_free, "rule 7: credit")?;
                stream.used += packet.len as u64;
                stream.content += packet.content.len() as u64;
                if !packet.more {
                    let is_cancelled = stream.at == At::Cancelled;
                    stream.at = At::Ended;
                    self.rewarded += u64::from(!is_cancelled);
                }
                self.free_credits += 1;
            }
            wire::FAULT if is_last_word => self.ended = true,
            wire::FAULT => {
                let stream = self.stream(id)?;
                is(!is_agent && stream.at != At::Ended, "rule 5: one terminal packet")?;
                is(packet.len <= 256, "rule 7: a fault is small")?;
                stream.at = At::Ended;
            }
            wire::CREDIT => {
                let stream = self.stream(id)?;
                is(packet.number(1) == Some(stream.allowed), "rule 7: consumed, and a window")?;
            }
            wire::CANCEL => {
                let stream = self.stream(id)?;
                is(stream.at == At::Cancelled && !stream.cancel_said, "rule 5: one cancel")?;
                stream.cancel_said = true;
            }
            wire::PING => is(id == 0 && is_agent, "rule 10: an agent pings")?,
            wire::PONG => {
                is(
                    Some(packet.number(1).unwrap_or(0)) == self.last_ping,
                    "rule 10: the ping's nonce",
                )?;
            }
            wire::GO_AWAY => {
                is(self.leaving && !self.said_go_away, "rule 11: one GoAway")?;
                self.said_go_away = true;
            }
            _ => return is(false, "no packet at all"),
        }
        Ok(())
    }

    /// The application is done with a result of so many body bytes.
    pub(crate) fn consume(&mut self, id: u64, len: u64) {
        let window = self.window;
        let Some(stream) = self.streams.get_mut(&id).filter(|stream| stream.at == At::Open) else {
            return;
        };
        stream.consumed += len;
        let granted = stream.consumed.saturating_add(window);
        if granted - stream.allowed >= window.div_ceil(2) {
            stream.allowed = granted;
        }
    }

    pub(crate) fn cancel(&mut self, id: u64) {
        if let Some(stream) = self.streams.get_mut(&id).filter(|stream| stream.at == At::Open) {
            stream.at = At::Cancelled;
        }
    }

    /// A collector's task is over its deadline.
    pub(crate) fn is_late(&mut self, id: u64, now: Duration) {
        if let Some(stream) = self.streams.get_mut(&id) {
            stream.stop_by = Some(now + CANCEL_WAIT);
        }
    }

    /// Streams that should have ended by now.
    pub(crate) fn overdue(&self, now: Duration) -> Option<u64> {
        let is_overdue = |stream: &Stream| {
            stream.at != At::Ended && stream.stop_by.is_some_and(|stop_by| stop_by <= now)
        };
        let mut overdue = self.streams.iter().filter(|(_, stream)| is_overdue(stream));
        overdue.next().map(|(id, _)| *id)
    }

    fn open(&mut self, id: u64) {
        self.highest = id;
        let (allowed, at) = (self.window, At::Open);
        let stream = Stream {
            at,
            used: 0,
            content: 0,
            allowed,
            consumed: 0,
            cancel_said: false,
            stop_by: None,
        };
        self.streams.insert(id, stream);
    }

    fn stream(&mut self, id: u64) -> Result<&mut Stream, String> {
        self.streams.get_mut(&id).ok_or_else(|| format!("nobody has opened {id}"))
    }

    fn meet(&mut self, hello: &Packet) {
        self.peer_max_frame = hello.number(3).unwrap_or(0);
        match self.role {
            Role::Agent => self.max_streams = hello.number(4).unwrap_or(0),
            Role::Collector => self.window = hello.number(5).unwrap_or(0),
        }
    }

    /// Whether the packet may, and must, be one too many.
    fn charge(&mut self, now: Duration, cell: Cell, name: &str) -> [bool; 2] {
        if !self.greeted {
            return [false; 2];
        }
        let is_credit = name == "`credit`" && matches!(cell, Cell::Credit | Cell::Ignored);
        if is_credit && self.free_credits > 0 {
            self.free_credits -= 1;
            return [false; 2];
        }
        let costs = is_credit
            || matches!(cell, Cell::Pong | Cell::Ignored | Cell::Cancel | Cell::Leaves)
            || matches!(cell, Cell::Refused(_));
        if !costs {
            return [false; 2];
        }
        self.charged += 1;
        self.owed += u32::from(matches!(cell, Cell::Pong | Cell::Refused(_)));
        let come_back = self.rewarded + 34 * (now.as_secs() + 1);
        let too_many_owed = self.owed > OWED;
        [self.charged > BURST || too_many_owed, self.charged > BURST + come_back || too_many_owed]
    }
}

fn next(highest: u64) -> u64 {
    if highest == 0 { 1 } else { highest + 2 }
}
