use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use eyelet_transport::blocking::{Backoff, Client, Options};
use eyelet_transport::codec::{Coverage, DetectionTask, ProcessFilter, ProcessRecord, TaskType};

use super::exit::CommandError;

/// What came of listing processes.
pub(super) struct Listing {
    pub(super) records: u64,
    pub(super) chunks: u64,
    /// Encoded bytes of the chunks, without their frames.
    pub(super) bytes: u64,
    pub(super) time: Duration,
    pub(super) coverage: Coverage,
}

/// What fails is told at once: whoever runs a command can run it again.
pub(super) fn connect(endpoint: &Path) -> Result<Client, CommandError> {
    let options = Options { backoff: Backoff::none(), ..Options::default() };
    Ok(Client::connect_with(absolute(endpoint)?, options)?)
}

/// A path that was given from the current directory on.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, CommandError> {
    std::path::absolute(path)
        .map_err(|error| CommandError::io("tell where a relative path is", error))
}

/// Lists the processes that `filter` lets through, and shows each to `see` as it comes.
pub(super) fn list(
    client: &mut Client,
    filter: ProcessFilter<'_>,
    mut see: impl FnMut(&ProcessRecord<'_>) -> io::Result<()>,
) -> Result<Listing, CommandError> {
    let task = DetectionTask {
        task_id: "ps",
        task_type: TaskType::ENUMERATE_PROCESSES,
        process_filter: Some(filter),
        ..Default::default()
    };
    let begun = Instant::now();
    let mut stream = client.stream(&task)?;
    let (mut chunks, mut bytes, mut coverage) = (0, 0, Coverage::default());
    while let Some(mut chunk) = stream.next()? {
        (chunks, bytes) = (chunks + 1, bytes + chunk.len() as u64);
        let mut shown = Ok(());
        let rest = chunk.for_each(|record| {
            if shown.is_ok() {
                shown = see(record);
            }
        })?;
        shown.map_err(CommandError::output)?;
        if chunk.is_last() && !rest.success {
            let reason = rest.error_message.unwrap_or("it failed and did not say why");
            return Err(CommandError::Task(reason.to_owned()));
        }
        coverage = rest.coverage.unwrap_or(coverage);
    }
    let time = begun.elapsed();
    Ok(Listing { records: stream.records(), chunks, bytes, time, coverage })
}
