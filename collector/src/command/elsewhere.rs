//! The command where this system has no reader for its processes yet.

use std::io::{self, Write};
use std::process::ExitCode;

/// Says so, with the code of a service that is not available (sysexits(3)).
pub fn run() -> ExitCode {
    let system = std::env::consts::OS;
    // There is nobody else to tell if standard error is closed.
    let _ = writeln!(io::stderr(), "eyelet: {system}'s processes cannot be read yet, only Linux's");
    ExitCode::from(69)
}
