use std::collections::BTreeMap;
use std::time::Duration;

use eyelet_codec::FaultCode;
use eyelet_codec::session::Role;

use crate::frames;
use crate::injection::Mark;
use crate::oracle::{Key, Oracle};
use crate::page::Cell;
use crate::wire::Packet;

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
    /// Tasks that were taken on.
    pub(crate) taken_on: usize,
    /// An agent's `Hello.credit`, its own or the peer's.
    window: u64,
    /// What the collector works on at once.
    pub(crate) max_streams: u64,
    pub(crate) peer_max_frame: u64,
    pub(crate) said_hello: bool,
    pub(crate) said_go_away: bool,
    pub(crate) last_ping: Option<u64>,
    /// Pongs and refusals since the line last took everything.
    owed: u32,
    /// Packets that drew on the budget, and what has come back for tasks that were finished.
    charged: u64,
    pub(crate) rewarded: u64,
    /// Results sent that no credit has come for.
    pub(crate) free_credits: u64,
}

pub(crate) struct Stream {
    pub(crate) at: At,
    pub(crate) used: u64,
    /// Bytes of the results themselves.
    pub(crate) content: u64,
    pub(crate) allowed: u64,
    consumed: u64,
    pub(crate) cancel_said: bool,
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
            taken_on: 0,
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
            Cell::Refused(_) => self.open(id),
            Cell::Task => {
                self.open(id);
                self.taken_on += 1;
            }
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

    /// Whether a result of so many bytes may go.
    pub(crate) fn may_reply(&self, id: u64, body: usize, more: bool) -> bool {
        let open = self.streams.get(&id).filter(|stream| stream.at != At::Ended);
        open.is_some_and(|stream| stream.used < stream.allowed || !more && body <= 256)
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

    pub(crate) fn open(&mut self, id: u64) {
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

    pub(crate) fn stream(&mut self, id: u64) -> Result<&mut Stream, String> {
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
