use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::ExitCode;

use eyelet_transport::codec::ProcessFilter;

use super::exit::CommandError;
use super::listing::{Listing, connect, list};
use super::own_collector::OwnCollector;
use super::ps::Rows;

pub(super) fn run() -> Result<ExitCode, CommandError> {
    let own = OwnCollector::start()?;
    let shown = show(&own);
    own.end();
    shown.map(|()| ExitCode::SUCCESS)
}

fn show(own: &OwnCollector) -> Result<(), CommandError> {
    let endpoint = own.endpoint();
    let modes = Modes::of(endpoint).map_err(|error| CommandError::io("see the endpoint", error))?;
    let mut client = connect(endpoint)?;
    let mut rows = Rows::start(false);
    let listing = list(&mut client, ProcessFilter::default(), |record| rows.row(record))?;
    rows.finish().map_err(CommandError::output)?;
    let peer = client.peer().map_or_else(|| "unknown".to_owned(), |peer| peer.to_string());
    client.close();
    summarise(endpoint, &modes, &peer, &listing).map_err(CommandError::output)
}

/// Modes of the socket and of the directory that it lies in.
struct Modes {
    socket: u32,
    directory: u32,
}

impl Modes {
    fn of(endpoint: &Path) -> io::Result<Self> {
        let mode = |path: &Path| {
            fs::symlink_metadata(path).map(|found| found.permissions().mode() & 0o7777)
        };
        let directory = endpoint.parent().unwrap_or(Path::new("/"));
        Ok(Self { socket: mode(endpoint)?, directory: mode(directory)? })
    }
}

fn summarise(endpoint: &Path, modes: &Modes, peer: &str, listing: &Listing) -> io::Result<()> {
    use io::Write;
    let Listing { records, chunks, bytes, time, coverage } = listing;
    let Modes { socket, directory } = modes;
    let mut out = io::stdout().lock();
    writeln!(out)?;
    writeln!(out, "endpoint   {}", endpoint.display())?;
    writeln!(out, "modes      socket {socket:04o}, directory {directory:04o}")?;
    writeln!(out, "collector  {peer}, checked before the first byte")?;
    writeln!(out, "result     {records} records in {chunks} chunks, {bytes} bytes, {time:.1?}")?;
    writeln!(
        out,
        "coverage   {} seen, {} denied in part, {} vanished, {} cut",
        coverage.seen, coverage.denied, coverage.vanished, coverage.cut
    )?;
    writeln!(out)?;
    writeln!(out, "The collector and its socket are gone again. Try next, in two shells:")?;
    writeln!(out, "  eyelet serve")?;
    writeln!(
        out,
        "  eyelet ps --json --name bash --endpoint PATH    (the path that serve has printed)"
    )?;
    writeln!(out, "(`cargo run --release --` stands in for `eyelet` here.)")
}
