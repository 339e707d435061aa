//! A serial line: what arrives is any bytes, or frames that are whole.

use std::num::NonZeroU64;
use std::time::Duration;

use eyelet_codec::cobs::{self, Accumulator, Fed, Frames, Received};
use eyelet_codec::frame::{Decoded, MAX_OVERHEAD, decode, encode};
use eyelet_codec::link::{Config, Event, Link, OVERHEAD, SendError, line_len};

use crate::script::Script;

const PACKET: usize = 256;
const LINE: usize = line_len(PACKET);

/// What happens to a link: a byte for its window, its epoch, and then one thing after another. True if
/// a session has begun.
pub fn line(input: &[u8]) -> bool {
    let mut script = Script(input);
    let Some(window) = script.byte() else { return false };
    let Some((epoch, rest)) = script.0.split_first_chunk() else { return false };
    let epoch = NonZeroU64::new(u64::from_le_bytes(*epoch)).unwrap_or(NonZeroU64::MIN);
    match window % 3 {
        0 => Side::<1>::new(epoch).play(Script(rest)),
        1 => Side::<2>::new(epoch).play(Script(rest)),
        _ => Side::<7>::new(epoch).play(Script(rest)),
    }
}

struct Side<const WINDOW: usize> {
    link: Link<WINDOW, { PACKET + OVERHEAD }>,
    inbox: Accumulator<LINE>,
    /// Is fed the same, byte by byte.
    slow: Accumulator<LINE>,
    /// Is fed the same, and takes frames.
    frames: Frames<LINE>,
    epoch: NonZeroU64,
    now: Duration,
    begun: bool,
}

impl<const WINDOW: usize> Side<WINDOW> {
    fn new(epoch: NonZeroU64) -> Self {
        let config = Config { max_frame: 256, repeat: Duration::from_secs(1) };
        Self {
            link: Link::new(config, epoch),
            inbox: Accumulator::new(),
            slow: Accumulator::new(),
            frames: Frames::new(257),
            epoch,
            now: Duration::ZERO,
            begun: false,
        }
    }

    fn play(mut self, mut script: Script<'_>) -> bool {
        self.drain();
        while self.step(&mut script).is_some() {
            self.drain();
            assert!(self.link.unacknowledged() <= WINDOW);
        }
        self.begun
    }

    fn step(&mut self, script: &mut Script<'_>) -> Option<()> {
        match script.byte()? % 6 {
            0 => self.arrives(script.bytes()?),
            1 => self.arrives(&on_the_line(script.bytes()?)),
            2 => self.waits(script.byte()?),
            3 => self.sends(script.bytes()?),
            4 => self.link.close(),
            _ => {
                self.epoch = self.epoch.saturating_add(1);
                self.link.connect(self.epoch);
            }
        }
        Some(())
    }

    fn arrives(&mut self, bytes: &[u8]) {
        let slowly: Vec<_> =
            bytes.iter().filter_map(|&byte| stretch(self.slow.feed(&[byte]))).collect();
        let framed = self.framed(bytes);
        let (mut rest, mut at_once) = (bytes, Vec::new());
        loop {
            let fed = self.inbox.feed(rest);
            at_once.extend(stretch(fed));
            let consumed = match fed {
                Fed::Partial => break,
                Fed::Decoded { bytes, consumed } => {
                    let event = self.link.handle_frame(self.now, bytes);
                    self.begun |= matches!(event, Event::Up | Event::Restarted);
                    consumed
                }
                Fed::Refused { lost, consumed, .. } => {
                    self.link.handle_loss(lost);
                    consumed
                }
            };
            rest = &rest[consumed..];
        }
        assert_eq!(at_once, slowly, "fed at once and byte by byte");
        let whole = at_once.iter().filter_map(|stretch| body_of_all(stretch.as_ref().ok()?));
        assert_eq!(framed, whole.collect::<Vec<_>>(), "stretches that are frames");
    }

    fn framed(&mut self, mut rest: &[u8]) -> Vec<Vec<u8>> {
        let mut bodies = Vec::new();
        loop {
            let consumed = match self.frames.feed(rest) {
                Received::Partial => return bodies,
                Received::Frame { body, consumed } => {
                    bodies.push(body.to_vec());
                    consumed
                }
                Received::Refused { consumed, .. } => consumed,
            };
            rest = &rest[consumed..];
        }
    }

    fn waits(&mut self, time: u8) {
        self.now += Duration::from_millis(50) * time.into();
        if self.link.poll_timeout().is_some_and(|at| at <= self.now) {
            self.link.handle_timeout(self.now);
            assert!(self.link.poll_timeout().is_none_or(|at| at > self.now), "due again at once");
        }
    }

    fn sends(&mut self, packet: &[u8]) {
        let may_send = self.link.may_send();
        let sent = self.link.send(packet);
        let is_fit = (1..=PACKET).contains(&packet.len());
        assert_eq!(sent.is_ok(), may_send && is_fit, "{sent:?}");
        let is_busy = matches!(sent, Err(SendError::Full | SendError::NotUp));
        assert!(!(is_busy && may_send), "{sent:?}");
    }

    /// What is sent is a frame that another such link takes.
    fn drain(&mut self) {
        let mut buf = [0xa5; LINE];
        let mut count = 0;
        while let Some(len) = self.link.poll_transmit(self.now, &mut buf).unwrap() {
            let mut frames = Frames::<LINE>::new(257);
            let received = frames.feed(&buf[..len]);
            assert!(matches!(received, Received::Frame { consumed, .. } if consumed == len));
            count += 1;
            assert!(count <= WINDOW + 6, "it never stops sending");
        }
    }
}

/// A stretch that has ended: its content, or how many bytes are lost.
fn stretch(fed: Fed<'_>) -> Option<Result<Vec<u8>, usize>> {
    match fed {
        Fed::Partial => None,
        Fed::Decoded { bytes, .. } => Some(Ok(bytes.to_vec())),
        Fed::Refused { lost, .. } => Some(Err(lost)),
    }
}

fn body_of_all(stretch: &[u8]) -> Option<Vec<u8>> {
    match decode(stretch, 257) {
        Ok(Decoded::Frame { body, consumed }) if consumed == stretch.len() => Some(body.to_vec()),
        _ => None,
    }
}

/// A frame around a body, encoded in both ways that there are.
fn on_the_line(body: &[u8]) -> Vec<u8> {
    let mut frame = vec![0xa5; body.len() + MAX_OVERHEAD];
    let Ok(len) = encode(body, &mut frame) else { return Vec::new() };
    let mut line = vec![0xa5; cobs::max_encoded_len(len)];
    let encoded = cobs::encode(&frame[..len], &mut line).unwrap();
    line.truncate(encoded);
    line.push(cobs::DELIMITER);
    let mut at_once = vec![0x5a; line.len()];
    assert_eq!(cobs::encode_frame(body, &mut at_once), Ok(line.len()));
    assert_eq!(at_once, line);
    line
}
