use std::collections::BTreeMap;
use std::time::Duration;

use eyelet_codec::session::{CONTROL_FRAME, Carried, OpenFrame};
use eyelet_codec::{Fault, FaultCode};

use crate::heard::Heard;
use crate::plan::{End, Plan};
use crate::station::Station;

/// The application of the side that answers.
#[derive(Default)]
pub(crate) struct Collector {
    /// By stream, as long as it is open.
    pub(crate) work: BTreeMap<u32, Work>,
    leaving: bool,
}

pub(crate) struct Work {
    /// `None`: it is a task that nobody planned.
    pub(crate) plan: Option<usize>,
    sent: u32,
    /// It is to stop, and by this.
    pub(crate) stop: Option<FaultCode>,
}

impl Collector {
    pub(crate) fn leaves(&mut self) {
        self.leaving = true;
    }

    pub(crate) fn hear(
        &mut self,
        now: Duration,
        plan: &Plan,
        station: &mut Station,
        heard: &Heard,
    ) {
        match heard {
            Heard::Task { stream, content } => {
                let index = content.first_chunk().map(|index| u32::from_le_bytes(*index) as usize);
                self.work.insert(*stream, Work { plan: index, sent: 0, stop: None });
                let deadline = index.and_then(|index| plan.tasks[index].deadlines[1]);
                if let Some(millis) = deadline {
                    station.session.set_deadline(*stream, now + Duration::from_millis(millis));
                }
            }
            Heard::Cancel(stream) => self.stop(*stream, FaultCode::CANCELLED),
            Heard::Deadline(stream) if self.leaving => self.stop(*stream, FaultCode::GOING_AWAY),
            Heard::Deadline(stream) => self.stop(*stream, FaultCode::TIMEOUT),
            Heard::Overdue(stream) => drop(self.work.remove(stream)),
            _ => {}
        }
    }

    fn stop(&mut self, stream: u32, code: FaultCode) {
        if let Some(work) = self.work.get_mut(&stream) {
            work.stop = work.stop.or(Some(code));
        }
    }

    /// Goes on with one task; whether anything came of it.
    pub(crate) fn work(
        &mut self,
        now: Duration,
        plan: &Plan,
        station: &mut Station,
        choice: usize,
    ) -> Result<bool, String> {
        let index = choice.checked_rem(self.work.len()).unwrap_or(0);
        let Some(stream) = self.work.keys().nth(index).copied() else { return Ok(false) };
        let Some(work) = self.work.get_mut(&stream) else { return Ok(false) };
        let task = work.plan.map(|index| &plan.tasks[index]);
        if let (Some(code), false) = (work.stop, task.is_some_and(|task| task.stubborn)) {
            return self.fail(now, station, stream, code);
        }
        if !station.has_room() {
            return Ok(false);
        }
        let Some(task) = task else { return self.reply(now, station, stream, &[], 0, false) };
        let rest = task.records - work.sent;
        let (sent, end) = (work.sent, task.end);
        if work.stop.is_some() || rest == 0 && end == End::Hangs {
            return Ok(false);
        }
        if rest == 0 && end == End::Fails {
            return self.fail(now, station, stream, FaultCode::INTERNAL);
        }
        let room = station.session.max_body().saturating_sub(OpenFrame::MAX_HEAD + 2);
        let count = rest.min(task.chunk).min(u32::try_from(room / task.size).expect("few records"));
        let content: Vec<u8> = (sent..sent + count)
            .flat_map(|record| {
                let head = [u32::try_from(work.plan.unwrap_or(0)).unwrap_or(0), record];
                let pad = vec![0xee; task.size - 8];
                [head.map(u32::to_le_bytes).concat(), pad].concat()
            })
            .collect();
        let more = count < rest || end != End::Succeeds;
        self.reply(now, station, stream, &content, count, more)
    }

    fn reply(
        &mut self,
        now: Duration,
        station: &mut Station,
        stream: u32,
        content: &[u8],
        count: u32,
        more: bool,
    ) -> Result<bool, String> {
        let len = content.len();
        let mut buf = vec![0xa5; OpenFrame::MAX_HEAD + len + OpenFrame::MAX_TAIL];
        let frame = OpenFrame::begin(&mut buf, stream, Carried::Result).expect("room");
        buf[frame.message_start()..][..len].copy_from_slice(content);
        let body = frame.body_len(len, more);
        let session = &mut station.session;
        let may = if more { session.may_reply(stream) } else { session.may_finish(stream, body) };
        if may != station.model.may_reply(stream.into(), body, more) {
            return Err(format!("rule 7: {body} bytes on {stream} may go: {may}"));
        }
        if !may {
            return Ok(false);
        }
        session.reply(now, stream, body, more);
        let len = frame.seal(&mut buf, len, more).expect("room");
        station.send(buf[..len].to_vec())?;
        if more {
            self.work.entry(stream).and_modify(|work| work.sent += count);
        } else {
            self.work.remove(&stream);
        }
        Ok(true)
    }

    fn fail(
        &mut self,
        now: Duration,
        station: &mut Station,
        stream: u32,
        code: FaultCode,
    ) -> Result<bool, String> {
        let mut buf = [0xa5; CONTROL_FRAME];
        let fault = Fault { code, message: "as planned", ..Fault::default() };
        let len = station.session.fail(now, stream, &fault, &mut buf);
        if len == 0 {
            return Err(format!("stream {stream} has ended, and its work did not know"));
        }
        station.send(buf[..len].to_vec())?;
        self.work.remove(&stream);
        Ok(true)
    }
}
