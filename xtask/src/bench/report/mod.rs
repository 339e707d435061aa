//! `cargo xtask bench report`: one page with codec and transport beside their peers.

mod bars;
mod chart;
mod outline;
mod page;
mod run;

use std::fs;
use std::path::{Path, PathBuf, absolute};

use clap::Args;

use self::page::Page;
use self::run::Run;
use super::record::Record;
use super::{codec, transport};
use crate::failure::Failure;
use crate::workspace::Workspace;

/// Where it is said what the figures mean.
const README: &str = "benches/README.md";

#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Report {
    /// Where to write the page [default: target/bench/report.html]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What the codec's benchmark has left [default: target/bench/codec.json]
    #[arg(long, value_name = "FILE")]
    codec: Option<PathBuf>,
    /// What the transport's benchmark has left [default: target/bench/transport.json]
    #[arg(long, value_name = "FILE")]
    transport: Option<PathBuf>,
}

/// The page's path on stdout, what is amiss with the figures on stderr.
pub(crate) fn run(workspace: &Workspace, report: &Report) -> Result<(), Failure> {
    let path = |asked: &Option<PathBuf>, otherwise| asked.clone().unwrap_or(otherwise);
    let records = [
        Record::read(&path(&report.codec, codec::path(workspace)), codec::COMMAND)?,
        Record::read(&path(&report.transport, transport::path(workspace)), transport::COMMAND)?,
    ];
    let output = path(&report.output, workspace.target.join("bench").join("report.html"));
    let page = Page::new(Run::of_both(&records), readme(&workspace.root, &output)?);
    for note in page.notes() {
        eprintln!("note: {note}");
    }
    if let Some(directory) = output.parent() {
        fs::create_dir_all(directory).map_err(Failure::at(directory))?;
    }
    fs::write(&output, page.html()).map_err(Failure::at(&output))?;
    println!("{}", workspace.relative(&output).display());
    Ok(())
}

/// How the page gets to the text that says what its figures mean, if it lies in the same checkout.
fn readme(root: &Path, page: &Path) -> Result<Option<String>, Failure> {
    let page = absolute(page).map_err(Failure::at(page))?;
    let Ok(inside) = page.strip_prefix(root) else { return Ok(None) };
    Ok(Some("../".repeat(inside.components().count() - 1) + README))
}

const HELP: &str = "\
Makes one page of what `cargo xtask bench codec` and `cargo xtask bench transport` have left: a chart of each
thing that was measured, what has to be reached, the machine and all versions. The page needs no network and
no script. Measures nothing; the path of the page is printed.

Examples:
  cargo xtask bench report
  cargo xtask bench report --output report.html
  cargo xtask bench report --codec before/codec.json --transport before/transport.json";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_in_the_checkout_finds_its_way_to_the_text() {
        let found = |page: &str| readme(Path::new("/here"), Path::new(page)).unwrap();
        assert_eq!(found("/here/page.html").as_deref(), Some("benches/README.md"));
        assert_eq!(found("/here/target/bench/x.html").as_deref(), Some("../../benches/README.md"));
        assert_eq!(found("/elsewhere/page.html"), None);
    }
}
