//! Two sides, their applications, and a line that loses nothing and delays as it is told.

use std::collections::HashMap;
use std::time::Duration;

use eyelet_codec::session::{Carried, Config, OpenFrame, Refusal, Role};
use eyelet_codec::{DetectionResult, FaultCode, ProcessRecord, Pushed, ResultWriter};

use crate::rig::{Heard, Side, names};

/// One task, and what becomes of it on either side.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) records: usize,
    pub(crate) name_len: usize,
    /// Records of a chunk at most.
    pub(crate) chunk: usize,
    /// The collector gives up after so many records.
    pub(crate) fails_at: Option<usize>,
    /// The agent cancels once it has so many records.
    pub(crate) cancels_at: Option<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) credit: u64,
    pub(crate) frames: (u32, u32),
    pub(crate) max_streams: u32,
    pub(crate) plans: Vec<Plan>,
}

/// The agent's view of one task.
#[derive(Default)]
pub(crate) struct Received {
    names: Vec<String>,
    /// What the application has not consumed yet.
    held: Vec<u64>,
    cancelled: bool,
    pub(crate) end: Option<Heard>,
}

pub(crate) struct World {
    setting: Setting,
    pub(crate) agent: Side,
    pub(crate) collector: Side,
    pub(crate) to_agent: Vec<u8>,
    pub(crate) to_collector: Vec<u8>,
    submitted: usize,
    pub(crate) received: HashMap<u32, Received>,
    /// Records sent of the tasks under way, and whether they were cancelled.
    working: HashMap<u32, (usize, bool)>,
    pub(crate) ends: Vec<Heard>,
}

impl World {
    pub(crate) fn new(setting: Setting) -> Self {
        let Setting { credit, frames, max_streams, .. } = setting;
        let agent = Config { credit, max_frame: frames.0, ..Config::default() };
        let collector = Config { max_frame: frames.1, max_streams, ..Config::default() };
        Self {
            setting,
            agent: Side::new(Role::Agent, agent),
            collector: Side::new(Role::Collector, collector),
            to_agent: Vec::new(),
            to_collector: Vec::new(),
            submitted: 0,
            received: HashMap::new(),
            working: HashMap::new(),
            ends: Vec::new(),
        }
    }

    /// One step, as `choice` says; `amount` bytes or the like.
    pub(crate) fn step(&mut self, choice: u8, amount: usize) {
        match choice % 6 {
            0 => self.deliver_to_collector(amount),
            1 => self.deliver_to_agent(amount),
            2 => self.submit(),
            3 | 4 => self.work(amount),
            _ => self.consume(amount),
        }
        self.to_collector.extend(self.agent.send());
        self.to_agent.extend(self.collector.send());
    }

    /// Everybody has a turn, again and again, until nothing changes any more.
    pub(crate) fn run(&mut self) {
        let mut idle = 0;
        for round in 0..20_000 {
            let before = self.progress();
            for choice in 0..6 {
                self.step(choice, usize::MAX - round);
            }
            for stream in 0..self.setting.plans.len() {
                self.work(stream);
                self.consume(stream);
            }
            // What one round says the next one delivers.
            idle = if self.progress() == before { idle + 1 } else { 0 };
            if idle == 3 {
                return;
            }
        }
        panic!("a conversation without an end");
    }

    /// What grows as long as anything happens.
    fn progress(&self) -> (usize, usize, usize, usize, usize, u64) {
        let received = self.received.values();
        let held = received.clone().flat_map(|stream| &stream.held).sum();
        let names = received.clone().map(|stream| stream.names.len()).sum();
        let ended = received.filter(|stream| stream.end.is_some()).count();
        let under_way = self.to_agent.len() + self.to_collector.len();
        (self.submitted, names, ended, self.working.len(), under_way, held)
    }

    fn deliver_to_collector(&mut self, amount: usize) {
        let bytes: Vec<u8> =
            self.to_collector.drain(..amount.min(self.to_collector.len())).collect();
        self.collector.receive(&bytes);
        for heard in std::mem::take(&mut self.collector.heard) {
            match heard {
                Heard::Task(stream) => drop(self.working.insert(stream, (0, false))),
                Heard::Cancel(stream) => {
                    self.working.get_mut(&stream).expect("a cancel of what is under way").1 = true;
                }
                Heard::Closed(_) | Heard::Broken(_) => self.ends.push(heard),
                _ => {}
            }
        }
    }

