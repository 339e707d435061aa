//! The generator as a command.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use eyelet_codegen::{CodegenError, GeneratedFile, Options, generate};

/// Generates bounded messages from the .proto files below a directory
#[derive(Parser)]
#[command(name = "eyelet-codegen", version)]
struct Arguments {
    /// Directory that imports are relative to; limits.json is written there
    #[arg(long)]
    schema_root: PathBuf,
    /// Directory for the Rust files
    #[arg(long)]
    out: PathBuf,
    /// Path to the codec in the generated code, `crate` within the codec itself
    #[arg(long, default_value = "crate")]
    codec: String,
    /// Command that renews the files, named on their first line
    #[arg(long, default_value = "cargo xtask codegen")]
    renew: String,
    /// Write nothing; fail if what is there differs
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    let Arguments { schema_root, out, codec, renew, check } = Arguments::parse();
    let options = Options { schema_root, out, codec, renew };
    let done = generate(&options).and_then(|files| {
        let stale: Vec<_> = files.iter().filter(|file| !is_current(file)).collect();
        if check {
            return Ok(report(&stale, &options.renew));
        }
        stale.into_iter().try_for_each(write).map(|()| ExitCode::SUCCESS)
    });
    done.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}

/// A checkout on Windows may have other line ends.
fn is_current(file: &GeneratedFile) -> bool {
    fs::read_to_string(&file.path).is_ok_and(|text| text.replace("\r\n", "\n") == file.text)
}

fn report(stale: &[&GeneratedFile], renew: &str) -> ExitCode {
    if stale.is_empty() {
        return ExitCode::SUCCESS;
    }
    for file in stale {
        eprintln!("error: {} is not what the schema makes of it", file.path.display());
    }
    eprintln!("run: {renew}");
    ExitCode::FAILURE
}

fn write(file: &GeneratedFile) -> Result<(), CodegenError> {
    let dir = file.path.parent().map_or(Ok(()), fs::create_dir_all);
    dir.and_then(|()| fs::write(&file.path, &file.text))
        .map_err(|source| CodegenError::Write { path: file.path.clone(), source })?;
    eprintln!("wrote {}", file.path.display());
    Ok(())
}
