use std::fs;
use std::path::Path;

use crate::failure::Failure;

const PROCESSOR: &str = "/proc/cpuinfo";
const KERNEL: &str = "/proc/sys/kernel/osrelease";
const EVERYBODY: &str = "/proc/stat";
const OURSELVES: &str = "/proc/self/stat";

/// What the first processor is called.
pub(crate) fn processor() -> Result<String, Failure> {
    let text = read(PROCESSOR)?;
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    Ok(name.map_or("unknown", |(_, name)| name).to_owned())
}

/// Which kernel runs.
pub(crate) fn kernel() -> Result<String, Failure> {
    Ok(format!("Linux {}", read(KERNEL)?.trim()))
}

/// What the processors have done since the machine was started, in ticks.
#[derive(Clone, Copy)]
pub(crate) struct Ticks {
    all: f64,
    busy: f64,
    /// For us, and for the processes that we have waited for.
    ours: f64,
}

impl Ticks {
    pub(crate) fn now() -> Result<Self, Failure> {
        Self::parse(&read(EVERYBODY)?, &read(OURSELVES)?)
            .ok_or_else(|| Failure::check(format!("{EVERYBODY} or {OURSELVES} is in another form")))
    }

    fn parse(everybody: &str, ourselves: &str) -> Option<Self> {
        let line = everybody.lines().next()?.strip_prefix("cpu ")?;
        // Guests, which follow these eight, are in the first two already.
        let ticks: Vec<f64> = line.split_whitespace().take(8).map_while(number).collect();
        let [_, _, _, idle, waiting, ..] = ticks[..] else { return None };
        let all: f64 = ticks.iter().sum();
        // The name may have spaces and parentheses in it; utime, stime, cutime and cstime are the
        // 12th to 15th after it.
        let (_, after) = ourselves.rsplit_once(')')?;
        let ours = after.split_whitespace().skip(11).take(4).map_while(number).sum();
        Some(Self { all, busy: all - idle - waiting, ours })
    }

    /// The share of all processors that others have had since, in percent.
    pub(crate) fn others_since(self) -> Result<f64, Failure> {
        Ok(self.others_until(Self::now()?))
    }

    fn others_until(self, now: Self) -> f64 {
        let others = (now.busy - self.busy) - (now.ours - self.ours);
        (100.0 * others / (now.all - self.all).max(1.0)).max(0.0)
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

fn read(path: &str) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(Failure::at(Path::new(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_have_what_was_neither_idle_nor_ours() {
        let stat =
            |user: u32, idle: u32| format!("cpu  {user} 0 0 {idle} 50 0 0 0 7 0\ncpu0 1 2\n");
        let ours = |own: u32, children: u32| {
            format!("1 (a ) b) S 1 1 1 0 -1 0 1 2 3 4 {own} 0 {children} 0 20 0\n")
        };
        let before = Ticks::parse(&stat(100, 1_000), &ours(0, 10)).unwrap();
        let after = Ticks::parse(&stat(150, 1_050), &ours(5, 35)).unwrap();
        let others = before.others_until(after);
        assert!((others - 20.0).abs() < 1e-9, "{others} %");
        assert!(Ticks::parse("cpu 1 2", &ours(0, 0)).is_none());
    }
}
