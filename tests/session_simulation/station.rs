use std::collections::VecDeque;
use std::time::Duration;

use eyelet_codec::FaultCode;
use eyelet_codec::frame::{self, Decoded};
use eyelet_codec::session::{CONTROL_FRAME, Role, Session, Slot};

use crate::frames::{self, Frame};
use crate::heard::{Heard, outcome};
use crate::model::Model;
use crate::oracle::Oracle;
use crate::pipe::Pipe;
use crate::tally::Tally;
use crate::wire::Packet;

/// One side with what its driver holds, and beside it the model of what it has to do.
pub(crate) struct Station {
    pub(crate) role: Role,
    pub(crate) session: Session<Vec<Slot>>,
    pub(crate) model: Model,
    /// Whole frames that the line has not taken, but for some bytes of the first.
    out: VecDeque<Vec<u8>>,
    written: usize,
    inbox: Vec<u8>,
    /// Bytes of whole frames that have come before those in `inbox`.
    offset: usize,
    partial_since: Option<Duration>,
    unread_since: Option<Duration>,
    begun: Duration,
    /// When the last packet came.
    last: Duration,
    /// When it began to leave.
    pub(crate) left: Option<Duration>,
    idle_since: Option<Duration>,
    /// Tasks that had been taken on when that was last looked at.
    seen: usize,
    /// Why the connection is over for this side.
    pub(crate) end: Option<End>,
    /// What was said to the application and it has not heard yet.
    pub(crate) heard: VecDeque<Heard>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Both sides knew that nothing would follow.
    InOrder,
    /// The line ended, and nobody had said why.
    Cut,
    Closed(FaultCode),
    Broken(FaultCode),
}

/// Bytes beyond which an application makes no more.
const HIGH: usize = 4000;
const HELLO_WAIT: Duration = Duration::from_secs(10);
/// 30 s, and two pings.
const SILENCE: Duration = Duration::from_secs(50);
/// 5 s, and 6 s for what was cancelled then.
const DRAIN_WAIT: Duration = Duration::from_secs(11);
const FRAME_WAIT: Duration = Duration::from_secs(5);
const IDLE_WAIT: Duration = Duration::from_secs(600);
const UNREAD_WAIT: Duration = Duration::from_secs(300);

impl Station {
    pub(crate) fn new(
        session: Session<Vec<Slot>>,
        role: Role,
        model: Model,
        now: Duration,
    ) -> Self {
        Self {
            role,
            session,
            model,
            out: VecDeque::new(),
            written: 0,
            inbox: Vec::new(),
            offset: 0,
            partial_since: None,
            unread_since: None,
            begun: now,
            last: now,
            left: None,
            idle_since: Some(now),
            seen: 0,
            end: None,
            heard: VecDeque::new(),
        }
    }

    /// Bytes that wait for the line.
    pub(crate) fn waiting(&self) -> usize {
        self.out.iter().map(Vec::len).sum::<usize>() - self.written
    }

    pub(crate) fn has_room(&self) -> bool {
        self.waiting() < HIGH
    }

    /// A frame of the application's, which the session has accounted for.
    pub(crate) fn send(&mut self, frame: Vec<u8>) -> Result<(), String> {
        self.model.said(&body(&frame))?;
        self.out.push_back(frame);
        Ok(())
    }

    /// Takes over what the session owes, and returns what that is.
    pub(crate) fn pump(&mut self) -> Result<Vec<Packet>, String> {
        let mut said = Vec::new();
        let mut buf = [0xa5; CONTROL_FRAME];
        while let Some(len) = self.session.poll_transmit(&mut buf) {
            let frame = buf[..len].to_vec();
            said.push(frames::packet(&body(&frame)));
            self.send(frame)?;
        }
        if self.session.owes() {
            Err("something is owed that is never said".into())
        } else {
            Ok(said)
        }
    }

