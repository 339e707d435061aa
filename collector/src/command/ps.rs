use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use eyelet_transport::Client;
use eyelet_transport::codec::{ProcessFilter, ProcessRecord, Repeated, proto};

use super::arguments::Ps;
use super::exit::{CommandError, FINDING};
use super::listing::{Listing, list};
use super::own_collector::OwnCollector;
use crate::table::Table;
use crate::terminal;
use crate::users::Users;

pub(super) async fn run(ps: Ps) -> Result<ExitCode, CommandError> {
    if let Some(endpoint) = &ps.endpoint {
        return show(endpoint, &ps).await;
    }
    let own = OwnCollector::start().await?;
    let shown = show(own.endpoint(), &ps).await;
    own.end().await;
    shown
}

async fn show(endpoint: &Path, ps: &Ps) -> Result<ExitCode, CommandError> {
    let client = Client::connect(endpoint).await?;
    let mut rows = Rows::start(ps.json).map_err(CommandError::output)?;
    let names: Vec<&str> = ps.names.iter().map(String::as_str).collect();
    let filter = ProcessFilter {
        process_names: Repeated::new(&names),
        pids: Repeated::new(&ps.pids),
        executable_pattern: ps.executable.as_deref(),
    };
    let listing = list(&client, filter, |record| rows.row(record)).await?;
    rows.finish().map_err(CommandError::output)?;
    client.close().await;
    Ok(conclude(ps, &listing))
}

/// What the list does not say, and the exit code.
fn conclude(ps: &Ps, listing: &Listing) -> ExitCode {
    let Listing { records, coverage, .. } = listing;
    if coverage.denied > 0 {
        log::warn!(
            "{} of {} processes could not be read in full; a collector of root's can",
            coverage.denied,
            coverage.seen
        );
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
    Table(Table<Output>),
    Json(Output),
}

impl Rows {
    pub(super) fn start(json: bool) -> io::Result<Self> {
        let stdout = io::stdout();
        let width = terminal::width(&stdout);
        let output = BufWriter::new(stdout.lock());
        if json {
            return Ok(Self::Json(output));
        }
        // Without names of users their ids are shown.
        let mut table = Table::new(output, Users::read().unwrap_or_default(), width);
        table.head()?;
        Ok(Self::Table(table))
    }

    pub(super) fn row(&mut self, record: &ProcessRecord<'_>) -> io::Result<()> {
        match self {
            Self::Table(table) => table.row(record),
            Self::Json(output) => {
                serde_json::to_writer(&mut *output, &proto::ProcessRecord::from(*record))?;
                output.write_all(b"\n")
            }
        }
    }

    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Self::Table(table) => table.finish(),
            Self::Json(mut output) => output.flush(),
        }
    }
}