    fn deliver_to_agent(&mut self, amount: usize) {
        let bytes: Vec<u8> = self.to_agent.drain(..amount.min(self.to_agent.len())).collect();
        self.agent.receive(&bytes);
        for heard in std::mem::take(&mut self.agent.heard) {
            match heard {
                Heard::Result { stream, ref content, cost, more } => {
                    let received = self.received.get_mut(&stream).expect("a task of ours");
                    assert!(received.end.is_none(), "{heard:?} after {:?}", received.end);
                    received.names.extend(names(content));
                    received.held.push(cost);
                    if !more {
                        received.end = Some(heard);
                    }
                    self.check_memory(stream);
                    self.cancel_if_planned(stream);
                }
                Heard::Fault(stream, _) => {
                    let received = self.received.get_mut(&stream).expect("a task of ours");
                    assert!(received.end.is_none(), "{heard:?} after {:?}", received.end);
                    received.end = Some(heard);
                }
                Heard::Closed(_) | Heard::Broken(_) => self.ends.push(heard),
                _ => {}
            }
        }
    }

    fn check_memory(&self, stream: u32) {
        let held: u64 = self.received[&stream].held.iter().sum();
        let bound = self.setting.credit.saturating_add(u64::from(self.setting.frames.0) + 256);
        assert!(held <= bound, "{held} bytes held of {bound}");
    }

    fn cancel_if_planned(&mut self, stream: u32) {
        let received = self.received.get_mut(&stream).expect("a task of ours");
        let planned = self.setting.plans[plan_of(stream)].cancels_at;
        if planned.is_some_and(|at| received.names.len() >= at) {
            received.cancelled = true;
            self.agent.session.cancel(stream);
        }
    }

    fn submit(&mut self) {
        if self.submitted < self.setting.plans.len()
            && let Ok(stream) = self.agent.submit("task")
        {
            assert_eq!(plan_of(stream), self.submitted);
            self.submitted += 1;
            self.received.insert(stream, Received::default());
            assert!(self.agent.session.live() <= self.setting.max_streams);
            self.cancel_if_planned(stream);
        }
    }

    fn consume(&mut self, which: usize) {
        let stream = stream_of(which % self.setting.plans.len());
        let Some(received) = self.received.get_mut(&stream) else { return };
        if !received.held.is_empty() {
            let cost = received.held.remove(0);
            self.agent.session.consume(stream, cost);
        }
    }

    /// One chunk, or the end, of one task under way.
    fn work(&mut self, which: usize) {
        let stream = stream_of(which % self.setting.plans.len());
        let Some((done, cancelled)) = self.working.get(&stream).copied() else { return };
        let plan = self.setting.plans[plan_of(stream)].clone();
        if cancelled {
            return self.give_up(stream, FaultCode::CANCELLED);
        }
        if plan.fails_at.is_some_and(|at| done >= at) {
            return self.give_up(stream, FaultCode::INTERNAL);
        }
        let end = plan.records.min(done + plan.chunk).min(plan.fails_at.unwrap_or(usize::MAX));
        match self.send_chunk(stream, done..end, plan.name_len, done == plan.records) {
            None => drop(self.working.remove(&stream)),
            Some(sent) => self.working.get_mut(&stream).expect("it is under way").0 += sent,
        }
    }

    fn give_up(&mut self, stream: u32, code: FaultCode) {
        self.working.remove(&stream);
        self.collector.fail(stream, code);
    }

    /// `None`: the stream has ended, or the session.
    fn send_chunk(
        &mut self,
        stream: u32,
        records: std::ops::Range<usize>,
        name_len: usize,
        last: bool,
    ) -> Option<usize> {
        let session = &mut self.collector.session;
        if session.is_done() && session.live() == 0 {
            return None;
        }
        let mut buf = vec![0xa5; OpenFrame::MAX_HEAD + session.max_body() + OpenFrame::MAX_TAIL];
        let frame = OpenFrame::begin(&mut buf, stream, Carried::Result).unwrap();
        let room = session.max_body() - frame.body_len(0, true);
        let mut chunk = ResultWriter::new(&mut buf[frame.message_start()..][..room]);
        let mut sent = 0;
        for index in records {
            let name = name(stream, index, name_len);
            let record = ProcessRecord { name: &name, ..Default::default() };
            if chunk.push(&record).unwrap() == Pushed::Full {
                break;
            }
            sent += 1;
        }
        if last {
            chunk.put(&DetectionResult { success: true, ..Default::default() }).unwrap();
        }
        let (len, body) = (chunk.len(), frame.body_len(chunk.len(), !last));
        assert!(sent > 0 || last, "a record that fits no frame");
        if !(if last { session.may_finish(stream, body) } else { session.may_reply(stream) }) {
            return Some(0);
        }
        session.reply(self.collector.now, stream, body, !last);
        let total = frame.seal(&mut buf, len, !last).unwrap();
        self.collector.out.extend(&buf[..total]);
        (!last).then_some(sent)
    }

