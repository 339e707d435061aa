use eyelet_codec::session::Role;

use crate::model::{At, Model};
use crate::oracle::{Key, OPEN, WAITERS};
use crate::page::{self, WAITING};
use crate::wire::{self, Packet};

impl Model {
    /// The cell for a packet of this name on this stream.
    pub(crate) fn key(&self, packet: &'static str, stream: u64) -> Key {
        let table = if self.greeted { page::title(self.role) } else { WAITING };
        (table, self.state(), packet, self.kind(stream))
    }

    fn state(&self) -> &'static str {
        if self.greeted {
            return OPEN[usize::from(self.leaving) + 2 * usize::from(self.peer_leaving)];
        }
        match self.role {
            Role::Collector => WAITERS[0],
            Role::Agent => WAITERS[1 + usize::from(self.highest > 0)],
        }
    }

    fn kind(&self, id: u64) -> &'static str {
        match (id, self.streams.get(&id).map(|stream| stream.at)) {
            (0, _) => "0",
            (_, _) if id.is_multiple_of(2) => "even",
            (_, _) if !self.greeted => "odd",
            (_, Some(At::Open)) => "open",
            (_, Some(At::Cancelled)) => "cancelled",
            (_, Some(At::Ended)) => "ended",
            (_, None) if id > self.highest => "next",
            (_, None) => "skipped",
        }
    }

    /// What the page calls a packet that comes now.
    pub(crate) fn name(&self, packet: &Packet) -> &'static str {
        let stream = self.streams.get(&packet.stream);
        let is_spent =
            self.role == Role::Agent && stream.is_some_and(|stream| stream.used >= stream.allowed);
        let is_full = self.role == Role::Collector && self.live() as u64 >= self.max_streams;
        match packet.body {
            wire::HELLO if packet.number(8) == Some(1) => "`hello` of an agent",
            wire::HELLO => "`hello` of a collector",
            wire::TASK if is_full => "`task` over `max_streams`",
            wire::TASK => "`task`",
            wire::RESULT if packet.more && is_spent => "`result` with `more`, credit spent",
            wire::RESULT if packet.more => "`result` with `more`",
            wire::RESULT if is_spent && packet.len <= 256 => {
                "`result`, the last, 256 bytes, credit spent"
            }
            wire::RESULT if is_spent => "`result`, the last, 257 bytes, credit spent",
            wire::RESULT => "`result`, the last",
            wire::FAULT => "`fault`",
            wire::CREDIT => "`credit`",
            wire::CANCEL => "`cancel`",
            wire::PING => "`ping`",
            wire::PONG => "`pong`",
            wire::GO_AWAY => "`go_away`",
            0 => "no body",
            _ => "unknown body",
        }
    }
}
