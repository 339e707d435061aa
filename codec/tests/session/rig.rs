//! One side with a clock that the test turns, and two of them with a line between.

use std::time::Duration;

use eyelet_codec::frame::{self, Decoded};
use eyelet_codec::session::{
    CONTROL_FRAME, Carried, Config, Event, OpenFrame, Role, Session, Slot, SubmitError,
};
use eyelet_codec::{
    DetectionResult, DetectionTask, Fault, FaultCode, Message, ProcessRecord, Pushed, ResultWriter,
};

use crate::wire::{self, Packet};

pub(crate) const SLOTS: usize = 4;
pub(crate) const SECOND: Duration = Duration::from_secs(1);
/// The shortest time there is.
pub(crate) const MOMENT: Duration = Duration::from_nanos(1);

/// An event, so that it can be kept and compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Nothing,
    Open,
    Task(u32),
    Refused(u32, FaultCode),
    Result { stream: u32, content: Vec<u8>, cost: u64, more: bool },
    Fault(u32, FaultCode),
    Credit(u32),
    Cancel(u32),
    Deadline(u32),
    Overdue(u32),
    GoAway { last_stream: u32 },
    Closed(FaultCode),
    Broken(FaultCode),
}

impl From<Event<'_>> for Heard {
    fn from(event: Event<'_>) -> Self {
        match event {
            Event::Nothing => Self::Nothing,
            Event::Open(_) => Self::Open,
            Event::Task { stream, .. } => Self::Task(stream),
            Event::Refused { stream, code } => Self::Refused(stream, code),
            Event::Result { stream, result, cost, more } => {
                Self::Result { stream, content: result.to_vec(), cost, more }
            }
            Event::Fault { stream, fault } => Self::Fault(stream, fault.code),
            Event::Credit { stream } => Self::Credit(stream),
            Event::Cancel { stream } => Self::Cancel(stream),
            Event::Deadline { stream } => Self::Deadline(stream),
            Event::Overdue { stream } => Self::Overdue(stream),
            Event::GoAway(away) => Self::GoAway { last_stream: away.last_stream },
            Event::Closed(fault) => Self::Closed(fault.code),
            Event::Broken(refusal) => Self::Broken(refusal.code),
            other => panic!("an event that this test does not know: {other:?}"),
        }
    }
}

/// One side, with what its driver holds.
pub(crate) struct Side {
    pub(crate) session: Session<[Slot; SLOTS]>,
    pub(crate) now: Duration,
    /// Frames on their way out.
    pub(crate) out: Vec<u8>,
    /// Bytes that have come and are no whole frame yet.
    inbox: Vec<u8>,
    pub(crate) heard: Vec<Heard>,
}

impl Side {
    pub(crate) fn new(role: Role, config: Config) -> Self {
        let session = Session::new(role, config, <[Slot; SLOTS]>::default(), Duration::ZERO);
        let (out, inbox, heard) = (Vec::new(), Vec::new(), Vec::new());
        Self { session, now: Duration::ZERO, out, inbox, heard }
    }

    /// An agent whose Hello has gone, and that has read `hello`.
    pub(crate) fn agent(config: Config, hello: &wire::Hello) -> Self {
        Self::greeted(Role::Agent, config, hello)
    }

    /// A collector whose Hello has gone, and that has read `hello`.
    pub(crate) fn collector(config: Config, hello: &wire::Hello) -> Self {
        Self::greeted(Role::Collector, config, hello)
    }

    fn greeted(role: Role, config: Config, hello: &wire::Hello) -> Self {
        let mut side = Self::new(role, config);
        assert_eq!(side.hear(&hello.body()), Heard::Open);
        let said = side.said();
        assert!(matches!(&said[..], [hello] if hello.body == wire::HELLO), "{said:?}");
        side
    }

    /// One body, as if a frame had brought it.
    pub(crate) fn hear(&mut self, body: &[u8]) -> Heard {
        self.session.handle_frame(self.now, body).into()
    }

    /// Everything that this side has to say, at last; the line takes it all.
    pub(crate) fn said(&mut self) -> Vec<Packet> {
        let bodies = wire::unframe(&self.send());
        bodies.iter().map(|body| Packet::read(body)).collect()
    }

    /// The same as bytes.
    pub(crate) fn send(&mut self) -> Vec<u8> {
        self.pump();
        self.session.flushed();
        std::mem::take(&mut self.out)
    }

    /// Takes over what is owed; the line takes nothing yet.
    pub(crate) fn pump(&mut self) {
        while self.session.owes() {
            let mut buf = [0xa5; CONTROL_FRAME];
            let Some(len) = self.session.poll_transmit(&mut buf) else { break };
            self.out.extend(&buf[..len]);
        }
        assert!(!self.session.owes(), "something is owed that is never said");
    }

