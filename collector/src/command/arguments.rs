use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};

/// Sees this machine's processes through a guarded socket.
///
/// A collector, which may see everything, answers an agent, which may not, over a socket that nobody else
/// can reach.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) verb: Verb,
    /// Says more on standard error; twice: still more.
    #[arg(short, long, action = ArgAction::Count, global = true)]
    verbose: u8,
    /// Says nothing but errors on standard error.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
}

const EXAMPLES: &str = "\
Examples:
  eyelet demo                                  the whole path once, on this machine's processes
  eyelet serve                                 a collector; it prints its endpoint
  eyelet ps --endpoint PATH --json             what it sees, one JSON object a line
  eyelet ps --name sshd --exe '/usr/sbin/*'    by a collector of its own, ended afterwards

Exit codes: 0 done, 1 nothing matched, 2 usage, 69 endpoint unavailable, 74 I/O, 75 deadline,
76 protocol or version, 77 refused.";

const SERVE_HELP: &str = "\
SIGINT or SIGTERM ends it when what is under way has ended, 12 s later at most; a second one at once.
SIGUSR1 prints what it has done so far, one JSON object on a line of standard error.

Examples:
  eyelet serve
  eyelet serve --endpoint /run/eyelet/eyelet.sock
  pkill -USR1 -f 'eyelet serve'";

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Starts a collector, lists all processes through it, and says what happened.
    Demo,
    /// Collects for agents until SIGINT or SIGTERM; prints the endpoint once it listens.
    Serve(Serve),
    /// Lists processes.
    Ps(Ps),
}

#[derive(Args, Debug)]
#[command(after_help = SERVE_HELP)]
pub(super) struct Serve {
    /// Listens here [default: a new directory of its own in /tmp]
    #[arg(long, value_name = "PATH")]
    pub(super) endpoint: Option<PathBuf>,
    /// Ends when standard input does, which must be a pipe: so a collector never outlives its parent.
    #[arg(long)]
    pub(super) end_with_stdin: bool,
}

#[derive(Args, Debug)]
pub(super) struct Ps {
    /// Asks the collector there [default: one of its own, ended afterwards]
    #[arg(long, value_name = "PATH")]
    pub(super) endpoint: Option<PathBuf>,
    /// Prints one JSON object a line.
    #[arg(long)]
    pub(super) json: bool,
    /// Only processes of this name; may be repeated.
    #[arg(long = "name", value_name = "NAME")]
    pub(super) names: Vec<String>,
    /// Only this process; may be repeated.
    #[arg(long = "pid", value_name = "PID")]
    pub(super) pids: Vec<u32>,
    /// Only processes whose executable's path matches; `*` does not cross a `/`, `**` does.
    #[arg(long = "exe", value_name = "GLOB")]
    pub(super) executable: Option<String>,
}

impl Ps {
    /// Whether anything narrows the list, so that an empty one is a finding.
    pub(super) fn is_filtered(&self) -> bool {
        !self.names.is_empty() || !self.pids.is_empty() || self.executable.is_some()
    }
}

impl Arguments {
    pub(super) fn verbosity(&self) -> ::log::LevelFilter {
        match (self.quiet, self.verbose) {
            (true, _) => ::log::LevelFilter::Error,
            (false, 0) => ::log::LevelFilter::Warn,
            (false, 1) => ::log::LevelFilter::Info,
            (false, _) => ::log::LevelFilter::Debug,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_hold_together() {
        Arguments::command().debug_assert();
    }
}
