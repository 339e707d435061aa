use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::ledger::{Ending, Ledger, Violation};
use crate::line::{BYTE, Faults, Line};
use crate::mutant::{Lacks, Mutant};
use crate::random::Random;
use crate::station::{Habits, LINE, Station};
use crate::tally::Tally;
use crate::world::World;

/// What a seed stands for.
#[derive(Debug)]
struct Plan {
    kind: Kind,
    habits: [Habits; 2],
    delays: [Duration; 2],
    /// Frames of a thousand that something happens to, in each direction.
    per_mille: [usize; 2],
    /// When, which side, and what it does.
    changes: Vec<(Duration, usize, Change)>,
    /// Which side begins anew once the faults have stopped; else whatever is under way goes on.
    connects: Option<usize>,
}

/// What a side does in the middle of things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    /// It loses everything, as for want of power.
    Restart,
    /// Its application begins anew.
    Connect,
    /// Its application has no more to say.
    Close,
}

/// What a run is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One frame in ten is lost.
    Tenth,
    /// The same, and sides restart.
    TenthWithRestarts,
    /// Anything up to a line that carries hardly anything, other in each direction, and restarts.
    Anything,
    /// A good line, and restarts in quick succession.
    Restarts,
}

const KINDS: [Kind; 4] = [Kind::Tenth, Kind::TenthWithRestarts, Kind::Anything, Kind::Restarts];

/// What happens to so many frames of a thousand loses one in ten: some of it does no harm.
const TENTH: usize = 115;

/// By then a run with faults has carried all it had, or is not waited for any longer.
const PATIENCE: Duration = Duration::from_secs(12);
/// After the faults have stopped.
const AFTERWARDS: Duration = Duration::from_secs(60);

impl Plan {
    fn of(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let kind = KINDS[random.below(KINDS.len())];
        let per_mille = match kind {
            Kind::Tenth | Kind::TenthWithRestarts => [TENTH; 2],
            Kind::Anything => [random.below(1000), random.below(1000)],
            Kind::Restarts => [random.below(50), random.below(50)],
        };
        let delays = [(); 2].map(|()| Duration::from_micros([0, 500, 30_000][random.below(3)]));
        let windows = [(); 2].map(|()| 1 + random.below(7));
        let round_trip = delays[0]
            + delays[1]
            + BYTE * u32::try_from((windows[0] + windows[1]) * (LINE + 2)).unwrap();
        // Some are too short, which costs repeats and nothing else.
        let repeat = round_trip * [4, 10, 13, 20][random.below(4)] / 10;
        let habits = windows.map(|window| Habits {
            window,
            repeat: repeat + Duration::from_millis(1),
            quota: 1 + random.below(30),
            pace: Duration::from_micros([0, 0, 1_000, 20_000][random.below(4)]),
        });
        let changes = match kind {
            Kind::Tenth => 0,
            _ => 1 + random.below(4),
        };
        let mut changes: Vec<_> = (0..changes).map(|_| change(&mut random)).collect();
        changes.sort_unstable();
        let connects = [None, Some(0), Some(1)][random.below(3)];
        Self { kind, habits, delays, per_mille, changes, connects }
    }
}

fn change(random: &mut Random) -> (Duration, usize, Change) {
    let at = Duration::from_micros(random.below(600_000) as u64);
    let change = match random.below(8) {
        0 | 1 => Change::Connect,
        2 => Change::Close,
        _ => Change::Restart,
    };
    (at, random.below(2), change)
}

/// Carries out what a seed stands for, and counts it.
pub(crate) fn run(seed: u64, lacks: Lacks, tally: &mut Tally) -> Result<(), Violation> {
    let plan = Plan::of(seed);
    let ledger = Rc::new(RefCell::new(Ledger::default()));
    let station = |side: usize| {
        Station::new(side, plan.habits[side], Mutant::new(lacks, side), Rc::clone(&ledger))
    };
    let line =
        |from: usize| Line::new(seed ^ 0x11e << from, plan.per_mille[from], plan.delays[from]);
    let mut world = World::new([station(0), station(1)], [line(0), line(1)]);
    let result = with_faults(&plan, &mut world, &ledger)
        .inspect(|&carried| tally.count_faults(plan.kind, carried, in_time(&world)))
        .and_then(|_| afterwards(&plan, &mut world, &ledger));
    let repeats = world.ends.iter().map(|end| end.repeats() as usize).sum();
    let faults = world.lines.iter().fold(Faults::default(), |mut sum, line| {
        sum += line.faults;
        sum
    });
    tally.count_run(plan.kind, &ledger.borrow(), faults, repeats);
    result
}

/// Frames that have been sent by now and are not under way, and those that have arrived.
fn in_time(world: &World<Station>) -> (usize, usize) {
    let sent = world.lines.iter().map(|line| line.faults.frames - line.under_way()).sum();
    (sent, world.ends.iter().map(|end| end.frames).sum())
}

type Ledgers = Rc<RefCell<Ledger>>;

/// Whether the last session has carried all it had.
fn with_faults(
    plan: &Plan,
    world: &mut World<Station>,
    ledger: &Ledgers,
) -> Result<bool, Violation> {
    for &(at, side, change) in &plan.changes {
        while world.step(at) {
            violation(ledger)?;
        }
        match change {
            Change::Restart => {
                world.lines[side].cut(at);
                world.lines[1 - side].miss(at);
                world.ends[side].restart();
            }
            Change::Connect => world.ends[side].connect(),
            Change::Close => world.ends[side].close(),
        }
        world.pump(side);
    }
    until_complete(world, ledger, PATIENCE)
}

/// The line is good from here on, and the next session carries all it has.
fn afterwards(plan: &Plan, world: &mut World<Station>, ledger: &Ledgers) -> Result<(), Violation> {
    world.lines.iter_mut().for_each(|line| line.per_mille = 0);
    let before = ledger.borrow().fates().count();
    for side in 0..2 {
        if plan.connects == Some(side) || world.ends[side].is_closed() {
            world.ends[side].connect();
            world.pump(side);
        }
    }
    if !until_complete(world, ledger, AFTERWARDS)? {
        return Err(Violation::Stuck);
    }
    // What ended of those that began on a good line, ended because the peer was told to begin anew.
    let in_vain =
        ledger.borrow().fates().skip(before).any(|(_, ending)| ending == Some(Ending::NoProgress));
    if in_vain { Err(Violation::Stuck) } else { Ok(()) }
}

fn until_complete(
    world: &mut World<Station>,
    ledger: &Ledgers,
    patience: Duration,
) -> Result<bool, Violation> {
    let end = world.now + patience;
    loop {
        let is_complete = match [world.ends[0].session, world.ends[1].session] {
            [Some(one), Some(other)] => ledger.borrow().is_complete([one, other]),
            _ => false,
        };
        if is_complete {
            return Ok(true);
        }
        if !world.step(end) {
            return Ok(false);
        }
        violation(ledger)?;
    }
}

fn violation(ledger: &Ledgers) -> Result<(), Violation> {
    ledger.borrow().violation.map_or(Ok(()), Err)
}
