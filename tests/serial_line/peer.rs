use std::num::NonZeroU64;
use std::time::Duration;

use eyelet_codec::cobs::{Accumulator, Fed};
use eyelet_codec::frame::{self, Decoded, MAX_BODY};
use eyelet_codec::link::{self, Link, OVERHEAD, line_len, repeat_after};
use eyelet_codec::session::{
    CONTROL_FRAME, Carried, Config, Event, OpenFrame, Refusal, Role, Session, Slot,
};
use eyelet_codec::{
    DetectionResult, DetectionTask, FaultCode, Message as _, ProcessRecord, Pushed, ResultWriter,
};

use crate::world::End;

/// The smallest `max_frame` there may be.
const PACKET: usize = 256;
const BITS_PER_SECOND: u32 = 115_200;
const WINDOW: usize = 2;

type Uart = Link<WINDOW, { PACKET + OVERHEAD }>;

/// A session on its link, and an application on top: an agent that wants its tasks done, or a collector
/// that makes up records.
pub(crate) struct Peer {
    role: Role,
    link: Uart,
    inbox: Accumulator<{ line_len(PACKET) }>,
    session: Option<Session<[Slot; 4]>>,
    epochs: u64,
    /// Agent: what has come of each task.
    pub(crate) tasks: Vec<Task>,
    /// Collector: what is under way.
    jobs: Vec<Job>,
    pub(crate) heard: Vec<Heard>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Wanted,
    /// On a stream, and so many records of it have come.
    UnderWay(u32, usize),
    Done,
}

struct Job {
    stream: u32,
    /// Records that have gone, and all there are.
    done: usize,
    records: usize,
}

/// What an application would tell its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// The link is up, and `Hello` is owed.
    Begun(Duration),
    Open,
    GoAway,
    /// The peer has ended the session, by this fault.
    Closed(FaultCode),
    /// This side has ended the session.
    Broken(FaultCode),
    /// The session has ended in the middle.
    Cut,
    /// All that was said has arrived, or does not matter any more.
    Silent,
    /// Whether the last words have arrived nobody knows.
    GivenUp,
}

impl Peer {
    pub(crate) fn new(role: Role, tasks: usize) -> Self {
        Self {
            role,
            link: Link::new(config(), epoch(role, 1)),
            inbox: Accumulator::new(),
            session: None,
            epochs: 1,
            tasks: vec![Task::Wanted; tasks],
            jobs: Vec::new(),
            heard: Vec::new(),
        }
    }

    /// The application begins anew, as at its start.
    pub(crate) fn connect(&mut self) {
        self.cut();
        self.epochs += 1;
        self.link.connect(epoch(self.role, self.epochs));
    }

    /// As after a loss of power.
    pub(crate) fn restart(&mut self) {
        self.connect();
        self.link = Link::new(config(), epoch(self.role, self.epochs));
        self.inbox = Accumulator::new();
    }

    pub(crate) fn repeats(&self) -> u32 {
        self.link.counters().repeats
    }

    pub(crate) fn break_off(&mut self, refusal: Refusal) {
        if let Some(session) = &mut self.session {
            session.break_off(refusal);
            self.heard.push(Heard::Broken(refusal.code));
        }
    }

    pub(crate) fn is_silent(&self) -> bool {
        self.link.is_closed()
    }

    pub(crate) fn is_done(&self) -> bool {
        self.tasks.iter().all(|task| *task == Task::Done)
    }

    fn begin(&mut self, now: Duration) {
        self.cut();
        let config = Config {
            max_frame: u32::try_from(PACKET).unwrap(),
            max_streams: 2,
            credit: 600,
            ..Config::default()
        };
        self.session = Some(Session::new(self.role, config, <[Slot; 4]>::default(), now));
        self.heard.push(Heard::Begun(now));
    }

    /// A session that was there is over without a word; what was under way is wanted again.
    fn cut(&mut self) {
        if self.session.take().is_some() {
            self.heard.push(Heard::Cut);
        }
        self.give_up();
    }

