//! What this machine's collector does with tasks.

use eyelet_transport::codec::{DetectionTask, FaultCode, TaskType};
use eyelet_transport::server::Producer;
use eyelet_transport::{Fault, Handler, Outcome, Sink};

use crate::filter::{Filter, FilterError};
use crate::proc::{ProcError, Reader};

/// Answers tasks from `/proc`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Collector;

impl Handler for Collector {
    async fn handle(&self, task: DetectionTask<'_>, sink: &mut Sink<'_>) -> Result<Outcome, Fault> {
        match task.task_type {
            TaskType::ENUMERATE_PROCESSES => {
                let filter = Filter::compile(&task.process_filter.unwrap_or_default())
                    .map_err(|error| invalid(&error))?;
                sink.blocking(move |records| enumerate(&filter, records)).await
            }
            // The server has refused the rest, which it does not offer.
            _ => Err(Fault::new(FaultCode::UNSUPPORTED, "no such task here")),
        }
    }
}

fn enumerate(filter: &Filter, records: &mut Producer) -> Result<Outcome, Fault> {
    match Reader::open() {
        Ok(reader) => send_all(&reader, filter, records),
        Err(error) => Ok(failed(&error)),
    }
}

fn send_all(reader: &Reader, filter: &Filter, records: &mut Producer) -> Result<Outcome, Fault> {
    let mut snapshot = match reader.snapshot(filter) {
        Ok(snapshot) => snapshot,
        Err(error) => return Ok(failed(&error)),
    };
    loop {
        match snapshot.next() {
            Ok(Some(record)) => records.send(&record)?,
            Ok(None) => return Ok(Outcome::success().with_coverage(snapshot.coverage())),
            Err(error) => return Ok(failed(&error).with_coverage(snapshot.coverage())),
        }
    }
}

fn failed(error: &ProcError) -> Outcome {
    log::error!("cannot list processes: {error}");
    Outcome::failure(error.to_string())
}

fn invalid(error: &FilterError) -> Fault {
    let field = Some("ProcessFilter.executable_pattern".to_owned());
    Fault { field, ..Fault::new(FaultCode::INVALID, error.to_string()) }
}
