use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use eyelet_transport::codec::{Coverage, ProcessFilter, ProcessRecord, Repeated, proto};

use super::arguments::Ps;
use super::exit::{CommandError, FINDING};
use super::listing::{Listing, connect, list};
use super::own_collector::OwnCollector;
use crate::table::Table;
use crate::terminal;
use crate::users::Users;

pub(super) fn run(ps: &Ps) -> Result<ExitCode, CommandError> {
    if let Some(endpoint) = &ps.endpoint {
        return show(endpoint, ps);
    }
    let own = OwnCollector::start()?;
    let shown = show(own.endpoint(), ps);
    own.end();
    shown
}

fn show(endpoint: &Path, ps: &Ps) -> Result<ExitCode, CommandError> {
    let mut client = connect(endpoint)?;
    let mut rows = Rows::start(ps.json);
    let names: Vec<&str> = ps.names.iter().map(String::as_str).collect();
    let filter = ProcessFilter {
        process_names: Repeated::new(&names),
        pids: Repeated::new(&ps.pids),
        executable_pattern: ps.executable.as_deref(),
    };
    let listing = list(&mut client, filter, |record| rows.row(record))?;
    rows.finish().map_err(CommandError::output)?;
    let of_root = client.peer().is_some_and(|peer| peer.uid == 0);
    client.close();
    Ok(conclude(ps, &listing, of_root))
}

/// What the list does not say, and the exit code.
fn conclude(ps: &Ps, listing: &Listing, of_root: bool) -> ExitCode {
    let Listing { records, coverage, .. } = listing;
    if coverage.denied > 0 {
        let advice = if of_root { "" } else { "; a collector of root's can" };
        let Coverage { denied, seen, .. } = coverage;
        log::warn!("{denied} of {seen} processes could not be read in full{advice}");
    }
    if coverage.left_out > 0 {
        log::warn!("{} processes were too large for a frame", coverage.left_out);
    }
    if *records == 0 && ps.is_filtered() {
        log::info!("nothing matched");
        return ExitCode::from(FINDING);
    }
    ExitCode::SUCCESS
}

type Output = BufWriter<io::StdoutLock<'static>>;

/// The processes on standard output, in one of two forms.
pub(super) enum Rows {
    /// Its head comes with the first row, so that a task which fails shows none.
    Table(Table<Output>, bool),
    Json(Output),
}

impl Rows {
    pub(super) fn start(json: bool) -> Self {
        let stdout = io::stdout();
        let width = terminal::width(&stdout);
        let output = BufWriter::new(stdout.lock());
        if json {
            return Self::Json(output);
        }
        // Without names of users their ids are shown.
        let table = Table::new(output, Users::read().unwrap_or_default(), width);
        Self::Table(table, false)
    }

    pub(super) fn row(&mut self, record: &ProcessRecord<'_>) -> io::Result<()> {
        match self {
            Self::Table(table, headed) => {
                if !std::mem::replace(headed, true) {
                    table.head()?;
                }
                table.row(record)
            }
            Self::Json(output) => {
                serde_json::to_writer(&mut *output, &proto::ProcessRecord::from(*record))?;
                output.write_all(b"\n")
            }
        }
    }

    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Self::Table(table, _) => table.finish(),
            Self::Json(mut output) => output.flush(),
        }
    }
}
