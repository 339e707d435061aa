//! The command where this system has no reader for its processes yet.

use std::process::ExitCode;

/// Says so, with the code of a service that is not available (sysexits(3)).
pub fn run() -> ExitCode {
    eprintln!(
        "eyelet: there is no reader of {}'s processes yet, only of Linux's",
        std::env::consts::OS
    );
    ExitCode::from(69)
}
