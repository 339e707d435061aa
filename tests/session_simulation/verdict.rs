use eyelet_codec::FaultCode;

use crate::agent::Ended;
use crate::plan;
use crate::station::End;
use crate::world::{SIDES, World};

impl World<'_> {
    /// What both sides have counted is the same, and nothing of it is lost on the way.
    pub(crate) fn check_credit(&self) -> Result<(), String> {
        let [agent, collector] = [&self.stations[0].model, &self.stations[1].model];
        let is_open = self.stations.iter().all(|station| station.end.is_none());
        if !is_open || !self.plan.is_honest() {
            return Ok(());
        }
        for (id, stream) in &agent.streams {
            let sent = collector.streams.get(id).map(|stream| (stream.used, stream.content));
            if sent != Some((stream.used, stream.content)) {
                let got = (stream.used, stream.content);
                return Err(format!("stream {id}: {sent:?} were sent, {got:?} have come"));
            }
        }
        Ok(())
    }

    /// What must be true when all is over.
    pub(crate) fn check(&self) -> Result<(), String> {
        if !self.is_over() {
            return Err(format!("it never ends: {}", self.situation()));
        }
        if !self.plan.is_honest() {
            return Ok(());
        }
        for side in SIDES {
            self.check_end(side)?;
        }
        self.agent.tasks.keys().try_for_each(|stream| self.check_stream(*stream))?;
        let is_whole = SIDES.into_iter().all(|side| self.stations[side].end == Some(End::InOrder));
        let left_early = !self.plan.troubles.is_empty() || self.plan.max_streams == 0;
        if is_whole && !left_early && !self.agent.has_submitted_all(self.plan) {
            return Err(format!("tasks that never went: {}", self.situation()));
        }
        Ok(())
    }

    /// Honest sides end a line only for a reason that there was.
    fn check_end(&self, side: usize) -> Result<(), String> {
        let [own, other] = [side, 1 - side].map(|side| self.stations[side].end);
        let is_right = match own {
            None => false,
            Some(End::InOrder) => true,
            Some(End::Cut) => self.is_cut || self.has_left[1 - side] || self.may_be_idle(side),
            Some(End::Broken(FaultCode::TIMEOUT)) => !self.plan.is_quick(),
            Some(End::Broken(code)) => code == FaultCode::INTERNAL && self.has_stopped,
            Some(End::Closed(code)) => other == Some(End::Broken(code)),
        };
        if is_right {
            Ok(())
        } else {
            Err(format!("side {side} ends by {own:?}: {}", self.situation()))
        }
    }

    /// A collector that sends an idle agent away closes at once.
    fn may_be_idle(&self, side: usize) -> bool {
        side == 0 && !self.plan.is_quick() && self.stations[1].model.leaving
    }

    /// What the agent is told of a task is what has happened: all of it, or how much.
    fn check_stream(&self, stream: u32) -> Result<(), String> {
        let asked = &self.agent.tasks[&stream];
        let task = &self.plan.tasks[asked.plan];
        let come = self.stations[0].model.streams.get(&stream.into()).map_or(0, |s| s.content);
        if come != u64::from(asked.records) * task.size as u64 {
            return Err(format!("stream {stream}: {come} bytes have come, {} told", asked.records));
        }
        let is_right = match asked.ended {
            Some(Ended::Whole) => asked.records == task.records && task.end == plan::End::Succeeds,
            Some(Ended::Fault(FaultCode::CANCELLED)) => asked.cancelled,
            Some(Ended::Fault(FaultCode::TIMEOUT)) => task.deadlines[1].is_some(),
            Some(Ended::Fault(FaultCode::GOING_AWAY)) => self.has_left[1] || self.may_be_idle(0),
            Some(Ended::Fault(FaultCode::BUSY)) => self.plan.max_streams == 0,
            Some(Ended::Fault(FaultCode::INTERNAL)) => {
                asked.records == task.records && task.end == plan::End::Fails
            }
            Some(Ended::Fault(_)) => false,
            // The end of the line says so.
            None => self.stations[0].end != Some(End::InOrder),
        };
        let (records, ended) = (asked.records, asked.ended);
        if is_right {
            Ok(())
        } else {
            Err(format!("stream {stream}, {records} records: {ended:?}"))
        }
    }
}
