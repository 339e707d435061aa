use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use eyelet_codegen::{CodegenError, Comparison, compare};

#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Compare {
    /// Directory of the schema as it is now
    #[arg(long, value_name = "DIR")]
    schema_root: PathBuf,
    /// The last release, as `record` wrote it
    #[arg(long, value_name = "FILE")]
    released: PathBuf,
}

impl Compare {
    pub(crate) fn run(self) -> Result<ExitCode, CodegenError> {
        let comparison = compare(&self.schema_root, &self.released)?;
        report(&comparison, &format!("the schema in {}", self.released.display()));
        Ok(if comparison.is_allowed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Says what breaks peers of `release`, and what can be done about all of it.
pub(crate) fn report(comparison: &Comparison, release: &str) {
    let Comparison { breaks, released_version, version } = comparison;
    let allowed = comparison.is_allowed();
    for found in breaks {
        eprintln!("{}: {found}", if allowed { "note" } else { "error" });
    }
    let count = match breaks.len() {
        0 => return,
        1 => "1 change".to_owned(),
        count => format!("{count} changes"),
    };
    let summary = format!("{count} that peers of {release} could not live with");
    if allowed {
        eprintln!("{summary}; protocol_version went from {released_version} to {version}");
    } else {
        eprintln!(
            "{summary}. Go back; or raise `option (eyelet.v1.protocol_version)` above \
             {released_version}, and tell older peers by it"
        );
    }
}

const HELP: &str = "\
Refused, since peers of either version could not live with it:
  - a field or enum value that changes its number or its name, or goes without both being reserved
  - a reserved number or name that is used, or no longer reserved
  - another type or presence (optional, repeated, oneof), another json_name, opaque or not
  - a limit that rises (older peers refuse more) or falls (older peers send more); non_empty likewise
  - a new field that is non_empty and not optional: older peers leave it out
  - a message that peers send as a whole and that goes, or another package
Allowed: new messages, enums, enum values and fields; reserving; comments; files and their order;
on_excess and notes, which are the sender's own; packed; services; max_total_bytes where it limits nothing.

All of it is allowed, and listed, where `option (eyelet.v1.protocol_version) = N;` has risen since the
release: both sides can then tell an older peer, and refuse it or go by the older rules.

Example:
  eyelet-codegen compare --schema-root proto --released proto/released.txtpb

Exit codes: 0 compatible or another version, 1 refused, 2 usage";
