//! The `eyelet` command: its arguments, and what each of its verbs does.

mod arguments;
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
    match on_a_runtime(arguments.verb) {
        Ok(code) => code,
        Err(error) => error.report(),
    }
}

fn on_a_runtime(verb: Verb) -> Result<ExitCode, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::io("start the runtime", error))?;
    let done = runtime.block_on(async {
        match verb {
            Verb::Demo => demo::run().await,
            Verb::Serve(serve) => serve::run(serve).await,
            Verb::Ps(ps) => ps::run(ps).await,
        }
    });
    // A file system that does not answer holds its thread for as long as it likes, but not us.
    runtime.shutdown_timeout(Duration::from_secs(1));
    done
}
