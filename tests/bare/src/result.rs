use core::ops::ControlFlow;

use eyelet_codec::{
    DetectionResult, DetectionResultVisitor, Finding, HashResult, Limits, MessageError,
    ProcessEvent, ProcessRecord, Progress, Pushed, ResultWriter,
};

/// Takes the records that it is told to.
pub struct Choosy {
    takes_processes: bool,
    pids: u64,
}

impl<'a> DetectionResultVisitor<'a> for Choosy {
    fn processes(&mut self, record: &ProcessRecord<'a>) -> ControlFlow<()> {
        self.pids = self.pids.wrapping_add(record.pid.into());
        if self.takes_processes { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

#[unsafe(no_mangle)]
pub fn result_decode_each<'a>(
    bytes: &'a [u8],
    limits: &Limits,
    visitor: &mut Choosy,
) -> [Result<DetectionResult<'a>, MessageError>; 2] {
    [
        DetectionResult::decode_each(bytes, limits, visitor),
        DetectionResult::decode_each(bytes, limits, &mut ()),
    ]
}

#[unsafe(no_mangle)]
pub fn result_visit(
    visitor: &mut Choosy,
    process: &ProcessRecord<'_>,
    event: &ProcessEvent<'_>,
    finding: &Finding<'_>,
    hash: &HashResult<'_>,
) -> [ControlFlow<()>; 4] {
    [
        <Choosy as DetectionResultVisitor>::processes(visitor, process),
        <Choosy as DetectionResultVisitor>::events(visitor, event),
        <Choosy as DetectionResultVisitor>::findings(visitor, finding),
        <Choosy as DetectionResultVisitor>::hash_results(visitor, hash),
    ]
}

#[unsafe(no_mangle)]
pub fn result_keep(visitor: &mut Choosy) -> [bool; 4] {
    [
        <Choosy as DetectionResultVisitor>::processes_kept_in(visitor).is_some(),
        <Choosy as DetectionResultVisitor>::events_kept_in(visitor).is_some(),
        <Choosy as DetectionResultVisitor>::findings_kept_in(visitor).is_some(),
        <Choosy as DetectionResultVisitor>::hash_results_kept_in(visitor).is_some(),
    ]
}

#[unsafe(no_mangle)]
pub fn result_decode_into<'s, 'a: 's>(
    bytes: &'a [u8],
    limits: &Limits,
    slots: &'s mut [ProcessRecord<'a>],
) -> Result<DetectionResult<'s>, MessageError> {
    DetectionResult::decode_into(bytes, limits, slots)
}

#[unsafe(no_mangle)]
pub fn result_writer(
    writer: &mut ResultWriter<'_>,
    process: &ProcessRecord<'_>,
    event: &ProcessEvent<'_>,
    finding: &Finding<'_>,
    hash: &HashResult<'_>,
) -> [Result<Pushed, MessageError>; 4] {
    [
        ResultWriter::push(writer, process),
        ResultWriter::push_event(writer, event),
        ResultWriter::push_finding(writer, finding),
        ResultWriter::push_hash(writer, hash),
    ]
}

#[unsafe(no_mangle)]
pub fn result_writer_put(
    writer: &mut ResultWriter<'_>,
    once: &DetectionResult<'_>,
    chunk: &[u8],
) -> (Result<(), MessageError>, Pushed) {
    (ResultWriter::put(writer, once), ResultWriter::put_encoded(writer, chunk))
}

#[unsafe(no_mangle)]
pub fn result_writer_new<'b>(
    buf: &'b mut [u8],
    other: &'b mut [u8],
    progress: Progress,
) -> (ResultWriter<'b>, ResultWriter<'b>) {
    (ResultWriter::new(buf), ResultWriter::resume(other, progress))
}

#[unsafe(no_mangle)]
pub fn result_progress(writer: &ResultWriter<'_>, progress: &Progress) -> (usize, bool, Progress) {
    let all = Progress::len(progress) == ResultWriter::len(writer);
    let none = Progress::is_empty(progress) && ResultWriter::is_empty(writer);
    (Progress::records(progress) as usize, all || none, ResultWriter::progress(writer))
}
