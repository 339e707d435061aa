//! Where and under what limits a process runs.

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_setaffinity};

use crate::peer::Result;

/// Where a process runs, and on what kind of runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// On one CPU, with a runtime of one thread.
    Cpu(usize),
    /// Wherever the system likes, with a runtime of as many threads as there are CPUs.
    Threads,
}

impl Place {
    /// From a command line.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        match text {
            "threads" => Ok(Self::Threads),
            cpu => Ok(Self::Cpu(cpu.parse()?)),
        }
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Threads => f.write_str("threads"),
            Self::Cpu(cpu) => cpu.fmt(f),
        }
    }
}

/// Keeps this process, and threads to come, on one CPU.
pub(crate) fn pin(cpu: usize) -> Result<()> {
    let mut one = CpuSet::new();
    one.set(cpu);
    let pinned = sched_setaffinity(None, &one);
    pinned.map_err(|error| format!("cannot run on CPU {cpu}: {error}").into())
}

/// Lets this process have as many descriptors as it may: a thousand connections take more than usual.
pub(crate) fn allow_descriptors() -> Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?)
}

/// Bytes of a process that are in memory now.
pub(crate) fn resident(pid: Pid) -> Result<u64> {
    // Not `status`: it sums up counters of every CPU without asking for what they still hold back.
    field(pid, "smaps_rollup", "Rss:")
}

/// The most that there ever were.
pub(crate) fn most_resident(pid: Pid) -> Result<u64> {
    field(pid, "status", "VmHWM:")
}

/// What a process has had of the processors, threads that have ended included.
pub(crate) fn processor_time(pid: Pid) -> Result<Duration> {
    let (mut clock, mut time) = (0, libc::timespec { tv_sec: 0, tv_nsec: 0 });
    // SAFETY: both write to what they are given a pointer to, and to nothing else. No crate that is kept
    // reads the clock of another process; /proc has it in hundredths of a second.
    let failed = unsafe {
        libc::clock_getcpuclockid(pid.as_raw_pid(), &raw mut clock) != 0
            || libc::clock_gettime(clock, &raw mut time) != 0
    };
    if failed {
        return Err(format!("process {pid} has no clock").into());
    }
    Ok(Duration::new(time.tv_sec.try_into()?, time.tv_nsec.try_into()?))
}

fn field(pid: Pid, file: &str, name: &str) -> Result<u64> {
    let path = format!("/proc/{}/{file}", pid.as_raw_nonzero());
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    let kibibytes = value.and_then(|value| value.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    Ok(kibibytes.ok_or_else(|| format!("{path} says nothing of {name}"))? * 1024)
}
