//! The `eyelet` command.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    eyelet::command::run()
}
