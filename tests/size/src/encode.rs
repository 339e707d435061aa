use eyelet_codec::frame::{self, FrameError};
use eyelet_codec::{
    DetectionResult, DetectionTask, Message, MessageError, ProcessRecord, Progress, Pushed,
    ResultWriter,
};

pub(crate) fn keep(keep: fn(*const ())) {
    if cfg!(feature = "encode-task") {
        keep(task as *const ());
    }
    if cfg!(feature = "encode-result") {
        keep(processes as *const ());
        keep(rest as *const ());
    }
    if cfg!(feature = "encode-frame") {
        keep(frame as *const ());
    }
}

fn task(task: &DetectionTask<'_>, buf: &mut [u8]) -> Result<usize, MessageError> {
    task.encode(buf)
}

/// As many records as there is room for.
fn processes(records: &[ProcessRecord<'_>], buf: &mut [u8]) -> Result<Progress, MessageError> {
    let mut chunk = ResultWriter::new(buf);
    for record in records {
        if chunk.push(record)? == Pushed::Full {
            break;
        }
    }
    Ok(chunk.progress())
}

/// What a result says once.
fn rest(
    buf: &mut [u8],
    progress: Progress,
    once: &DetectionResult<'_>,
) -> Result<usize, MessageError> {
    let mut chunk = ResultWriter::resume(buf, progress);
    chunk.put(once)?;
    Ok(chunk.len())
}

fn frame(body: &[u8], buf: &mut [u8]) -> Result<usize, FrameError> {
    frame::encode(body, buf)
}