    /// What has come of each task is its beginning, in order, each record once.
    pub(crate) fn check_order(&self) {
        for (stream, received) in &self.received {
            let plan = &self.setting.plans[plan_of(*stream)];
            for (index, got) in received.names.iter().enumerate() {
                assert_eq!(*got, name(*stream, index, plan.name_len), "stream {stream}");
            }
            assert!(received.names.len() <= plan.records);
        }
    }

    /// Every task has ended as it should, with all that was sent.
    pub(crate) fn check_completeness(&self) {
        assert_eq!(self.ends, [], "nobody had a reason to end the connection");
        assert_eq!(self.received.len(), self.setting.plans.len(), "tasks that never went");
        for (stream, received) in &self.received {
            let plan = &self.setting.plans[plan_of(*stream)];
            let case = format!("stream {stream}, {plan:?}, {} records", received.names.len());
            let end = received.end.as_ref().unwrap_or_else(|| panic!("a deadlock: {case}"));
            let fails_at = plan.fails_at.filter(|at| *at <= plan.records);
            match (end, fails_at) {
                (Heard::Fault(_, FaultCode::CANCELLED), _) => assert!(received.cancelled, "{case}"),
                (Heard::Fault(_, FaultCode::INTERNAL), Some(at)) => {
                    assert_eq!(received.names.len(), at, "{case}");
                }
                (Heard::Result { .. }, None) => {
                    assert_eq!(received.names.len(), plan.records, "{case}");
                }
                other => panic!("{case} ended by {other:?}"),
            }
        }
        assert_eq!((self.agent.session.live(), self.collector.session.live()), (0, 0));
    }
}

fn stream_of(plan: usize) -> u32 {
    u32::try_from(2 * plan + 1).unwrap()
}

fn plan_of(stream: u32) -> usize {
    (stream / 2) as usize
}

fn name(stream: u32, index: usize, len: usize) -> String {
    format!("{stream}:{index}:{}", "n".repeat(len))
}

/// What happens to a conversation that does not go as planned.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trouble {
    AgentLeaves,
    CollectorLeaves,
    AgentBreaksOff,
    CollectorBreaksOff,
    FlippedBit { to_agent: bool, bit: usize },
}

impl World {
    /// True where the connection must end for it.
    pub(crate) fn meet(&mut self, trouble: Trouble) -> bool {
        let gone = Refusal::new(FaultCode::INTERNAL, "the test wants it");
        match trouble {
            Trouble::AgentLeaves => self.agent.session.shutdown(self.agent.now),
            Trouble::CollectorLeaves => self.collector.session.shutdown(self.collector.now),
            Trouble::AgentBreaksOff => drop(self.agent.session.break_off(gone)),
            Trouble::CollectorBreaksOff => drop(self.collector.session.break_off(gone)),
            Trouble::FlippedBit { to_agent, bit } => {
                let pipe = if to_agent { &mut self.to_agent } else { &mut self.to_collector };
                let Some(bits) = (pipe.len() * 8).checked_sub(1) else { return false };
                pipe[bit % (bits + 1) / 8] ^= 1 << (bit % 8);
                return true;
            }
        }
        !matches!(trouble, Trouble::AgentLeaves | Trouble::CollectorLeaves)
    }

    pub(crate) fn pass_time(&mut self, time: Duration) {
        for side in [&mut self.agent, &mut self.collector] {
            let heard = side.wait(time);
            self.ends
                .extend(heard.iter().filter(|heard| matches!(heard, Heard::Broken(_))).cloned());
        }
    }
}
