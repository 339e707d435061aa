use super::moment::Moment;
use super::slots::Owes;
use super::{CONTROL_FRAME, Departure, Refusal, Session, Slot, Slots, State, packet};
use crate::{Cancel, Credit, Fault, FaultCode, GoAway, Packet, PacketBody, Ping};

/// What is owed to the peer, one of a kind: the driver empties it after each call.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one packet that is owed or not")]
pub(super) struct Owed {
    pub(super) hello: bool,
    pub(super) pong: Option<u64>,
    /// A task that was opened only to be answered so.
    pub(super) refusal: Option<(u32, FaultCode)>,
    /// Some slot owes something.
    pub(super) streams: bool,
    pub(super) ping: bool,
    pub(super) go_away: bool,
    fault: Option<Refusal>,
    /// Pongs and refusals since the line last took all its bytes.
    pub(super) unsent: u32,
}

impl Owed {
    pub(super) fn hello() -> Self {
        Self { hello: true, ..Self::default() }
    }

    /// Nothing but the fault, if there is one.
    pub(super) fn close(&mut self, fault: Option<Refusal>) {
        *self = Self { fault, ..Self::default() };
    }
}

impl<S: Slots> Session<S> {
    /// Writes the next owed frame and returns its length; `None`: nothing is owed.
    #[inline]
    pub fn poll_transmit(&mut self, buf: &mut [u8; CONTROL_FRAME]) -> Option<usize> {
        if self.owes() { self.transmit(buf) } else { None }
    }

    /// Whether [`poll_transmit`](Self::poll_transmit) has something.
    #[inline]
    pub fn owes(&self) -> bool {
        let Owed { hello, pong, refusal, streams, ping, go_away, fault, unsent: _ } = &self.owed;
        let held = self.state == State::Greeting;
        *hello
            || fault.is_some()
            || !held && (*streams || *ping || *go_away || pong.is_some() || refusal.is_some())
    }

    /// The line has taken every byte there was.
    ///
    /// 64 pongs and refusals may be owed until then (rule 12), so whoever hands in many frames at once
    /// tries to write in between: a burst of pings is no flood as long as the line takes the answers.
    #[inline]
    pub fn flushed(&mut self) {
        self.owed.unsent = 0;
        self.timers.unread = Moment::NEVER;
    }

    #[inline(never)]
    fn transmit(&mut self, buf: &mut [u8; CONTROL_FRAME]) -> Option<usize> {
        if let Some(refusal) = self.owed.fault.take() {
            return refusal.with_fault(|fault| packet::write_fault(0, fault, buf)).ok();
        }
        if core::mem::take(&mut self.owed.hello) {
            return connection(PacketBody::Hello(self.hello()), buf);
        }
        if let Some(nonce) = self.owed.pong.take() {
            return connection(PacketBody::Pong(Ping { nonce }), buf);
        }
        if let Some((stream, code)) = self.owed.refusal.take() {
            return packet::write(&end(stream, code), buf).ok();
        }
        if core::mem::take(&mut self.owed.ping) {
            let nonce = self.highest.into();
            return connection(PacketBody::Ping(Ping { nonce }), buf);
        }
        if let Some(packet) = self.owed_by_streams() {
            return packet::write(&packet, buf).ok();
        }
        if core::mem::take(&mut self.owed.go_away) {
            let reason = self.leaving.map_or("", Departure::reason);
            let away = GoAway { reason, last_stream: self.last };
            return connection(PacketBody::GoAway(away), buf);
        }
        None
    }

    fn owed_by_streams(&mut self) -> Option<Packet<'static>> {
        if !self.owed.streams {
            return None;
        }
        let late = self.late();
        for slot in self.slots.as_mut_slice() {
            let Slot { stream, allowed, cancelled, .. } = *slot;
            let body = match core::mem::take(&mut slot.owes) {
                Owes::Nothing => continue,
                Owes::Credit => PacketBody::Credit(Credit { total: allowed }),
                Owes::Cancel => PacketBody::Cancel(Cancel {}),
                Owes::End => {
                    *slot = Slot::default();
                    return Some(end(stream, if cancelled { FaultCode::CANCELLED } else { late }));
                }
            };
            return Some(Packet { stream, more: false, body: Some(body) });
        }
        self.owed.streams = false;
        self.shrink();
        None
    }
}

fn connection(body: PacketBody<'_>, buf: &mut [u8; CONTROL_FRAME]) -> Option<usize> {
    packet::write(&Packet { stream: 0, more: false, body: Some(body) }, buf).ok()
}

/// What the session itself has to say at a stream's end.
fn end(stream: u32, code: FaultCode) -> Packet<'static> {
    let message = match code {
        FaultCode::BUSY => "too many tasks at once",
        FaultCode::GOING_AWAY => "the collector is going away",
        _ => "the work did not stop within 5 s",
    };
    let fault = Fault { code, message, ..Fault::default() };
    Packet { stream, more: false, body: Some(PacketBody::Fault(fault)) }
}