    fn give_up(&mut self) {
        self.jobs.clear();
        for task in &mut self.tasks {
            if matches!(task, Task::UnderWay(..)) {
                *task = Task::Wanted;
            }
        }
    }

    fn handle(&mut self, now: Duration, frame: &[u8]) {
        match self.link.handle_frame(now, frame) {
            link::Event::Packet(packet) => {
                if let Some(mut session) = self.session.take() {
                    let event = session.handle_frame(now, packet);
                    self.session = Some(session);
                    self.understand(event);
                }
            }
            event => self.hear(now, event),
        }
    }

    fn hear(&mut self, now: Duration, event: link::Event<'_>) {
        match event {
            link::Event::Up | link::Event::Restarted => self.begin(now),
            link::Event::Ended if self.session.as_ref().is_some_and(Session::is_done) => {
                self.session = None;
                self.heard.push(Heard::GivenUp);
            }
            link::Event::Ended => self.connect(),
            _ => {}
        }
    }

    fn understand(&mut self, event: Event<'_>) {
        match event {
            Event::Open(_) => self.heard.push(Heard::Open),
            Event::GoAway(_) => self.heard.push(Heard::GoAway),
            Event::Closed(fault) => {
                self.heard.push(Heard::Closed(fault.code));
                self.give_up();
                self.link.abort();
            }
            Event::Broken(refusal) => {
                self.heard.push(Heard::Broken(refusal.code));
                self.give_up();
            }
            Event::Task { stream, task } => {
                let task = DetectionTask::decode(task).expect("a task");
                let records = task.task_id.parse().expect("how many records are wanted");
                self.jobs.push(Job { stream, done: 0, records });
            }
            Event::Result { stream, result, cost, more } => {
                self.take(stream, result, more);
                if let Some(session) = &mut self.session {
                    session.consume(stream, cost);
                }
            }
            _ => {}
        }
    }

    /// Each record once and in order, and at the end as many as there are.
    fn take(&mut self, stream: u32, result: &[u8], more: bool) {
        let result = DetectionResult::decode(result).expect("a result");
        let mut tasks = self.tasks.iter_mut().enumerate();
        let (index, task) = tasks
            .find(|(_, task)| matches!(task, Task::UnderWay(of, _) if *of == stream))
            .expect("a task that is under way");
        let Task::UnderWay(_, count) = task else { unreachable!() };
        for record in result.processes {
            assert_eq!(record.name, name(*count), "stream {stream}");
            *count += 1;
        }
        if !more {
            assert_eq!(*count, records(index), "stream {stream}");
            *task = Task::Done;
        }
    }

    /// Hands the link what it takes of what the session owes and the application has.
    fn fill(&mut self, now: Duration) {
        if let Some(session) = &mut self.session
            && self.role == Role::Agent
            && session.is_open()
            && self.tasks.iter().all(|task| *task == Task::Done)
        {
            session.shutdown(now);
        }
        while self.link.may_send() {
            let Some(frame) = self.next_frame(now) else { break };
            let Ok(Decoded::Frame { body, .. }) = frame::decode(&frame, MAX_BODY) else {
                panic!("not a frame: {frame:02x?}")
            };
            self.link.send(body).expect("there is room");
        }
        let Some(session) = self.session.as_mut().filter(|session| !session.owes()) else { return };
        session.flushed();
        if session.is_done() {
            self.link.close();
        }
        if self.link.is_closed() {
            self.session = None;
            self.heard.push(Heard::Silent);
        }
    }

    fn next_frame(&mut self, now: Duration) -> Option<Vec<u8>> {
        let session = self.session.as_mut()?;
        let mut buf = [0xa5; CONTROL_FRAME];
        if let Some(len) = session.poll_transmit(&mut buf) {
            return Some(buf[..len].to_vec());
        }
        match self.role {
            Role::Agent => self.next_task(now),
            Role::Collector => self.next_chunk(now),
        }
    }

