//! Where and under what limits a process runs.

use std::fs;

use rustix::process::{Pid, Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_setaffinity};

use crate::peer::Result;

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

fn field(pid: Pid, file: &str, name: &str) -> Result<u64> {
    let path = format!("/proc/{}/{file}", pid.as_raw_nonzero());
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    let kibibytes = value.and_then(|value| value.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    Ok(kibibytes.ok_or_else(|| format!("{path} says nothing of {name}"))? * 1024)
}
