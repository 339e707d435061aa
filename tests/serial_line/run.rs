use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::fates::Fates;
use crate::ledger::{Ledger, Violation};
use crate::line::{Faults, Line};
use crate::mutant::{Lacks, Mutant};
use crate::plan::{Change, Plan};
use crate::station::Station;
use crate::tally::{Runs, Tally};
use crate::world::World;

/// By then a run with faults has carried all it had, or is not waited for any longer.
const PATIENCE: Duration = Duration::from_secs(12);
/// After the faults have stopped.
const AFTERWARDS: Duration = Duration::from_secs(20);

type Ledgers = Rc<RefCell<Ledger>>;

/// Carries out a plan, and counts it.
pub(crate) fn run(plan: &Plan, lacks: Lacks, tally: &mut Tally) -> Result<(), Violation> {
    let (mut world, ledger) = begin(plan, lacks);
    let mut runs = Runs::one();
    let result = play(plan, &mut world, &ledger, &mut runs);
    runs.packets = ledger.borrow().delivered();
    runs.repeats = world.ends.iter().map(|end| end.repeats() as usize).sum();
    runs.faults = world.lines.iter().fold(Faults::default(), |mut sum, line| {
        sum += line.faults;
        sum
    });
    tally.add(plan.kind, runs);
    result
}

/// The same up to when the faults would stop, of which the plan has none.
pub(crate) fn run_calm(plan: &Plan, lacks: Lacks) -> Result<(), Violation> {
    let (mut world, ledger) = begin(plan, lacks);
    let carried = with_faults(plan, &mut world, &ledger, &mut Runs::default())?;
    if carried { Ok(()) } else { Err(Violation::Stuck) }
}

fn begin(plan: &Plan, lacks: Lacks) -> (World<Station>, Ledgers) {
    let ledger = Ledgers::default();
    let station = |side: usize| {
        Station::new(side, plan.habits[side], Mutant::new(lacks, side), Rc::clone(&ledger))
    };
    let line =
        |from: usize| Line::new(plan.seed ^ 0x11e << from, plan.per_mille[from], plan.delays[from]);
    (World::new([station(0), station(1)], [line(0), line(1)]), ledger)
}

fn play(
    plan: &Plan,
    world: &mut World<Station>,
    ledger: &Ledgers,
    runs: &mut Runs,
) -> Result<(), Violation> {
    let carried = with_faults(plan, world, ledger, runs)?;
    runs.carried = usize::from(carried);
    (runs.sent, runs.heard) = in_time(world);
    runs.faulty = Fates::of(ledger.borrow().fates());
    let before = ledger.borrow().fates().count();
    let is_complete = afterwards(plan, carried, world, ledger)?;
    runs.later = Fates::of(ledger.borrow().fates().skip(before));
    // What ends of those that began on a good line, ends because the peer was told to begin anew.
    if is_complete && runs.later.no_progress == 0 { Ok(()) } else { Err(Violation::Stuck) }
}

/// Frames that have been sent by now and are not under way, and those that have arrived.
fn in_time(world: &World<Station>) -> (usize, usize) {
    let sent = world.lines.iter().map(|line| line.faults.frames - line.under_way()).sum();
    (sent, world.ends.iter().map(|end| end.frames).sum())
}

/// Whether the last session has carried all it had.
fn with_faults(
    plan: &Plan,
    world: &mut World<Station>,
    ledger: &Ledgers,
    runs: &mut Runs,
) -> Result<bool, Violation> {
    for &(at, side, change) in &plan.changes {
        while world.step(at) {
            violation(ledger)?;
        }
        runs.count(side, change);
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

/// The line is good from here on; whether the next session has carried all it had.
fn afterwards(
    plan: &Plan,
    carried: bool,
    world: &mut World<Station>,
    ledger: &Ledgers,
) -> Result<bool, Violation> {
    world.lines.iter_mut().for_each(|line| line.per_mille = 0);
    let is_anew = carried || !plan.goes_on;
    for side in 0..2 {
        if is_anew && plan.connects == side || world.ends[side].is_closed() {
            world.ends[side].connect();
            world.pump(side);
        }
    }
    until_complete(world, ledger, AFTERWARDS)
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
