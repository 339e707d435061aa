//! `cargo xtask size`: how much text the codec adds to a program.
//!
//! What is measured is in `tests/size`, outside the workspace; here it is built, once for each cell of the
//! table, and read.

mod group;
mod kept;
mod program;
mod toolchain;

use std::fs;

use clap::Args;

use self::group::Group;
use self::toolchain::Toolchain;
use crate::failure::Failure;
use crate::step::{Skips, Step};
use crate::workspace::Workspace;

pub(crate) const STEP: Step =
    Step { name: "size", about: "the codec takes as much text as README.md says", run: check };

#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Size {
    /// For this target instead of the machine at hand
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// Fail if README.md says otherwise of the same compiler and target, by more than 3 %
    #[arg(long)]
    check: bool,
    /// What else cargo is to be told
    #[arg(last = true, value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

/// Of this machine's compiler; one of which README.md says nothing is no failure.
fn check(workspace: &Workspace) -> Result<Skips, Failure> {
    if std::env::consts::OS != "linux" {
        return Ok(vec!["nothing was measured: it takes the linker of an ELF target".to_owned()]);
    }
    let toolchain = Toolchain::ask(workspace, None, &[])?;
    compare(workspace, &Group::measure(workspace, &toolchain)?).map(|()| Vec::new())
}

/// The table on stdout, what is going on on stderr.
pub(crate) fn run(workspace: &Workspace, size: &Size) -> Result<(), Failure> {
    let toolchain = Toolchain::ask(workspace, size.target.as_deref(), &size.arguments)?;
    let measured = Group::measure(workspace, &toolchain)?;
    print!("{}{measured}", group::HEAD);
    if size.check { compare(workspace, &measured) } else { Ok(()) }
}

fn compare(workspace: &Workspace, measured: &Group) -> Result<(), Failure> {
    let path = workspace.root.join("README.md");
    let readme = fs::read_to_string(&path).map_err(Failure::at(workspace.relative(&path)))?;
    let Some(promised) = Group::find(&readme, &measured.key) else {
        println!("README.md says nothing of {}", measured.key);
        return Ok(());
    };
    let differences = promised.differences(measured);
    if differences.is_empty() {
        println!("README.md says the same of {}", measured.key);
        return Ok(());
    }
    let list = differences.join("\n  ");
    Err(Failure::check(format!("README.md's table of text sizes is stale:\n  {list}")))
}

const HELP: &str = "\
A cell is the size in bytes of all text of a program that has the functions named and nothing else, built for
size: opt-level z, LTO, one codegen unit, panic=abort, no checks of overflow; nothing is subtracted. `memcpy`
and its like are part of it where there is no C library that has them. Constants are what else such a program
has in flash. It takes a minute, and the linker of an ELF target.

Examples:
  cargo xtask size
  cargo xtask size --check                                  compared with README.md
  cargo xtask size --target thumbv7em-none-eabihf           for a Cortex-M4F
  cargo xtask size --target TRIPLE -- -Z build-std=core     with a core built like the rest

Exit codes: 0 done, 1 README.md is stale or the program cannot be built, 2 usage";
