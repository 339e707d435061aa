//! The generator as a command.

mod command;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use eyelet_codegen::CodegenError;

use crate::command::compare::Compare;
use crate::command::generate::Generate;
use crate::command::options::Options;
use crate::command::record::Record;

/// Bounded messages, without a heap, from a protobuf schema that states its limits
#[derive(Parser)]
#[command(name = "eyelet-codegen", version, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write Rust modules for the .proto files below a directory
    Generate(Generate),
    /// Fail if peers of the last released schema could not live with this one
    Compare(Compare),
    /// Write down a schema that is being released, for `compare`
    Record(Record),
    /// Write eyelet/v1/limits.proto, which protoc and editors miss
    Options(Options),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Generate(generate) => generate.run(),
        Task::Compare(compare) => compare.run(),
        Task::Record(record) => record.run(),
        Task::Options(options) => options.run(),
    };
    done.unwrap_or_else(|error| {
        match error {
            CodegenError::Refused(refused) => {
                for (place, refusal) in refused {
                    eprintln!("error: {place}: {refusal}");
                }
            }
            error => eprintln!("error: {error}"),
        }
        ExitCode::FAILURE
    })
}

const EXAMPLES: &str = "\
A schema:
  syntax = \"proto3\";
  package sensor.v1;
  import \"eyelet/v1/limits.proto\";    // is in this program; no file of that name is needed
  message Reading {
    uint32 channel = 1;
    string unit = 2 [(eyelet.v1.limits).max_bytes = 16];
    repeated sint32 samples = 3 [(eyelet.v1.limits).max_items = 64];
  }

Every string and bytes field states max_bytes, every repeated field max_items. Maps, groups, proto2,
extensions and types of another package are refused.

Examples:
  eyelet-codegen generate --schema-root proto --out src/messages
  eyelet-codegen generate --schema-root proto --out src/messages --check
  eyelet-codegen record --schema-root proto --released proto/released.txtpb --name 'sensor 1.0'
  eyelet-codegen compare --schema-root proto --released proto/released.txtpb

Exit codes: 0 done, 1 refused, stale or unreadable, 2 usage";
