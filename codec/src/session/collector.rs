use core::time::Duration;

use super::config::CANCEL_WAIT;
use super::moment::Moment;
use super::slots::{find, find_mut, place};
use super::{
    CONTROL_FRAME, Event, FREE, Refusal, Role, Session, Slot, Slots, flood, packet, stream,
};
use crate::{Fault, FaultCode};

impl<S: Slots> Session<S> {
    /// Whether a result may go on `stream` now; else wait for [`Event::Credit`].
    #[inline]
    pub fn may_reply(&self, stream: u32) -> bool {
        self.served(stream).is_some_and(|slot| slot.used < slot.allowed)
    }

    /// Whether a last result of `body` bytes may go on `stream` now; a small one needs no credit.
    #[inline]
    pub fn may_finish(&self, stream: u32, body: usize) -> bool {
        self.served(stream).is_some_and(|slot| body <= FREE || slot.used < slot.allowed)
    }

    /// Whether the agent has cancelled `stream`, or it is no longer open.
    #[inline]
    pub fn is_cancelled(&self, stream: u32) -> bool {
        self.open(stream).is_none_or(|slot| slot.cancelled)
    }

    /// Accounts for a result whose packet has `body` bytes; the caller sends it. Without `more` the
    /// stream has ended.
    #[inline]
    pub fn reply(&mut self, now: Duration, stream: u32, body: usize, more: bool) {
        let Some(slot) = find_mut(self.slots.as_mut_slice(), stream) else { return };
        let now = Moment::of(now);
        self.timers.replied = now;
        slot.used = slot.used.saturating_add(body as u64);
        let cancelled = slot.cancelled;
        self.budget.result_sent();
        if !more {
            self.finish(now, stream, cancelled);
        }
    }

    /// Ends `stream` by a fault, and writes the frame that says so; its length.
    ///
    /// The fault's texts are cut to the schema's limits. A fault that the agent provoked costs it
    /// something (rule 9), which may end the connection: then [`is_done`](Self::is_done) says so. 0:
    /// nothing is to be sent, since the stream has ended before or the connection ends.
    pub fn fail(
        &mut self,
        now: Duration,
        stream: u32,
        fault: &Fault<'_>,
        buf: &mut [u8; CONTROL_FRAME],
    ) -> usize {
        if self.served(stream).is_none() {
            return 0;
        }
        let now = Moment::of(now);
        self.end(now, stream);
        if is_provoked(fault.code)
            && let Err(flood) = self.charge(now)
        {
            self.break_off(flood);
            return 0;
        }
        packet::write_fault(stream, fault, buf).unwrap_or(0)
    }

    /// Sets when `stream`'s task is given up. One that is to end already has its 5 s, whatever this says.
    pub fn set_deadline(&mut self, stream: u32, deadline: Duration) {
        let Some(slot) = find_mut(self.slots.as_mut_slice(), stream) else { return };
        if !slot.cancelled && !slot.late {
            slot.deadline = Moment::of(deadline);
            self.timers.deadline(slot.deadline);
        }
    }

    /// A stream that the peer has opened.
    #[inline]
    fn served(&self, stream: u32) -> Option<&Slot> {
        if self.role == Role::Collector { self.open(stream) } else { None }
    }

    #[inline]
    fn open(&self, stream: u32) -> Option<&Slot> {
        find(self.slots.as_slice(), stream)
    }

    pub(super) fn on_task<'a>(
        &mut self,
        now: Moment,
        id: u32,
        task: &'a [u8],
    ) -> Result<Event<'a>, Refusal> {
        if self.role == Role::Agent {
            return Err(stream("a task from a collector"));
        }
        if id.is_multiple_of(2) || id <= self.highest {
            return Err(stream("a task on a stream that is not an odd one above the last"));
        }
        if self.peer_leaving {
            return Err(stream("a task after the agent's GoAway"));
        }
        self.highest = id;
        let slot = Slot { stream: id, allowed: self.peer.credit, ..Slot::default() };
        if self.leaving.is_some() {
            return self.refuse(now, id, FaultCode::GOING_AWAY);
        }
        if self.live >= self.config.max_streams || !place(&mut self.slots, slot) {
            return self.refuse(now, id, FaultCode::BUSY);
        }
        self.live = self.live.saturating_add(1);
        self.timers.busy(now, self.live == 1, self.role);
        Ok(Event::Task { stream: id, task })
    }

    pub(super) fn on_credit<'a>(
        &mut self,
        now: Moment,
        id: u32,
        total: u64,
    ) -> Result<Event<'a>, Refusal> {
        if self.role == Role::Agent {
            return Err(stream("credit from a collector"));
        }
        let event = match find_mut(self.slots.as_mut_slice(), id) {
            Some(slot) => {
                slot.allowed = slot.allowed.max(total);
                Event::Credit { stream: id }
            }
            None => self.was_open(id).map(|()| Event::Nothing)?,
        };
        if self.budget.charge_credit(now) { Ok(event) } else { Err(flood()) }
    }

    pub(super) fn on_cancel<'a>(&mut self, now: Moment, id: u32) -> Result<Event<'a>, Refusal> {
        if self.role == Role::Agent {
            return Err(stream("a cancel from a collector"));
        }
        let Some(slot) = find_mut(self.slots.as_mut_slice(), id) else {
            return self.not_open(now, id);
        };
        let second = core::mem::replace(&mut slot.cancelled, true);
        if !second && !slot.late {
            slot.deadline = now.after(CANCEL_WAIT);
            self.timers.deadline(slot.deadline);
        }
        self.charge(now)?;
        Ok(if second { Event::Nothing } else { Event::Cancel { stream: id } })
    }

    /// A task that is opened only to be answered so.
    fn refuse<'a>(&mut self, now: Moment, id: u32, code: FaultCode) -> Result<Event<'a>, Refusal> {
        self.charge(now)?;
        if self.owed.refusal.is_some() {
            // Its stream would never end (rule 5).
            let text = "an answer was owed that the collector's driver did not take";
            return Err(Refusal::new(FaultCode::INTERNAL, text));
        }
        self.owed.refusal = Some((id, code));
        self.owe()?;
        Ok(Event::Refused { stream: id, code })
    }
}

/// What the agent could have known; what broke here, took too long or was cancelled is not among it.
fn is_provoked(code: FaultCode) -> bool {
    matches!(code, FaultCode::INVALID | FaultCode::UNSUPPORTED | FaultCode::UNAUTHORIZED)
}
