use core::error::Error;
use core::fmt::{self, Display, Formatter};
use core::time::Duration;

use super::config::LAST_STREAM;
use super::moment::Moment;
use super::slots::{Owes, find_mut, place};
use super::{Event, FREE, Refusal, Role, Session, Slot, Slots, State, stream};
use crate::{Fault, FaultCode};

/// Why a task cannot be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubmitError {
    /// The connection has ended, or only a collector is on this side.
    Closed,
    /// One of the sides begins no more tasks; connect anew.
    GoingAway,
    /// As many tasks are under way as the collector works on at once, as there are slots for, or as
    /// may be before its `Hello` has come.
    Busy,
    /// The task's packet is larger than the collector accepts; before its `Hello` has come, than 256
    /// bytes.
    TooLarge {
        /// Body bytes of the packet.
        len: usize,
        /// The largest there may be.
        limit: usize,
    },
}

impl<S: Slots> Session<S> {
    /// The stream that the next task would open.
    pub fn next_stream(&self) -> u32 {
        if self.highest == 0 { 1 } else { self.highest.saturating_add(2) }
    }

    /// Opens the next stream for a task whose packet has `body` bytes; the caller sends it.
    ///
    /// Before the collector's `Hello` has come one small task may be sent, once this side's own has
    /// been taken by [`poll_transmit`](Self::poll_transmit) (rule 2).
    ///
    /// # Errors
    /// Why it cannot be sent; nothing has changed then.
    pub fn submit(
        &mut self,
        now: Duration,
        body: usize,
        deadline: Option<Duration>,
    ) -> Result<u32, SubmitError> {
        let id = self.next_stream();
        self.may_submit(id, body)?;
        let (now, deadline) = (Moment::of(now), deadline.map_or(Moment::NEVER, Moment::of));
        let slot = Slot { stream: id, allowed: self.config.credit, deadline, ..Slot::default() };
        if !place(&mut self.slots, slot) {
            return Err(SubmitError::Busy);
        }
        (self.highest, self.live) = (id, self.live.saturating_add(1));
        self.timers.busy(now, self.live == 1, self.role);
        self.timers.deadline(deadline);
        Ok(id)
    }

    /// The application is done with `cost` bytes of a stream's results, so that more may come. No more
    /// counts than has come.
    #[inline]
    pub fn consume(&mut self, stream: u32, cost: u64) {
        let credit = self.config.credit;
        let Some(slot) = self.own(stream) else { return };
        slot.consumed = slot.consumed.saturating_add(cost).min(slot.used);
        let granted = slot.consumed.saturating_add(credit);
        // Half a window at a time: a grant for every chunk would double the packets.
        if granted.saturating_sub(slot.allowed) >= credit.div_ceil(2) && !slot.cancelled {
            (slot.allowed, slot.owes) = (granted, Owes::Credit);
            self.owed.streams = true;
        }
    }

    /// Wants no more of a stream's results. The stream stays open until the collector has ended it.
    pub fn cancel(&mut self, stream: u32) {
        let Some(slot) = self.own(stream) else { return };
        if !slot.cancelled {
            (slot.cancelled, slot.owes) = (true, Owes::Cancel);
            // Whatever is under way may still come.
            slot.deadline = Moment::NEVER;
            self.owed.streams = true;
        }
    }

    /// A stream that this side has opened.
    #[inline]
    fn own(&mut self, stream: u32) -> Option<&mut Slot> {
        if self.role == Role::Agent { find_mut(self.slots.as_mut_slice(), stream) } else { None }
    }

    fn may_submit(&self, id: u32, body: usize) -> Result<(), SubmitError> {
        let limit = self.max_body();
        let at_once = match self.state {
            State::Closed => return Err(SubmitError::Closed),
            // None can end before the Hello, so that it is the first one too.
            State::Greeting => 1,
            State::Open => self.peer.max_streams,
        };
        match () {
            () if self.role == Role::Collector => Err(SubmitError::Closed),
            () if self.leaving.is_some() || self.peer_leaving || id > LAST_STREAM => {
                Err(SubmitError::GoingAway)
            }
            () if self.live >= at_once.min(self.config.max_streams) => Err(SubmitError::Busy),
            () if self.owed.hello => Err(SubmitError::Busy),
            () if body > limit => Err(SubmitError::TooLarge { len: body, limit }),
            () => Ok(()),
        }
    }

    #[inline]
    pub(super) fn on_result<'a>(
        &mut self,
        now: Moment,
        id: u32,
        result: &'a [u8],
        more: bool,
        body: usize,
    ) -> Result<Event<'a>, Refusal> {
        if self.role == Role::Collector {
            return Err(stream("a result from an agent"));
        }
        let Some(slot) = find_mut(self.slots.as_mut_slice(), id) else {
            return self.not_open(now, id);
        };
        let free = !more && body <= FREE;
        if slot.used >= slot.allowed && !free {
            let (text, limit) = ("a result beyond the stream's credit", slot.allowed);
            let seen = slot.used.saturating_add(body as u64);
            return Err(Refusal::number(FaultCode::CREDIT, text, limit, seen));
        }
        slot.used = slot.used.saturating_add(body as u64);
        let cancelled = slot.cancelled;
        if !more {
            self.finish(now, id, cancelled);
        }
        Ok(Event::Result { stream: id, result, cost: body as u64, more })
    }

    pub(super) fn on_fault<'a>(
        &mut self,
        now: Moment,
        id: u32,
        fault: Fault<'a>,
    ) -> Result<Event<'a>, Refusal> {
        if self.role == Role::Collector {
            return Err(stream("an agent's fault on a stream"));
        }
        if find_mut(self.slots.as_mut_slice(), id).is_none() {
            return self.not_open(now, id);
        }
        self.end(now, id);
        Ok(Event::Fault { stream: id, fault })
    }
}

impl Display for SubmitError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the connection has ended"),
            Self::GoingAway => f.write_str("the connection takes no more tasks, connect anew"),
            Self::Busy => f.write_str("as many tasks are under way as the collector takes at once"),
            Self::TooLarge { len, limit } => {
                write!(f, "a task of {len} bytes, the collector takes {limit}")
            }
        }
    }
}

impl Error for SubmitError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Config;

    #[test]
    fn the_last_stream_there_is_can_be_opened_and_none_behind_it() {
        let mut session =
            Session::new(Role::Agent, Config::default(), [Slot::default(); 2], Duration::ZERO);
        session.state = State::Open;
        session.owed.hello = false;
        session.peer.max_streams = 2;
        session.highest = LAST_STREAM - 2;
        assert_eq!(session.submit(Duration::ZERO, 10, None), Ok(0x7fff_ffff));
        assert_eq!(session.submit(Duration::ZERO, 10, None), Err(SubmitError::GoingAway));
    }
}
