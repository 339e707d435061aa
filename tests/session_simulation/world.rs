use std::time::Duration;

use eyelet_codec::FaultCode;
use eyelet_codec::session::{Config, Refusal, Role, Session};

use crate::agent::Agent;
use crate::collector::Collector;
use crate::injection::{self, Injection, LENGTHS};
use crate::model::Model;
use crate::oracle::Oracle;
use crate::pipe::Pipe;
use crate::plan::{Move, Plan, Trouble};
use crate::station::{End, Station};
use crate::tally::Tally;

/// Both sides, the line between them, and the time.
pub(crate) struct World<'a> {
    pub(crate) plan: &'a Plan,
    oracle: &'a Oracle,
    now: Duration,
    /// The agent's and the collector's.
    pub(crate) stations: [Station; 2],
    pub(crate) agent: Agent,
    collector: Collector,
    /// To the collector and to the agent.
    pipes: [Pipe; 2],
    pub(crate) is_cut: bool,
    pub(crate) has_left: [bool; 2],
    pub(crate) has_stopped: bool,
    pub(crate) tally: Tally,
}

pub(crate) const SIDES: [usize; 2] = [0, 1];
/// Of a conversation in which everybody does what can be done; none takes a hundredth of it.
const ROUNDS: usize = 100_000;
/// Longer than any timer: what lasts longer is asked for a sign of life again and again, and gives it.
const PATIENCE: Duration = Duration::from_secs(2000);

impl<'a> World<'a> {
    pub(crate) fn new(plan: &'a Plan, oracle: &'a Oracle) -> Self {
        let (credit, max_streams, inherited) = (plan.credit, plan.max_streams, plan.inherited);
        let station = |role: Role, max_frame: u32| {
            let config = Config { credit, max_frame, inherited, ..Config::default() };
            let config = match role {
                Role::Agent => config,
                Role::Collector => Config { max_streams, ..config },
            };
            let session = Session::new(role, config, Vec::new(), Duration::ZERO);
            let model = Model::new(role, credit, max_streams, inherited);
            Station::new(session, role, model, Duration::ZERO)
        };
        let [of_agent, of_collector] = plan.max_frames;
        Self {
            plan,
            oracle,
            now: Duration::ZERO,
            stations: [station(Role::Agent, of_agent), station(Role::Collector, of_collector)],
            agent: Agent::default(),
            collector: Collector::default(),
            pipes: [Pipe::default(), Pipe::default()],
            is_cut: false,
            has_left: [false; 2],
            has_stopped: false,
            tally: Tally::one(plan),
        }
    }

    /// The whole conversation, and what must be true at its end.
    pub(crate) fn run(&mut self) -> Result<(), String> {
        for side in SIDES {
            self.stations[side].pump()?;
        }
        for (turn, (what, amount)) in self.plan.turns.iter().enumerate() {
            self.troubles(turn, turn + 1)?;
            self.turn(*what, (*amount).into())?;
        }
        self.troubles(self.plan.turns.len(), usize::MAX)?;
        self.go_on()?;
        self.check_credit()?;
        if self.stations[0].end.is_none() {
            self.leave(0)?;
        }
        self.go_on()?;
        self.check()
    }

    fn troubles(&mut self, from: usize, to: usize) -> Result<(), String> {
        let plan = self.plan;
        let due = plan.troubles.iter().filter(|(turn, _)| (from..to).contains(turn));
        due.into_iter().try_for_each(|(_, trouble)| self.trouble(trouble))
    }

    fn turn(&mut self, what: Move, amount: usize) -> Result<(), String> {
        let [agent, collector] = &mut self.stations;
        match what {
            Move::ToCollector => drop(self.read(1, amount)?),
            Move::ToAgent => drop(self.read(0, amount)?),
            Move::Submit if agent.end.is_none() => {
                self.agent.submit(self.now, self.plan, agent)?;
            }
            Move::Consume if agent.end.is_none() => drop(self.agent.consume(agent, amount)?),
            Move::Cancel if agent.end.is_none() && amount.is_multiple_of(4) => {
                self.agent.cancel(agent, amount)?;
            }
            Move::Work if collector.end.is_none() => {
                self.collector.work(self.now, self.plan, collector, amount)?;
            }
            Move::Wait => self.wait(Duration::from_millis(amount as u64 / 100))?,
            Move::Submit | Move::Consume | Move::Cancel | Move::Work => {}
        }
        for side in SIDES.into_iter().filter(|side| amount >> side & 2 != 0) {
            self.write(side);
        }
        Ok(())
    }