    /// Bytes, cut anywhere, as a driver takes them in.
    pub(crate) fn receive(&mut self, bytes: &[u8]) {
        self.inbox.extend(bytes);
        let inbox = std::mem::take(&mut self.inbox);
        let mut rest = &inbox[..];
        loop {
            let event = match frame::decode(rest, self.session.max_frame()) {
                Ok(Decoded::Partial { .. }) => break,
                Ok(Decoded::Frame { body, consumed }) => {
                    rest = &rest[consumed..];
                    self.session.handle_frame(self.now, body)
                }
                Err(error) => {
                    rest = &[];
                    self.session.handle_frame_error(error)
                }
            };
            self.heard.push(event.into());
            self.pump();
        }
        self.inbox = rest.to_vec();
        self.session.reading(self.now, !self.inbox.is_empty());
    }

    /// Lets time pass, each timer at its moment, and returns what fell due.
    pub(crate) fn wait(&mut self, time: Duration) -> Vec<Heard> {
        let end = self.now.saturating_add(time);
        let mut heard = Vec::new();
        while let Some(at) = self.session.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            heard.push(self.session.handle_timeout(self.now).into());
            self.pump();
            assert!(heard.len() < 1000, "a timer that never stops");
        }
        self.now = end;
        heard.retain(|heard| *heard != Heard::Nothing);
        heard
    }

    /// As [`wait`](Self::wait), but for a moment less.
    pub(crate) fn wait_almost(&mut self, time: Duration) -> Vec<Heard> {
        self.wait(time.saturating_sub(MOMENT))
    }

    pub(crate) fn submit(&mut self, task_id: &str) -> Result<u32, SubmitError> {
        let task = DetectionTask { task_id, ..Default::default() };
        self.submit_with(&task, None)
    }

    pub(crate) fn submit_with(
        &mut self,
        task: &DetectionTask<'_>,
        deadline: Option<Duration>,
    ) -> Result<u32, SubmitError> {
        self.pump();
        let mut buf = vec![0xa5; 64 * 1024];
        let frame = OpenFrame::begin(&mut buf, self.session.next_stream(), Carried::Task).unwrap();
        let len = task.encode(&mut buf[frame.message_start()..]).unwrap();
        let stream = self.session.submit(self.now, frame.body_len(len, false), deadline)?;
        let len = frame.seal(&mut buf, len, false).unwrap();
        self.out.extend(&buf[..len]);
        Ok(stream)
    }

    /// A result of processes of these names, if there is credit for it.
    pub(crate) fn reply(&mut self, stream: u32, names: &[&str], more: bool) -> bool {
        let mut buf = vec![0xa5; 64 * 1024];
        let frame = OpenFrame::begin(&mut buf, stream, Carried::Result).unwrap();
        let mut chunk = ResultWriter::new(&mut buf[frame.message_start()..]);
        for name in names {
            let record = ProcessRecord { name, ..Default::default() };
            assert_eq!(chunk.push(&record), Ok(Pushed::Done));
        }
        if !more {
            chunk.put(&DetectionResult { success: true, ..Default::default() }).unwrap();
        }
        let len = chunk.len();
        let body = frame.body_len(len, more);
        let session = &self.session;
        if !(if more { session.may_reply(stream) } else { session.may_finish(stream, body) }) {
            return false;
        }
        self.session.reply(self.now, stream, body, more);
        let len = frame.seal(&mut buf, len, more).unwrap();
        self.out.extend(&buf[..len]);
        true
    }

    pub(crate) fn fail(&mut self, stream: u32, code: FaultCode) {
        self.fail_with(stream, &Fault { code, message: "as the test wants", ..Default::default() });
    }

    pub(crate) fn fail_with(&mut self, stream: u32, fault: &Fault<'_>) {
        let mut buf = [0xa5; CONTROL_FRAME];
        let len = self.session.fail(self.now, stream, fault, &mut buf);
        self.out.extend(&buf[..len]);
    }
}

/// Both sides and a line that loses nothing.
pub(crate) struct Pair {
    pub(crate) agent: Side,
    pub(crate) collector: Side,
}

impl Pair {
    pub(crate) fn new(agent: Config, collector: Config) -> Self {
        let mut pair = Self {
            agent: Side::new(Role::Agent, agent),
            collector: Side::new(Role::Collector, collector),
        };
        pair.settle();
        assert_eq!(pair.agent.heard, [Heard::Open]);
        assert_eq!(pair.collector.heard, [Heard::Open]);
        pair.heard();
        pair
    }

    /// Everything owed is delivered, both ways, until nobody has anything to say.
    pub(crate) fn settle(&mut self) {
        for _ in 0..1000 {
            let (to_collector, to_agent) = (self.agent.send(), self.collector.send());
            if to_collector.is_empty() && to_agent.is_empty() {
                return;
            }
            self.collector.receive(&to_collector);
            self.agent.receive(&to_agent);
        }
        panic!("two sides that never fall silent");
    }

    /// What the agent and the collector have heard since they were last asked.
    pub(crate) fn heard(&mut self) -> (Vec<Heard>, Vec<Heard>) {
        (std::mem::take(&mut self.agent.heard), std::mem::take(&mut self.collector.heard))
    }
}

/// The names of the processes in a chunk.
pub(crate) fn names(content: &[u8]) -> Vec<String> {
    let chunk = DetectionResult::decode(content).expect("a chunk that is a valid result itself");
    chunk.processes.iter().map(|record| record.name.to_owned()).collect()
}
