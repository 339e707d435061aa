//! Made-up processes, any number of them, each told by its number; the same as those of
//! `tests/python/collector.py`.

use eyelet_codec::{Coverage, DetectionTask, EventSource, FaultCode, ProcessRecord, Repeated};
use eyelet_transport::{Fault, Handler, Outcome, Sink};

/// Process 1000 + index, of seven names, with an empty argument between two others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synthetic {
    index: u32,
    name: String,
    path: String,
    arguments: String,
    entity: String,
}

impl Synthetic {
    /// Number `index`.
    pub fn new(index: u32) -> Self {
        let name = format!("made-up-{}", index % 7);
        Self {
            index,
            path: format!("/opt/{name}"),
            arguments: format!("{name}\0\0n={index}\0"),
            entity: format!("boot:{}:{index}", 1000 + index),
            name,
        }
    }

    /// As a message.
    pub fn record(&self) -> ProcessRecord<'_> {
        ProcessRecord {
            pid: 1000 + self.index,
            ppid: Some(1),
            name: &self.name,
            executable_path: Some(&self.path),
            command_line: Repeated::nul_terminated(&self.arguments),
            start_time: Some(1_700_000_000 + i64::from(self.index)),
            memory_usage: Some(4096 * u64::from(self.index)),
            user_id: Some("1000"),
            accessible: true,
            file_exists: true,
            collection_time: 1_700_000_000_000,
            entity_id: &self.entity,
            ..Default::default()
        }
    }
}

/// How many records a task asks for: its `metadata`.
///
/// # Errors
/// It is no number.
pub fn wanted(task: &DetectionTask<'_>) -> Result<u32, Fault> {
    let count = task.metadata.unwrap_or("0").parse();
    count.map_err(|_| Fault::new(FaultCode::INVALID, "metadata is not a number of records"))
}

/// Whether a task's filter lets a record pass: names and pids are joined by AND, values of one kind by
/// OR.
pub fn passes(task: &DetectionTask<'_>, record: &ProcessRecord<'_>) -> bool {
    task.process_filter.is_none_or(|filter| {
        let named = filter.process_names.iter().any(|name| name == record.name);
        let numbered = filter.pids.iter().any(|pid| pid == record.pid);
        (filter.process_names.is_empty() || named) && (filter.pids.is_empty() || numbered)
    })
}

/// How much a result speaks for.
pub fn coverage(seen: u32, matched: u64) -> Coverage {
    let source = EventSource::POLLED;
    Coverage { seen: seen.into(), matched, source, ..Default::default() }
}

/// A collector of made-up processes.
#[derive(Clone, Copy, Debug)]
pub struct Collector {
    /// How many there are; a task's metadata may ask for another number.
    pub records: u32,
}

impl Handler for Collector {
    async fn handle(&self, task: DetectionTask<'_>, sink: &mut Sink<'_>) -> Result<Outcome, Fault> {
        let count = if task.metadata.is_some() { wanted(&task)? } else { self.records };
        let mut matched = 0;
        for index in 0..count {
            let process = Synthetic::new(index);
            let record = process.record();
            if passes(&task, &record) {
                sink.send(&record).await?;
                matched += 1;
            }
        }
        Ok(Outcome::success().with_coverage(coverage(count, matched)))
    }
}
