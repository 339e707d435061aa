//! `cargo xtask bench`: this project's codec and transport beside others.
//!
//! What is measured is in `benches/peers`, outside the workspace; here it is built, run and shown.
//! benches/README.md says what the figures mean.

mod about;
mod bar;
mod block;
mod codec;
mod figure;
mod machine;
mod quantity;
mod record;
mod report;
mod summary;
mod transport;

use clap::Subcommand;

use self::codec::Codec;
use self::report::Report;
use self::transport::Transport;
use crate::failure::Failure;
use crate::workspace::Workspace;

pub(crate) use self::codec::STEP;

#[derive(Subcommand)]
pub(crate) enum Bench {
    /// The codec beside others: times, ratios and counts of instructions
    Codec(Codec),
    /// The transport beside others: times, rates, memory and system calls
    Transport(Transport),
    /// One page with charts of what both have measured
    Report(Report),
}

pub(crate) fn run(workspace: &Workspace, bench: &Bench) -> Result<(), Failure> {
    match bench {
        Bench::Codec(codec) => codec::run(workspace, codec),
        Bench::Transport(transport) => transport::run(workspace, transport),
        Bench::Report(report) => report::run(workspace, report),
    }
}