    fn next_task(&mut self, now: Duration) -> Option<Vec<u8>> {
        let session = self.session.as_mut()?;
        let index = self.tasks.iter().position(|task| *task == Task::Wanted)?;
        let task_id = records(index).to_string();
        let task = DetectionTask { task_id: &task_id, ..Default::default() };
        let mut buf = [0xa5; CONTROL_FRAME];
        let frame = OpenFrame::begin(&mut buf, session.next_stream(), Carried::Task).unwrap();
        let len = task.encode(&mut buf[frame.message_start()..]).unwrap();
        let stream = session.submit(now, frame.body_len(len, false), None).ok()?;
        self.tasks[index] = Task::UnderWay(stream, 0);
        let len = frame.seal(&mut buf, len, false).unwrap();
        Some(buf[..len].to_vec())
    }

    fn next_chunk(&mut self, now: Duration) -> Option<Vec<u8>> {
        let session = self.session.as_mut()?;
        let may = |job: &&mut Job| session.may_reply(job.stream) || job.is_done();
        let job = self.jobs.iter_mut().find(may)?;
        let (stream, more, mut buf) = (job.stream, !job.is_done(), [0xa5; CONTROL_FRAME]);
        let frame = OpenFrame::begin(&mut buf, stream, Carried::Result).unwrap();
        let room = session.max_body().min(Uart::MAX_PACKET) - frame.body_len(0, true);
        let mut chunk = ResultWriter::new(&mut buf[frame.message_start()..][..room]);
        while !job.is_done() {
            let record = ProcessRecord { name: &name(job.done), ..Default::default() };
            if chunk.push(&record).unwrap() == Pushed::Full {
                break;
            }
            job.done += 1;
        }
        if !more {
            chunk.put(&DetectionResult { success: true, ..Default::default() }).unwrap();
        }
        let len = chunk.len();
        session.reply(now, stream, frame.body_len(len, more), more);
        let total = frame.seal(&mut buf, len, more).unwrap();
        if !more {
            self.jobs.retain(|job| job.stream != stream);
        }
        Some(buf[..total].to_vec())
    }
}

impl Job {
    /// Only the last chunk is left, which is so small that it needs no credit.
    fn is_done(&self) -> bool {
        self.done == self.records
    }
}

impl End for Peer {
    fn receive(&mut self, now: Duration, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let consumed = match self.inbox.feed(rest) {
                Fed::Partial => break,
                Fed::Decoded { bytes, consumed } => {
                    let frame = bytes.to_vec();
                    self.handle(now, &frame);
                    consumed
                }
                Fed::Refused { lost, consumed, .. } => {
                    self.link.handle_loss(lost);
                    consumed
                }
            };
            rest = &rest[consumed..];
        }
        self.fill(now);
    }

    fn transmit(&mut self, now: Duration) -> Option<Vec<u8>> {
        self.fill(now);
        let mut buf = [0xa5; Uart::MAX_LINE];
        let len = self.link.poll_transmit(now, &mut buf).expect("the buffer is large enough")?;
        Some(buf[..len].to_vec())
    }

    fn next_timeout(&self) -> Option<Duration> {
        let session = self.session.as_ref().and_then(Session::poll_timeout);
        [session, self.link.poll_timeout()].into_iter().flatten().min()
    }

    fn time_out(&mut self, now: Duration) {
        let event = self.link.handle_timeout(now);
        self.hear(now, event);
        if let Some(session) = &mut self.session
            && session.poll_timeout().is_some_and(|at| at <= now)
        {
            let event = session.handle_timeout(now);
            self.understand(event);
        }
        self.fill(now);
    }
}

fn config() -> link::Config {
    let max_frame = u32::try_from(PACKET).unwrap();
    let window = u8::try_from(WINDOW).unwrap();
    link::Config { max_frame, repeat: repeat_after(BITS_PER_SECOND, max_frame, window) }
}

/// Never used before by this side.
fn epoch(role: Role, count: u64) -> NonZeroU64 {
    let side = if role == Role::Agent { 1 } else { 2 };
    NonZeroU64::new(side << 32 | count).unwrap()
}

/// How many records a task is for.
fn records(task: usize) -> usize {
    task * 13
}

fn name(record: usize) -> String {
    format!("process {record}")
}
