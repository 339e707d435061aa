use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use eyelet_codegen::{CodegenError, GeneratedFile, LIMITS_PROTO};

#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Options {
    /// Directory of the schema
    #[arg(long, value_name = "DIR")]
    schema_root: PathBuf,
}

impl Options {
    pub(crate) fn run(self) -> Result<ExitCode, CodegenError> {
        let path = self.schema_root.join("eyelet/v1/limits.proto");
        let file = GeneratedFile { path, text: LIMITS_PROTO.to_owned() };
        file.write()?;
        eprintln!("wrote {}", file.path.display());
        Ok(ExitCode::SUCCESS)
    }
}

const HELP: &str = "\
This program has the options in it. Others that read the schema look for a file.

Example:
  eyelet-codegen options --schema-root proto

Exit codes: 0 written, 1 not writable, 2 usage";
