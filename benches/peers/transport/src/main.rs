//! eyelet's transport beside others: a server and a client in processes of their own, over a Unix socket.
//! `cargo xtask bench transport` runs it; benches/README.md says what is measured and how.

mod compare;
/// Made of detection.capnp.
#[allow(warnings, clippy::all, clippy::pedantic, reason = "generated, and used in part")]
mod detection_capnp {
    // Not as a file of its own module, which rustfmt would want to format.
    include!("generated/detection_capnp.rs");
}
mod drive;
mod glance;
mod messages;
mod peer;
mod peers;
mod place;
mod registry;
mod wish;
mod workload;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use rustix::process::{Pid, Signal, getpid, set_parent_process_death_signal};

use crate::drive::Order;
use crate::peer::Result;
use crate::place::Place;
use crate::workload::Workload;

const USAGE: &str = "usage:
  eyelet-transport-peers compare REPETITIONS MILLISECONDS SEED WHO,.. WORKLOAD;..
  eyelet-transport-peers serve WHO SOCKET PLACE
  eyelet-transport-peers drive WHO WORKLOAD SOCKET PLACE SERVER_PID MILLISECONDS
An empty list means all. A place is a CPU's number, or `threads`: all CPUs and a runtime of many threads. `serve` prints its process id once it listens.";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<()> {
    match *arguments {
        ["compare", repetitions, effort, seed, who, workloads] => {
            let effort = milliseconds(effort)?;
            let effort = compare::Effort { repetitions: repetitions.parse()?, effort };
            compare::run(&effort, seed.parse()?, &list(who, ','), &list(workloads, ';'))
        }
        ["serve", who, socket, place] => serve(who, Path::new(socket), Place::parse(place)?),
        ["drive", who, workload, socket, place, server, effort] => {
            let order = Order {
                workload: Workload::parse(workload).ok_or(USAGE)?,
                socket: socket.into(),
                server: Pid::from_raw(server.parse()?).ok_or(USAGE)?,
                effort: milliseconds(effort)?,
            };
            drive(who, order, Place::parse(place)?)
        }
        _ => Err(USAGE.into()),
    }
}

fn milliseconds(text: &str) -> Result<Duration> {
    Ok(Duration::from_millis(text.parse()?))
}

fn list(text: &str, separator: char) -> Vec<&str> {
    text.split(separator).map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn serve(who: &str, socket: &Path, place: Place) -> Result<()> {
    settle(place)?;
    (registry::find(who)?.serve)(place, socket, || println!("{}", getpid().as_raw_nonzero()))
}

fn drive(who: &str, order: Order, place: Place) -> Result<()> {
    settle(place)?;
    for measured in (registry::find(who)?.drive)(place, order)? {
        println!("{}\t{}\t{}", measured.measure, measured.value, measured.unit);
    }
    Ok(())
}

/// Ends with whoever started it.
fn settle(place: Place) -> Result<()> {
    set_parent_process_death_signal(Some(Signal::TERM))?;
    place::allow_descriptors()?;
    match place {
        Place::Cpu(cpu) => place::pin(cpu),
        Place::Threads => Ok(()),
    }
}
