use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use eyelet_codegen::{CodegenError, GeneratedFile, compare, record};

use super::compare::report;

#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Record {
    /// Directory of the schema
    #[arg(long, value_name = "DIR")]
    schema_root: PathBuf,
    /// File to write; what it holds of an earlier release must allow this one
    #[arg(long, value_name = "FILE")]
    released: PathBuf,
    /// What is released, for the first line
    #[arg(long, value_name = "NAME")]
    name: String,
}

impl Record {
    pub(crate) fn run(self) -> Result<ExitCode, CodegenError> {
        if self.released.exists() {
            let comparison = compare(&self.schema_root, &self.released)?;
            report(&comparison, &format!("the schema in {}", self.released.display()));
            if !comparison.is_allowed() {
                return Ok(ExitCode::FAILURE);
            }
        }
        let text = record(&self.schema_root, &self.name)?;
        let file = GeneratedFile { path: self.released, text };
        file.write()?;
        eprintln!("wrote {}", file.path.display());
        Ok(ExitCode::SUCCESS)
    }
}

const HELP: &str = "\
The file is a google.protobuf.FileDescriptorSet in protobuf's text format, one line for each field,
with limits and reserved numbers, without comments. Check it in, and renew it with each release. To
begin anew, for a schema that nobody has yet, delete it first.

Example:
  eyelet-codegen record --schema-root proto --released proto/released.txtpb --name 'sensor 1.0'

Exit codes: 0 written, 1 refused as by `compare`, 2 usage";