    /// Writes what the line takes; whether it took anything.
    pub(crate) fn write(&mut self, now: Duration, pipe: &mut Pipe, room: usize) -> bool {
        let mut taken = 0;
        while let Some(frame) = self.out.front() {
            let rest = &frame[self.written..];
            let count = rest.len().min(room.saturating_sub(pipe.len()));
            if pipe.closed {
                return false;
            }
            pipe.write(&rest[..count]);
            (self.written, taken) = (self.written + count, taken + count);
            if self.written < frame.len() {
                break;
            }
            self.next_frame(pipe);
        }
        let waiting = self.waiting();
        self.session.writing(now, taken, waiting);
        if waiting == 0 {
            self.model.flushed();
            self.unread_since = None;
        } else if taken > 0 || self.unread_since.is_none() {
            self.unread_since = Some(now);
        }
        taken > 0
    }

    /// Makes the line end behind a whole frame, room or not.
    pub(crate) fn finish_frame(&mut self, pipe: &mut Pipe) {
        if self.written > 0 && !pipe.closed {
            pipe.write(&self.out[0][self.written..]);
            self.next_frame(pipe);
        }
    }

    fn next_frame(&mut self, pipe: &mut Pipe) {
        self.written = 0;
        pipe.last.extend(self.out.pop_front());
        while pipe.last.len() > 4 {
            pipe.last.pop_front();
        }
    }

    /// Reads up to `count` bytes; what has come of them is in `heard`.
    pub(crate) fn read(
        &mut self,
        now: Duration,
        pipe: &mut Pipe,
        count: usize,
        oracle: &Oracle,
        tally: &mut Tally,
    ) -> Result<bool, String> {
        let bytes = pipe.read(count);
        if self.end.is_some() {
            return Ok(!bytes.is_empty());
        }
        self.inbox.extend(&bytes);
        while self.end.is_none() && self.understand(now, pipe, oracle, tally)? {}
        let is_partial = self.end.is_none() && !self.inbox.is_empty();
        self.session.reading(now, is_partial);
        self.partial_since = if is_partial { self.partial_since.or(Some(now)) } else { None };
        Ok(!bytes.is_empty())
    }

    /// One frame, if there is a whole one: the session must do what the page says.
    fn understand(
        &mut self,
        now: Duration,
        pipe: &mut Pipe,
        oracle: &Oracle,
        tally: &mut Tally,
    ) -> Result<bool, String> {
        let max_frame = self.session.max_frame();
        let inbox = std::mem::take(&mut self.inbox);
        let (event, consumed) = match frame::decode(&inbox, max_frame) {
            Ok(Decoded::Partial { .. }) => (None, 0),
            Ok(Decoded::Frame { body, consumed }) => {
                (Some(Heard::of(self.session.handle_frame(now, body), body.len())), consumed)
            }
            Err(error) => (Some(Heard::of(self.session.handle_frame_error(error), 0)), inbox.len()),
        };
        let (body, code) = match (&event, frames::read(&inbox, max_frame.into())) {
            (None, Frame::Partial) => (None, None),
            (Some(_), Frame::Whole(body, len)) if len == consumed => (Some(body), None),
            (Some(Heard::Broken(_)), Frame::Bad(code)) => (None, Some(code)),
            (event, frame) => return Err(format!("{event:?} where there is {frame:?}")),
        };
        self.inbox = inbox[consumed..].to_vec();
        let Some(heard) = event else { return Ok(false) };
        self.partial_since = None;
        if let Some(code) = code {
            self.pump()?;
            self.model.ended = true;
            self.hear(heard, tally);
            return if self.end == Some(End::Broken(code)) {
                Ok(false)
            } else {
                Err(format!("{:?} for a frame that is {code:?}", self.end))
            };
        }
        let body = body.expect("a frame that is not bad has one");
        let mark = pipe.mark(self.offset);
        self.offset += consumed;
        self.last = now;
        let expected = self.model.expect(now, &body, mark, oracle)?;
        if !matches!(heard, Heard::Broken(_)) {
            self.model.take_in(now, &expected)?;
        }
        let said = self.pump()?;
        let cell = outcome(&heard, &said, &expected.key)?;
        expected.judge(cell)?;
        tally.packet(expected.key);
        self.hear(heard, tally);
        Ok(true)
    }

