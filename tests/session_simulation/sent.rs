use eyelet_codec::session::Role;

use crate::frames;
use crate::model::{At, Model};
use crate::wire::{self, Packet};

/// What a side may say.
impl Model {
    /// Judges a packet that this side sends, and takes it in.
    pub(crate) fn said(&mut self, body: &[u8]) -> Result<(), String> {
        let packet = frames::packet(body);
        self.is_allowed(&packet).and_then(|()| self.say(&packet)).map_err(|rule| {
            let Packet { stream, body, len, .. } = packet;
            format!("{rule}: field {body}, {len} bytes, on {stream}")
        })
    }

    /// By the rules that hold for every packet.
    fn is_allowed(&self, packet: &Packet) -> Result<(), String> {
        let is_hello = packet.body == wire::HELLO;
        let is_last_word = packet.is_connection_fault();
        let is_early = self.role == Role::Agent && packet.body == wire::TASK && packet.stream == 1;
        let is_first = is_hello || is_last_word;
        is(!self.ended, "rule 13: nothing behind a fault")?;
        is(self.said_hello || is_first, "rule 1: Hello is first")?;
        is(self.greeted || is_first || is_early, "rule 2: nothing before the peer's Hello")?;
        is(packet.len as u64 <= self.peer_max_frame || is_hello, "rule 3: size")
    }

    fn say(&mut self, packet: &Packet) -> Result<(), String> {
        let is_agent = self.role == Role::Agent;
        match packet.body {
            wire::HELLO => {
                is(!self.said_hello && packet.len <= 128, "rule 1: one Hello of 128 bytes")?;
                self.said_hello = true;
            }
            wire::TASK => {
                let is_next = packet.stream == if self.highest == 0 { 1 } else { self.highest + 2 };
                let has_place = (self.live() as u64) < self.max_streams || !self.greeted;
                is(is_agent && is_next, "rule 4: ids rise")?;
                is(!self.said_go_away, "rule 11: no task after a GoAway")?;
                is(has_place, "rule 4: max_streams")?;
                self.open(packet.stream);
            }
            wire::FAULT if packet.is_connection_fault() => self.ended = true,
            wire::RESULT | wire::FAULT if !is_agent => self.answer(packet)?,
            wire::CREDIT | wire::CANCEL if is_agent => self.ask_on(packet)?,
            wire::PING => is(is_agent, "rule 10: an agent pings")?,
            wire::PONG => {
                let nonce = packet.number(1).unwrap_or(0);
                is(Some(nonce) == self.last_ping, "rule 10: the ping's nonce")?;
            }
            wire::GO_AWAY => {
                let last = packet.number(2).unwrap_or(0);
                is(self.leaving && !self.said_go_away, "rule 11: one GoAway")?;
                is(last <= self.highest, "rule 11: the last stream")?;
                self.said_go_away = true;
            }
            _ => return is(false, "rule 4: the wrong direction"),
        }
        Ok(())
    }

    /// A collector's result or fault on a stream.
    fn answer(&mut self, packet: &Packet) -> Result<(), String> {
        let stream = self.stream(packet.stream)?;
        let (is_result, len) = (packet.body == wire::RESULT, packet.len as u64);
        let is_free = !packet.more && packet.len <= 256;
        is(stream.at != At::Ended, "rule 5: one terminal packet")?;
        is(stream.used < stream.allowed || is_free, "rule 7: credit, and a fault is small")?;
        let is_cancelled = stream.at == At::Cancelled;
        if is_result {
            (stream.used, stream.content) =
                (stream.used + len, stream.content + packet.content.len() as u64);
        }
        if !packet.more {
            stream.at = At::Ended;
        }
        self.free_credits += u64::from(is_result);
        self.rewarded += u64::from(is_result && !packet.more && !is_cancelled);
        Ok(())
    }

    /// An agent's credit or cancel.
    fn ask_on(&mut self, packet: &Packet) -> Result<(), String> {
        let stream = self.stream(packet.stream)?;
        if packet.body == wire::CREDIT {
            return is(packet.number(1) == Some(stream.allowed), "rule 7: consumed, and a window");
        }
        is(stream.at == At::Cancelled && !stream.cancel_said, "rule 5: one cancel")?;
        stream.cancel_said = true;
        Ok(())
    }
}

fn is(ok: bool, rule: &str) -> Result<(), String> {
    if ok { Ok(()) } else { Err(rule.to_owned()) }
}
