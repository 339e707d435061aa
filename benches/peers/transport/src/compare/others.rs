//! What others on the machine had of its processors meanwhile.

use std::fs;

use crate::peer::Result;

/// Ticks since the machine began, of all processors together.
pub(super) struct Ticks {
    all: f64,
    busy: f64,
    /// For this process and its children that have ended.
    ours: f64,
}

impl Ticks {
    pub(super) fn now() -> Result<Self> {
        let all = fs::read_to_string("/proc/stat")?;
        let [user, nice, system, idle, waiting, interrupts, soft_interrupts, stolen] =
            numbers(all.split_whitespace().skip(1))?;
        let busy = user + nice + system + interrupts + soft_interrupts + stolen;
        let own = fs::read_to_string("/proc/self/stat")?;
        // The program's name, in parentheses, may hold anything.
        let (_, fields) = own.rsplit_once(')').ok_or("no name in /proc/self/stat")?;
        let own: [f64; 4] = numbers(fields.split_whitespace().skip(11))?;
        Ok(Self { all: busy + idle + waiting, busy, ours: own.into_iter().sum() })
    }

    /// The share of all processors that others have had since, in percent.
    pub(super) fn others_since(&self) -> Result<f64> {
        let now = Self::now()?;
        let others = (now.busy - self.busy) - (now.ours - self.ours);
        Ok((100.0 * others / (now.all - self.all).max(1.0)).max(0.0))
    }
}

fn numbers<'a, const N: usize>(texts: impl Iterator<Item = &'a str>) -> Result<[f64; N]> {
    let numbers: Vec<f64> = texts.take(N).map(str::parse).collect::<std::result::Result<_, _>>()?;
    numbers.try_into().map_err(|_| "too few numbers in /proc".into())
}