    /// Everybody does what can be done, time goes on only where somebody waits for it, until there is
    /// nothing left to do.
    fn go_on(&mut self) -> Result<(), String> {
        let patience = self.now + PATIENCE;
        for _ in 0..ROUNDS {
            if self.round()? {
                continue;
            }
            if self.is_over() || self.is_at_rest() {
                return Ok(());
            }
            if self.plan.is_honest() && !self.waits_for_time() {
                return Err(format!("a deadlock: {}", self.situation()));
            }
            let Some(next) = self.next_timeout().filter(|_| self.now < patience) else {
                // The sides may believe different things of a stream, and neither be wrong.
                return if self.plan.is_honest() { Err(self.situation()) } else { Ok(()) };
            };
            self.wait(next.saturating_sub(self.now))?;
        }
        Err(format!("no end: {}", self.situation()))
    }

    /// Whether anybody could do anything.
    fn round(&mut self) -> Result<bool, String> {
        let mut any = false;
        for side in SIDES {
            any |= self.write(side);
            any |= self.read(1 - side, usize::MAX)?;
        }
        let [agent, collector] = &mut self.stations;
        if agent.end.is_none() {
            any |= self.agent.submit(self.now, self.plan, agent)?;
            any |= self.agent.consume(agent, 0)?;
            any |= self.agent.cancel_hanging(self.plan, agent)?;
        }
        if collector.end.is_none() {
            for choice in 0..self.collector.work.len() {
                any |= self.collector.work(self.now, self.plan, collector, choice)?;
            }
        }
        Ok(any)
    }

    fn write(&mut self, side: usize) -> bool {
        let (station, pipe) = (&mut self.stations[side], &mut self.pipes[side]);
        if let Some(End::Closed(_) | End::Cut) = station.end {
            station.drop_output();
        }
        let taken = station.write(self.now, pipe, self.plan.room[side]);
        // Nothing is under way where a side has no more to say.
        if station.end.is_none() && station.session.is_done() && station.waiting() == 0 {
            station.end = Some(End::InOrder);
        }
        let closes = station.end.is_some() && station.waiting() == 0 && !pipe.closed;
        pipe.closed |= closes;
        taken || closes
    }

    fn read(&mut self, side: usize, count: usize) -> Result<bool, String> {
        let (station, pipe) = (&mut self.stations[side], &mut self.pipes[1 - side]);
        let any = station.read(self.now, pipe, count, self.oracle, &mut self.tally)?;
        self.hear(side)?;
        let (station, pipe) = (&mut self.stations[side], &self.pipes[1 - side]);
        if pipe.closed && pipe.len() == 0 && station.end.is_none() {
            let is_done = station.session.is_done();
            station.end = Some(if is_done { End::InOrder } else { End::Cut });
            return Ok(true);
        }
        Ok(any)
    }

    /// The application takes in what its session has told.
    fn hear(&mut self, side: usize) -> Result<(), String> {
        while let Some(heard) = self.stations[side].heard.pop_front() {
            let station = &mut self.stations[side];
            match side {
                0 => self.agent.hear(self.plan, station, &heard)?,
                _ => self.collector.hear(self.now, self.plan, station, &heard),
            }
        }
        if self.stations[1].end.is_some() {
            self.collector.work.clear();
        }
        Ok(())
    }

    /// The clock goes on, from timer to timer.
    fn wait(&mut self, time: Duration) -> Result<(), String> {
        let end = self.now + time;
        loop {
            let now = self.now;
            self.stations.iter_mut().for_each(|station| station.look(now));
            let next = self.next_timeout().filter(|next| *next <= end);
            self.now = next.map_or(end, |next| next.max(self.now));
            for side in SIDES {
                self.stations[side].time(self.now, &mut self.tally)?;
                self.hear(side)?;
            }
            if next.is_none() {
                return Ok(());
            }
        }
    }

    fn next_timeout(&self) -> Option<Duration> {
        let open = self.stations.iter().filter(|station| station.end.is_none());
        open.filter_map(|station| station.session.poll_timeout()).min()
    }

