//! One side of a connection, and what happens to it: frames whose checksum is right, the passing of
//! time, and what an application may ask for.

use std::time::Duration;

use eyelet_codec::frame::{self, Decoded, FrameError, MAX_BODY};
use eyelet_codec::session::{CONTROL_FRAME, Config, Event, Role, Session, Slot};
use eyelet_codec::{Fault, FaultCode, Message, Packet};

use crate::messages::through_a_frame;
use crate::script::Script;

const SLOTS: usize = 4;

/// A byte for the role, and then one thing after another. True if the connection was open.
pub fn session(input: &[u8]) -> bool {
    let mut script = Script(input);
    let Some(role) = script.byte() else { return false };
    let role = if role % 2 == 0 { Role::Agent } else { Role::Collector };
    let slots = <[Slot; SLOTS]>::default();
    let session = Session::new(role, Config::default(), slots, Duration::ZERO);
    let mut side = Side { session, role, now: Duration::ZERO, opened: false };
    side.drain();
    while side.step(&mut script).is_some() {
        side.drain();
        assert!(side.session.live() <= SLOTS as u32, "more streams than slots");
    }
    side.opened
}

struct Side {
    session: Session<[Slot; SLOTS]>,
    role: Role,
    now: Duration,
    opened: bool,
}

impl Side {
    fn step(&mut self, script: &mut Script<'_>) -> Option<()> {
        match script.byte()? % 8 {
            0 => self.hears(script.bytes()?),
            1 => self.waits(script.byte()?),
            2 => self.asks(script.bytes()?.len()),
            3 => self.answers(script.byte()?, script.bytes()?.len()),
            4 => self.fails(script.byte()?),
            5 => self.session.cancel(script.byte()?.into()),
            6 => self.session.shutdown(self.now),
            _ if script.byte()? == 0 => {
                let event = self.session.handle_frame_error(FrameError::Checksum);
                assert!(matches!(event, Event::Broken(_) | Event::Nothing));
            }
            _ => self.session.reading(self.now, true),
        }
        Some(())
    }

    fn hears(&mut self, body: &[u8]) {
        let (now, was_done) = (self.now, self.session.is_done() && !self.session.is_open());
        let Self { session, opened, .. } = self;
        through_a_frame(body, |body| match session.handle_frame(now, body) {
            Event::Open(_) => assert!(!std::mem::replace(opened, true), "it opens twice"),
            Event::Result { stream, result, cost, .. } => {
                assert!(result.len() <= body.len() && cost == body.len() as u64);
                session.consume(stream, cost);
            }
            Event::Broken(_) | Event::Closed(_) => assert!(session.is_done()),
            Event::Nothing => {}
            event => assert!(!was_done, "{event:?} on a line that has ended"),
        });
    }

    fn waits(&mut self, time: u8) {
        self.now += Duration::from_millis(250) * time.into();
        for _ in 0..=2 * SLOTS + 8 {
            if self.session.poll_timeout().is_none_or(|at| at > self.now) {
                return;
            }
            self.session.handle_timeout(self.now);
            self.drain();
        }
        panic!("due again and again");
    }

    fn asks(&mut self, body: usize) {
        let next = self.session.next_stream();
        let deadline = Some(self.now + Duration::from_secs(body as u64));
        if let Ok(stream) = self.session.submit(self.now, body, deadline) {
            assert!(self.role == Role::Agent && stream == next && body <= self.session.max_body());
        }
    }

    fn answers(&mut self, stream: u8, body: usize) {
        let (stream, more) = (u32::from(stream), body.is_multiple_of(2));
        let may = self.session.may_reply(stream);
        if may || !more && self.session.may_finish(stream, body) {
            let live = self.session.live();
            self.session.reply(self.now, stream, body, more);
            assert_eq!(self.session.live(), live - u32::from(!more));
        }
    }

    fn fails(&mut self, stream: u8) {
        let mut buf = [0xa5; CONTROL_FRAME];
        let fault = Fault { code: FaultCode::INTERNAL, message: "so be it", ..Fault::default() };
        let len = self.session.fail(self.now, stream.into(), &fault, &mut buf);
        if len > 0 {
            is_a_packet(&buf[..len]);
        }
    }

    /// What is owed ends, and is packets that any peer takes.
    fn drain(&mut self) {
        let mut buf = [0xa5; CONTROL_FRAME];
        let mut count = 0;
        while let Some(len) = self.session.poll_transmit(&mut buf) {
            is_a_packet(&buf[..len]);
            count += 1;
            assert!(count <= 2 * SLOTS + 8, "it never stops sending");
        }
        self.session.flushed();
    }
}

fn is_a_packet(bytes: &[u8]) {
    let Ok(Decoded::Frame { body, consumed }) = frame::decode(bytes, MAX_BODY) else {
        panic!("no frame: {bytes:02x?}")
    };
    assert_eq!(consumed, bytes.len());
    Packet::decode(body).unwrap();
}
