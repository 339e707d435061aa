use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::CodegenError;

/// `text` as the toolchain's `rustfmt` would have it in a file in `out`, which need not exist yet.
pub(crate) fn format(text: &str, out: &Path) -> Result<String, CodegenError> {
    let output = run(text, out).map_err(CodegenError::Rustfmt)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(CodegenError::Unformatted(said));
    }
    String::from_utf8(output.stdout).map_err(|error| CodegenError::Unformatted(error.to_string()))
}

fn run(text: &str, out: &Path) -> io::Result<Output> {
    let existing = out.ancestors().find(|dir| dir.is_dir());
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .current_dir(existing.unwrap_or(Path::new(".")))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().expect("is piped");
    std::thread::scope(|scope| {
        // rustfmt reads to the end first, but nothing promises that: write beside reading.
        let writer = scope.spawn(move || stdin.write_all(text.as_bytes()));
        let output = child.wait_with_output();
        writer.join().expect("writing does not panic")?;
        output
    })
}