    /// Lets fall due what does.
    pub(crate) fn time(&mut self, now: Duration, tally: &mut Tally) -> Result<(), String> {
        if self.end.is_some() {
            return Ok(());
        }
        let mut count = 0;
        self.model.leaving |= self.is_left_alone(now);
        while self.session.poll_timeout().is_some_and(|at| at <= now) {
            let heard = Heard::of(self.session.handle_timeout(now), 0);
            match heard {
                Heard::Deadline(stream) if self.role == Role::Collector => {
                    self.model.is_late(stream.into(), now);
                }
                // The session has cancelled it.
                Heard::Deadline(stream) => self.model.cancel(stream.into()),
                Heard::Broken(_) if !self.may_time_out(now) => {
                    return Err(format!("{heard:?} before its time, at {now:?}"));
                }
                _ => {}
            }
            self.pump()?;
            self.hear(heard, tally);
            count += 1;
            if count > 100 {
                return Err("a timer that never stops".into());
            }
        }
        if self.end.is_some() { Ok(()) } else { self.is_in_time(now) }
    }

    /// Nothing that waits is of any use any more.
    pub(crate) fn drop_output(&mut self) {
        self.out.clear();
        self.written = 0;
    }

    /// Whether a wait is over that has a deadline.
    fn may_time_out(&self, now: Duration) -> bool {
        let is_over =
            |since: Option<Duration>, wait| since.is_some_and(|since| since + wait <= now);
        is_over((!self.model.greeted).then_some(self.begun), HELLO_WAIT)
            || is_over(self.partial_since, FRAME_WAIT)
            || is_over(self.unread_since, UNREAD_WAIT)
            || is_over(Some(self.last), SILENCE) && self.role == Role::Agent
            || is_over(self.left, DRAIN_WAIT) && self.role == Role::Agent
    }

    /// Whether nothing is late of what must not be.
    fn is_in_time(&self, now: Duration) -> Result<(), String> {
        let is_over =
            |since: Option<Duration>, wait| since.is_some_and(|since| since + wait <= now);
        let hello = (!self.model.greeted).then_some(self.begun);
        let late = if is_over(hello, HELLO_WAIT) {
            "10 s without a Hello"
        } else if is_over(self.partial_since, FRAME_WAIT) {
            "a frame of 5 s"
        } else if is_over(self.unread_since, UNREAD_WAIT) && !self.model.inherited {
            "5 minutes without a byte read"
        } else if let Some(stream) = self.model.overdue(now) {
            return Err(format!("work on {stream} was to stop 5 s ago"));
        } else {
            return Ok(());
        };
        Err(format!("{late}, and nothing happened"))
    }

    /// Rule 10: a collector sends an agent away that has had no stream for 10 minutes.
    fn is_left_alone(&self, now: Duration) -> bool {
        let is_idle = self.idle_since.is_some_and(|since| since + IDLE_WAIT <= now);
        self.role == Role::Collector && !self.model.inherited && self.end.is_none() && is_idle
    }

    /// To be called before the clock goes on: since when there has been no stream.
    pub(crate) fn look(&mut self, now: Duration) {
        let streams = self.model.taken_on;
        self.idle_since = match self.idle_since {
            _ if self.model.live() > 0 => None,
            Some(since) if streams == self.seen => Some(since),
            _ => Some(now),
        };
        self.seen = streams;
    }

    fn hear(&mut self, heard: Heard, tally: &mut Tally) {
        match heard {
            Heard::Closed(code) => self.end = Some(End::Closed(code)),
            Heard::Broken(code) => {
                tally.fault(code);
                self.end = Some(End::Broken(code));
            }
            _ => {}
        }
        self.heard.push_back(heard);
    }
}

/// Of a frame that this side made itself.
fn body(frame: &[u8]) -> Vec<u8> {
    match frames::read(frame, 1 << 20) {
        Frame::Whole(body, len) if len == frame.len() => body,
        other => panic!("no frame: {other:?}"),
    }
}
