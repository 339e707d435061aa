use core::num::NonZeroU64;
use core::time::Duration;

use super::body::Body;
use super::number::Number;
use super::{Event, Link, State};
use crate::frame::{self, Decoded, MAX_BODY};

impl<const WINDOW: usize, const BUFFER: usize> Link<WINDOW, BUFFER> {
    /// Takes in what stood between two delimiters, decoded. What is no frame of the link is counted
    /// and otherwise ignored.
    pub fn handle_frame<'a>(&mut self, now: Duration, frame: &'a [u8]) -> Event<'a> {
        let Some(body) = self.read(frame) else {
            self.handle_loss(frame.len());
            return Event::Nothing;
        };
        match body {
            Body::Reset { window, epoch } => self.on_reset(window, epoch),
            Body::ResetAck { window, epoch, answered } => self.on_answer(window, epoch, answered),
            // L4.
            _ if !self.answered => Event::Nothing,
            Body::Ack { expected } => {
                self.acknowledge(now, expected);
                Event::Nothing
            }
            Body::Nak { expected } => self.on_nak(now, expected),
            Body::Data { number, expected, packet } => {
                // A closing that this acknowledgment completes is for what comes next.
                let is_open = self.is_up();
                self.acknowledge(now, expected);
                self.on_data(is_open, number, packet)
            }
        }
    }

    /// Takes in that so many bytes between two delimiters could not even be decoded, or were too many.
    pub fn handle_loss(&mut self, bytes: usize) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.counters.damaged = self.counters.damaged.saturating_add(1);
        self.counters.lost = self.counters.lost.saturating_add(bytes);
    }

    /// `max_frame` is for packets alone: what begins a session may be longer.
    fn read<'a>(&self, frame: &'a [u8]) -> Option<Body<'a>> {
        let body = match frame::decode(frame, MAX_BODY) {
            Ok(Decoded::Frame { body, consumed }) if consumed == frame.len() => Body::decode(body)?,
            _ => return None,
        };
        match body {
            Body::Data { packet, .. } if packet.len() > self.config.max_frame as usize => None,
            body => Some(body),
        }
    }

    /// L2.
    fn on_reset(&mut self, window: u8, epoch: NonZeroU64) -> Event<'static> {
        self.owed.answer = true;
        if self.peer == Some(epoch) {
            return Event::Nothing;
        }
        let was_up = self.is_up();
        if self.answered {
            self.begin(window, epoch);
            return if was_up { Event::Restarted } else { Event::Up };
        }
        self.peer = Some(epoch);
        if self.is_closed() {
            (self.state, self.owed.reset) = (State::Connecting, true);
        }
        Event::Nothing
    }

    /// L3.
    fn on_answer(&mut self, window: u8, epoch: NonZeroU64, answered: NonZeroU64) -> Event<'static> {
        if self.state != State::Connecting || answered != self.epoch {
            return Event::Nothing;
        }
        self.answered = true;
        self.begin(window, epoch);
        Event::Up
    }

    fn begin(&mut self, window: u8, peer: NonZeroU64) {
        self.clear(window);
        (self.state, self.peer) = (State::Up, Some(peer));
        self.owed.reset = false;
    }

    /// L6: whether the number is in range.
    fn acknowledge(&mut self, now: Duration, expected: Number) -> bool {
        let count = self.window.acknowledge(expected);
        if count.is_some_and(|count| count > 0) {
            self.repeats = 0;
            self.timer = (self.window.outstanding() > 0).then(|| self.repeat_at(now));
            if self.state == State::Closing && self.window.kept() == 0 {
                self.state = State::Closed;
            }
        }
        count.is_some()
    }

    /// L8.
    fn on_nak(&mut self, now: Duration, expected: Number) -> Event<'static> {
        if self.acknowledge(now, expected) && self.window.outstanding() > 0 {
            return self.go_back(now);
        }
        Event::Nothing
    }

    /// L7, and L9 if not `is_open`.
    fn on_data<'a>(&mut self, is_open: bool, number: Number, packet: &'a [u8]) -> Event<'a> {
        let distance = number.since(self.expected);
        let is_ahead = distance < Self::WINDOW_BITS;
        match () {
            () if distance == 0 && is_open => {
                (self.expected, self.gap) = (self.expected.plus(1), false);
                self.owed.ack = true;
                return Event::Packet(packet);
            }
            () if is_ahead && !is_open => {}
            () if is_ahead && !self.gap => (self.gap, self.owed.nak) = (true, true),
            () => self.owed.repeat = true,
        }
        Event::Nothing
    }
}
