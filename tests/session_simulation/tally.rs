use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};
use std::ops::Add;

use eyelet_codec::FaultCode;

use crate::oracle::{Key, Oracle};
use crate::plan::Plan;
use crate::world::World;

/// What has happened in some conversations.
#[derive(Clone, Default)]
pub(crate) struct Tally {
    conversations: u64,
    honest: u64,
    packets: u64,
    cuts: u64,
    injected: u64,
    /// Connections ended by a fault, by its code.
    faults: BTreeMap<i32, u64>,
    cells: BTreeSet<Key>,
}

impl Tally {
    pub(crate) fn one(plan: &Plan) -> Self {
        Self { conversations: 1, honest: plan.is_honest().into(), ..Self::default() }
    }

    pub(crate) fn add(&mut self, world: &World<'_>) {
        *self = std::mem::take(self) + world.tally.clone();
    }

    pub(crate) fn packet(&mut self, key: Key) {
        self.packets += 1;
        self.cells.insert(key);
    }

    pub(crate) fn fault(&mut self, code: FaultCode) {
        *self.faults.entry(code.0).or_default() += 1;
    }

    pub(crate) fn cut(&mut self) {
        self.cuts += 1;
    }

    pub(crate) fn injected(&mut self) {
        self.injected += 1;
    }

    /// That nothing goes wrong says something only where everything was tried, which takes some.
    pub(crate) fn check(&self) {
        if self.conversations < 1000 {
            return;
        }
        for code in [
            FaultCode::MALFORMED,
            FaultCode::CHECKSUM,
            FaultCode::TOO_LARGE,
            FaultCode::VERSION,
            FaultCode::ROLE,
            FaultCode::STREAM,
            FaultCode::CREDIT,
            FaultCode::FLOOD,
            FaultCode::TIMEOUT,
        ] {
            assert!(self.faults.contains_key(&code.0), "no connection was ended by {code:?}");
        }
        assert!(self.cuts > 0 && self.honest > 0 && self.honest < self.conversations);
        assert!(self.cells.len() * 6 > Oracle::read().len(), "{} cells only", self.cells.len());
    }
}

impl Add for Tally {
    type Output = Self;

    fn add(mut self, mut other: Self) -> Self {
        for (code, count) in other.faults {
            *self.faults.entry(code).or_default() += count;
        }
        self.cells.append(&mut other.cells);
        Self {
            conversations: self.conversations + other.conversations,
            honest: self.honest + other.honest,
            packets: self.packets + other.packets,
            cuts: self.cuts + other.cuts,
            injected: self.injected + other.injected,
            ..self
        }
    }
}

impl Tally {
    /// What is published of it.
    pub(crate) fn figure(&self) -> String {
        let Self { conversations, packets, cuts, injected, .. } = self;
        let (cells, all) = (self.cells.len(), Oracle::read().len());
        format!(
            "{conversations} conversations, {packets} packets, {injected} injected, {cuts} lines cut, \
             {cells} of {all} cells met: 0 records lost or repeated"
        )
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { conversations, honest, packets, cuts, injected, .. } = self;
        writeln!(f, "{conversations} conversations, {honest} of them between honest sides")?;
        writeln!(f, "{packets} packets, {injected} injections, {cuts} cuts")?;
        write!(f, "connections ended by")?;
        for (code, count) in &self.faults {
            let name = format!("{:?}", FaultCode(*code));
            write!(f, " {} {count}", name.trim_start_matches("FAULT_CODE_"))?;
        }
        let (cells, all) = (self.cells.len(), Oracle::read().len());
        write!(f, "\n{cells} of {all} cells of state x packet x stream met")
    }
}
