use super::{CONTROL_FRAME, Refusal, Session, Slots, State, packet};
use crate::{Cancel, Credit, GoAway, Packet, PacketBody, Ping};

/// What is owed to the peer, one of a kind: the driver empties it after each call.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one packet that is owed or not")]
pub(super) struct Owed {
    pub(super) hello: bool,
    pub(super) pong: Option<u64>,
    pub(super) refusal: Option<(u32, Refusal)>,
    /// Some slot owes credit or a cancel.
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
        if let Some((stream, refusal)) = self.owed.refusal.take() {
            return refusal.with_fault(|fault| packet::write_fault(stream, fault, buf)).ok();
        }
        if core::mem::take(&mut self.owed.ping) {
            let nonce = self.highest.into();
            return connection(PacketBody::Ping(Ping { nonce }), buf);
        }
        if let Some((stream, body)) = self.owed_by_streams() {
            return packet::write(&Packet { stream, more: false, body: Some(body) }, buf).ok();
        }
        if core::mem::take(&mut self.owed.go_away) {
            let away = GoAway { reason: "", last_stream: self.highest };
            return connection(PacketBody::GoAway(away), buf);
        }
        None
    }

    fn owed_by_streams(&mut self) -> Option<(u32, PacketBody<'static>)> {
        if !self.owed.streams {
            return None;
        }
        for slot in self.slots.as_mut_slice() {
            if core::mem::take(&mut slot.owes_cancel) {
                return Some((slot.stream, PacketBody::Cancel(Cancel {})));
            }
            if core::mem::take(&mut slot.owes_credit) {
                return Some((slot.stream, PacketBody::Credit(Credit { total: slot.allowed })));
            }
        }
        self.owed.streams = false;
        None
    }
}

fn connection(body: PacketBody<'_>, buf: &mut [u8; CONTROL_FRAME]) -> Option<usize> {
    packet::write(&Packet { stream: 0, more: false, body: Some(body) }, buf).ok()
}
