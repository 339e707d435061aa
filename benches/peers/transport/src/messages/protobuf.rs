//! prost's types, those that eyelet-codec generates for its feature `alloc`.

use eyelet_codec::proto::{DetectionResult, DetectionTask, ProcessFilter, ProcessRecord};

use crate::glance::{Glance, see_record, see_result, see_task};
use crate::wish::Wish;

/// Records of one message of a stream; about 50 KB.
pub(crate) const CHUNK: usize = 256;

pub(crate) fn task(wish: Wish) -> DetectionTask {
    let pids = wish.pids();
    let task = Wish::task(&pids);
    DetectionTask {
        task_id: task.task_id.to_owned(),
        task_type: task.task_type.0,
        process_filter: task.process_filter.map(|filter| ProcessFilter {
            process_names: filter.process_names.iter().map(str::to_owned).collect(),
            pids: filter.pids.iter().collect(),
            executable_pattern: filter.executable_pattern.map(str::to_owned),
        }),
        metadata: task.metadata.map(str::to_owned),
        ..Default::default()
    }
}

/// Reads all of a task, and what it asks for.
pub(crate) fn wish(task: &DetectionTask) -> Wish {
    let mut glance = Glance::default();
    see_task!(*task, &mut glance);
    std::hint::black_box(glance);
    let filter = task.process_filter.as_ref().expect("a filter");
    Wish::of(filter.pids.iter().copied())
}

pub(crate) fn result(task: DetectionTask, wish: Wish) -> DetectionResult {
    let processes = wish.records().map(owned).collect();
    DetectionResult { task_id: task.task_id, success: true, processes, ..Default::default() }
}

/// A result in messages of [`CHUNK`] records; the last says what is said once.
pub(crate) fn chunks(task: DetectionTask, wish: Wish) -> impl Iterator<Item = DetectionResult> {
    let mut records = wish.records().map(owned);
    let mut chunks = wish.count.div_ceil(u32::try_from(CHUNK).expect("few"));
    std::iter::from_fn(move || {
        chunks = chunks.checked_sub(1)?;
        let processes = records.by_ref().take(CHUNK).collect();
        let last = chunks == 0;
        let task_id = if last { task.task_id.clone() } else { String::new() };
        Some(DetectionResult { task_id, success: last, processes, ..Default::default() })
    })
}

/// Reads all of a result, or of a chunk of one.
pub(crate) fn see(result: &DetectionResult, glance: &mut Glance) {
    result.processes.iter().for_each(|record| see_record!(*record, glance));
    see_result!(*result, glance);
}

fn owned(record: &eyelet_codec::ProcessRecord<'_>) -> ProcessRecord {
    ProcessRecord {
        pid: record.pid,
        ppid: record.ppid,
        name: record.name.to_owned(),
        executable_path: record.executable_path.map(str::to_owned),
        command_line: record.command_line.iter().map(str::to_owned).collect(),
        start_time: record.start_time,
        cpu_usage: record.cpu_usage,
        memory_usage: record.memory_usage,
        user_id: record.user_id.map(str::to_owned),
        accessible: record.accessible,
        file_exists: record.file_exists,
        collection_time: record.collection_time,
        ..Default::default()
    }
}
