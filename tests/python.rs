//! Programs in Python, whose source is in the directory beside this file.

use std::path::Path;
use std::process::Command;

use crate::skip;

/// The program of this name.
pub fn program(name: &str) -> Command {
    let mut command = Command::new("python3");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(name));
    command
}

/// Whether Python and what the programs need are installed; if not, says that `test` was skipped.
pub fn is_here(test: &str) -> bool {
    let mut python = Command::new("python3");
    let output = python.args(["-c", "import google.protobuf, grpc_tools"]).output();
    let here = output.is_ok_and(|output| output.status.success());
    if !here {
        skip(test, "python3 with protobuf and grpcio-tools is not installed");
    }
    here
}
