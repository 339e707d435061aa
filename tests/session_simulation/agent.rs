use std::collections::BTreeMap;
use std::time::Duration;

use eyelet_codec::FaultCode;
use eyelet_codec::session::{Carried, OpenFrame};

use crate::heard::Heard;
use crate::plan::{End, Plan};
use crate::station::Station;

/// The application of the side that asks.
#[derive(Default)]
pub(crate) struct Agent {
    submitted: usize,
    /// By stream.
    pub(crate) tasks: BTreeMap<u32, Asked>,
}

/// A task, and what has come of it.
pub(crate) struct Asked {
    pub(crate) plan: usize,
    pub(crate) records: u32,
    /// Results that it is not done with: what the session says that they cost, and their length.
    held: Vec<(u64, u64)>,
    pub(crate) cancelled: bool,
    pub(crate) ended: Option<Ended>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Whole,
    Fault(FaultCode),
}

impl Agent {
    pub(crate) fn has_submitted_all(&self, plan: &Plan) -> bool {
        self.submitted == plan.tasks.len()
    }

    /// Sends the next task, if it may; whether it did.
    pub(crate) fn submit(
        &mut self,
        now: Duration,
        plan: &Plan,
        station: &mut Station,
    ) -> Result<bool, String> {
        let Some(task) = plan.tasks.get(self.submitted) else { return Ok(false) };
        let content = u32::try_from(self.submitted).expect("few tasks").to_le_bytes();
        let mut buf = [0xa5; 64];
        let stream = station.session.next_stream();
        let frame = OpenFrame::begin(&mut buf, stream, Carried::Task).expect("room");
        buf[frame.message_start()..][..4].copy_from_slice(&content);
        let deadline = task.deadlines[0].map(|millis| now + Duration::from_millis(millis));
        if station.session.submit(now, frame.body_len(4, false), deadline).is_err() {
            return Ok(false);
        }
        let len = frame.seal(&mut buf, 4, false).expect("room");
        station.send(buf[..len].to_vec())?;
        let asked = Asked {
            plan: self.submitted,
            records: 0,
            held: Vec::new(),
            cancelled: false,
            ended: None,
        };
        self.tasks.insert(stream, asked);
        self.submitted += 1;
        Ok(true)
    }

    /// Is done with some of the results that it holds of one stream; whether there were any.
    pub(crate) fn consume(&mut self, station: &mut Station, choice: usize) -> Result<bool, String> {
        let holds = |asked: &Asked| !asked.held.is_empty();
        let count = self.tasks.values().filter(|asked| holds(asked)).count();
        let mut holding = self.tasks.iter_mut().filter(|(_, asked)| holds(asked));
        let Some((stream, asked)) = holding.nth(choice.checked_rem(count).unwrap_or(0)) else {
            return Ok(false);
        };
        let (cost, len) = asked.held.remove(0);
        station.session.consume(*stream, cost);
        station.model.consume((*stream).into(), len);
        station.pump()?;
        Ok(true)
    }

    pub(crate) fn cancel(&mut self, station: &mut Station, choice: usize) -> Result<bool, String> {
        let mut open =
            self.tasks.iter().filter(|(_, asked)| asked.ended.is_none() && !asked.cancelled);
        let count = open.clone().count();
        let Some((stream, _)) = open.nth(choice.checked_rem(count).unwrap_or(0)) else {
            return Ok(false);
        };
        let stream = *stream;
        self.cancel_one(station, stream)
    }

    /// What nobody else would end.
    pub(crate) fn cancel_hanging(
        &mut self,
        plan: &Plan,
        station: &mut Station,
    ) -> Result<bool, String> {
        let hangs = |asked: &Asked| {
            let task = &plan.tasks[asked.plan];
            task.end == End::Hangs && asked.records == task.records
        };
        let mut hanging = self
            .tasks
            .iter()
            .filter(|(_, asked)| asked.ended.is_none() && !asked.cancelled && hangs(asked));
        let Some((stream, _)) = hanging.next() else { return Ok(false) };
        let stream = *stream;
        self.cancel_one(station, stream)
    }

    fn cancel_one(&mut self, station: &mut Station, stream: u32) -> Result<bool, String> {
        if let Some(asked) = self.tasks.get_mut(&stream) {
            asked.cancelled = true;
        }
        station.session.cancel(stream);
        station.model.cancel(stream.into());
        station.pump()?;
        Ok(true)
    }

    /// Each record once and in order, whatever else happens.
    pub(crate) fn hear(
        &mut self,
        plan: &Plan,
        station: &mut Station,
        heard: &Heard,
    ) -> Result<(), String> {
        match heard {
            Heard::Result { stream, content, more, cost, len } => {
                let asked = self.asked(*stream)?;
                if cost != len {
                    return Err(format!("rule 7: a body of {len} bytes costs {cost}"));
                }
                asked.held.push((*cost, *len));
                let task = &plan.tasks[asked.plan];
                for record in content.chunks(task.size) {
                    let plan_of = u32::try_from(asked.plan).expect("few tasks");
                    let want = [plan_of, asked.records].map(u32::to_le_bytes).concat();
                    if record.len() == task.size && record[..8] == want {
                        asked.records += 1;
                    } else if plan.is_honest() {
                        return Err(format!("stream {stream}: {record:02x?}, not {want:02x?}"));
                    }
                }
                if !more {
                    asked.ended = Some(Ended::Whole);
                    asked.held.clear();
                }
                if task.cancels_at.is_some_and(|at| asked.records >= at)
                    && *more
                    && !asked.cancelled
                {
                    self.cancel_one(station, *stream)?;
                }
            }
            Heard::Fault(stream, code) => {
                let asked = self.asked(*stream)?;
                asked.ended = Some(Ended::Fault(*code));
                asked.held.clear();
            }
            Heard::Deadline(stream) => self.asked(*stream)?.cancelled = true,
            _ => {}
        }
        Ok(())
    }

    fn asked(&mut self, stream: u32) -> Result<&mut Asked, String> {
        let asked = self.tasks.get_mut(&stream).filter(|asked| asked.ended.is_none());
        asked
            .ok_or_else(|| format!("stream {stream} has ended for its application, or never began"))
    }
}