    fn trouble(&mut self, trouble: &Trouble) -> Result<(), String> {
        match trouble {
            Trouble::Leaves(side) => self.leave(*side),
            Trouble::Stops(side) => self.stop(*side),
            Trouble::Cut(after) => {
                for side in SIDES {
                    let len = self.pipes[side].len();
                    self.pipes[side].cut(after[side] % (len + 1));
                }
                self.is_cut = true;
                self.tally.cut();
                Ok(())
            }
            Trouble::Silence(seconds) => self.wait(Duration::from_secs(*seconds)),
            Trouble::Injected(to, what) => {
                self.inject(*to, what);
                Ok(())
            }
        }
    }

    fn leave(&mut self, side: usize) -> Result<(), String> {
        let station = &mut self.stations[side];
        if station.end.is_some() {
            return Ok(());
        }
        self.has_left[side] = true;
        if side == 1 {
            self.collector.leaves();
        }
        station.session.shutdown(self.now);
        station.model.leaving = true;
        station.left.get_or_insert(self.now);
        station.pump().map(drop)
    }

    fn stop(&mut self, side: usize) -> Result<(), String> {
        let station = &mut self.stations[side];
        if station.end.is_some() {
            return Ok(());
        }
        self.has_stopped = true;
        let _ = station.session.break_off(Refusal::new(FaultCode::INTERNAL, "as planned"));
        station.end = Some(End::Broken(FaultCode::INTERNAL));
        station.pump()?;
        self.hear(side)
    }

    fn inject(&mut self, to: usize, what: &Injection) {
        let model = &self.stations[0].model;
        let (open, highest) = (model.open_streams(), model.highest);
        let (station, pipe) = (&mut self.stations[to], &mut self.pipes[to]);
        let receiver = if to == 0 { Role::Collector } else { Role::Agent };
        station.finish_frame(pipe);
        if pipe.closed {
            return;
        }
        self.tally.injected();
        match what {
            Injection::Packet(index, stream) => {
                let stream = stream.id(&open, highest);
                let (frame, mark) = injection::packet(*index, stream, receiver);
                pipe.inject(&frame, Some(mark));
            }
            Injection::Tasks(count) => {
                for stream in (1..=*count).map(|task| (highest | 1) + 2 * task) {
                    pipe.inject(&injection::task(stream), None);
                }
            }
            Injection::Results(count, stream) => {
                let frame = injection::result(stream.id(&open, highest));
                (0..*count).for_each(|_| pipe.inject(&frame, None));
            }
            Injection::Flood(index, count) => {
                for _ in 0..*count {
                    let (frame, mark) = injection::drop_of(*index, receiver);
                    pipe.inject(&frame, Some(mark));
                }
            }
            Injection::Repeat(back) => {
                let frame = pipe.last.iter().rev().nth(*back).cloned();
                pipe.inject(&frame.unwrap_or_default(), None);
            }
            Injection::Flip(bit) => drop(pipe.flip(*bit)),
            Injection::Length(index) => pipe.inject(LENGTHS[*index], None),
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.stations.iter().all(|station| station.end.is_some())
    }

    /// Nothing was begun that has not ended.
    fn is_at_rest(&self) -> bool {
        let [agent, collector] = &self.stations;
        let is_away = agent.model.leaving || agent.model.peer_leaving;
        let no_more = agent.session.is_done() || is_away || self.plan.max_streams == 0;
        let is_open = agent.session.is_open() && collector.session.is_open();
        is_open
            && (self.agent.has_submitted_all(self.plan) || no_more)
            && self.agent.tasks.values().all(|asked| asked.ended.is_some())
            && self.collector.work.is_empty()
            && !self.stations.iter().any(|station| station.session.is_done())
            && SIDES
                .into_iter()
                .all(|side| self.stations[side].waiting() == 0 && self.pipes[side].len() == 0)
    }

    /// Work that does not stop, or a side that leaves, is given time.
    fn waits_for_time(&self) -> bool {
        let stops = self.collector.work.values().any(|work| work.stop.is_some());
        let one_is_over = self.stations.iter().any(|station| station.end.is_some());
        stops || one_is_over
    }

    pub(crate) fn situation(&self) -> String {
        let side = |side: usize| {
            let station = &self.stations[side];
            let (live, waiting) = (station.session.live(), station.waiting());
            let under_way = self.pipes[side].len();
            let end = station.end;
            format!("{live} streams, {waiting} bytes wait, {under_way} under way, end {end:?}")
        };
        format!("agent: {}; collector: {}; at {:?}", side(0), side(1), self.now)
    }
}
