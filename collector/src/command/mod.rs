//! The `eyelet` command: its arguments, and what each of its verbs does.

mod arguments;
mod counts;
mod demo;
mod exit;
mod listing;
mod log;
mod own_collector;
mod ps;
mod serve;
mod signals;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use self::arguments::{Arguments, Verb};
use self::exit::CommandError;

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    log::start(arguments.verbosity());
    let done = match arguments.verb {
        Verb::Demo => demo::run(),
        Verb::Serve(serve) => on_a_runtime(serve::run(serve)),
        Verb::Ps(ps) => ps::run(&ps),
    };
    done.unwrap_or_else(|error| error.report())
}

/// Only a server has use for one: whoever asks one thing at a time starts the faster without.
fn on_a_runtime(
    command: impl Future<Output = Result<ExitCode, CommandError>>,
) -> Result<ExitCode, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::io("start the runtime", error))?;
    let done = runtime.block_on(command);
    // A file system that does not answer holds its thread for as long as it likes, but not us.
    runtime.shutdown_timeout(Duration::from_secs(1));
    done
}
