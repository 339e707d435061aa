//! One side with a clock that the test turns.

use std::num::NonZeroU64;
use std::time::Duration;

use eyelet_codec::frame::FrameError;
use eyelet_codec::link::{Config, Counters, Event, Link, SendError};

use crate::wire::{self, Body};

pub(crate) const OWN: u64 = 0x0102_0304_0506_0708;
pub(crate) const PEER: u64 = 0x9a3c_71e5_d20b_4f68;
pub(crate) const OTHER: u64 = 5;
pub(crate) const REPEAT: Duration = Duration::from_millis(100);
pub(crate) const MAX_FRAME: u32 = 40;
/// For packets of 30 bytes.
const BUFFER: usize = 40;

/// An event, so that it can be kept and compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Nothing,
    Up,
    Restarted,
    Packet(Vec<u8>),
    Ended,
}

impl From<Event<'_>> for Heard {
    fn from(event: Event<'_>) -> Self {
        match event {
            Event::Nothing => Self::Nothing,
            Event::Up => Self::Up,
            Event::Restarted => Self::Restarted,
            Event::Packet(packet) => Self::Packet(packet.to_vec()),
            Event::Ended => Self::Ended,
            other => panic!("an event that this test does not know: {other:?}"),
        }
    }
}

/// A link of any window.
pub(crate) trait AnyLink {
    fn connect(&mut self, epoch: NonZeroU64);
    fn close(&mut self);
    fn abort(&mut self);
    fn send(&mut self, packet: &[u8]) -> Result<(), SendError>;
    fn handle_frame(&mut self, now: Duration, frame: &[u8]) -> Heard;
    fn handle_timeout(&mut self, now: Duration) -> Heard;
    fn poll_transmit(&mut self, now: Duration, buf: &mut [u8])
    -> Result<Option<usize>, FrameError>;
    fn poll_timeout(&self) -> Option<Duration>;
    fn state(&self) -> State;
    fn counters(&self) -> Counters;
    fn copy(&self) -> Box<dyn AnyLink>;
}

/// What a link says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) up: bool,
    pub(crate) closed: bool,
    pub(crate) may_send: bool,
    pub(crate) unacknowledged: usize,
}

impl<const W: usize> AnyLink for Link<W, BUFFER> {
    fn connect(&mut self, epoch: NonZeroU64) {
        self.connect(epoch);
    }

    fn close(&mut self) {
        self.close();
    }

    fn abort(&mut self) {
        self.abort();
    }

    fn send(&mut self, packet: &[u8]) -> Result<(), SendError> {
        self.send(packet)
    }

    fn handle_frame(&mut self, now: Duration, frame: &[u8]) -> Heard {
        self.handle_frame(now, frame).into()
    }

    fn handle_timeout(&mut self, now: Duration) -> Heard {
        self.handle_timeout(now).into()
    }

    fn poll_transmit(
        &mut self,
        now: Duration,
        buf: &mut [u8],
    ) -> Result<Option<usize>, FrameError> {
        self.poll_transmit(now, buf)
    }

    fn poll_timeout(&self) -> Option<Duration> {
        self.poll_timeout()
    }

    fn state(&self) -> State {
        State {
            up: self.is_up(),
            closed: self.is_closed(),
            may_send: self.may_send(),
            unacknowledged: self.unacknowledged(),
        }
    }

    fn counters(&self) -> Counters {
        self.counters()
    }

    fn copy(&self) -> Box<dyn AnyLink> {
        Box::new(self.clone())
    }
}

pub(crate) struct Side {
    pub(crate) link: Box<dyn AnyLink>,
    pub(crate) w: u8,
    pub(crate) now: Duration,
}

impl Clone for Side {
    fn clone(&self) -> Self {
        Self { link: self.link.copy(), ..*self }
    }
}

impl Side {
    /// A side that has just started, under the epoch [`OWN`].
    pub(crate) fn new(w: u8) -> Self {
        let config = Config { max_frame: MAX_FRAME, repeat: REPEAT };
        let epoch = NonZeroU64::new(OWN).unwrap();
        let link: Box<dyn AnyLink> = match w {
            1 => Box::new(Link::<1, BUFFER>::new(config, epoch)),
            2 => Box::new(Link::<2, BUFFER>::new(config, epoch)),
            3 => Box::new(Link::<3, BUFFER>::new(config, epoch)),
            4 => Box::new(Link::<4, BUFFER>::new(config, epoch)),
            5 => Box::new(Link::<5, BUFFER>::new(config, epoch)),
            6 => Box::new(Link::<6, BUFFER>::new(config, epoch)),
            7 => Box::new(Link::<7, BUFFER>::new(config, epoch)),
            _ => panic!("there is no window of {w}"),
        };
        Self { link, w, now: Duration::ZERO }
    }

    /// A side whose RESET has been answered by a [`PEER`] that takes as many packets as it does.
    pub(crate) fn up(w: u8) -> Self {
        Self::up_with(w, w)
    }

    pub(crate) fn up_with(w: u8, peers: u8) -> Self {
        let mut side = Self::new(w);
        assert_eq!(side.said(), [Body::Reset { w, epoch: OWN }]);
        let answer = Body::ResetAck { w: peers, epoch: PEER, answered: OWN };
        assert_eq!(side.hear(&answer), Heard::Up);
        assert_eq!(side.said(), []);
        side
    }

    pub(crate) fn hear(&mut self, body: &Body) -> Heard {
        self.hear_bytes(&body.bytes())
    }

    pub(crate) fn hear_bytes(&mut self, body: &[u8]) -> Heard {
        self.link.handle_frame(self.now, &wire::frame(body))
    }

    /// Everything that this side has to say.
    pub(crate) fn said(&mut self) -> Vec<Body> {
        let frames = wire::frames(&self.line());
        let read = |frame: &Vec<u8>| Body::read(&wire::unframe(frame)).expect("a body");
        frames.iter().map(read).collect()
    }

    /// The same as bytes of the line.
    pub(crate) fn line(&mut self) -> Vec<u8> {
        let mut line = Vec::new();
        while let Some(len) = {
            let mut buf = [0xa5; 64];
            let len = self.link.poll_transmit(self.now, &mut buf).unwrap();
            line.extend(&buf[..len.unwrap_or(0)]);
            len
        } {
            assert!(len > 1 && line.len() < 4096, "a side that never falls silent");
        }
        line
    }

    pub(crate) fn send(&mut self, packet: &[u8]) {
        self.link.send(packet).unwrap();
    }

    /// Sends packets, each one byte, and lets them go out.
    pub(crate) fn send_all(&mut self, packets: impl IntoIterator<Item = u8>) -> Vec<Body> {
        packets.into_iter().for_each(|packet| self.send(&[packet]));
        self.said()
    }

    /// Takes in packets, each one byte, numbered from `s` on, and says ACK.
    pub(crate) fn receive_all(&mut self, s: u8, packets: impl IntoIterator<Item = u8>) {
        for (index, packet) in (0..).zip(packets) {
            let heard = self.hear(&wire::data(s + index, 0, &[packet]));
            assert_eq!(heard, Heard::Packet(vec![packet]));
        }
        self.said();
    }

    /// Lets time pass up to the timer, and what falls due happen.
    pub(crate) fn wait(&mut self) -> Heard {
        self.now = self.link.poll_timeout().expect("something is waited for");
        self.link.handle_timeout(self.now)
    }

    pub(crate) fn state(&self) -> State {
        self.link.state()
    }
}
