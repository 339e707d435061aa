use core::ops::ControlFlow;

use eyelet_codec::frame::{self, Decoded, FrameError};
use eyelet_codec::{
    DetectionResult, DetectionResultVisitor, DetectionTask, Limits, Message, MessageError,
    ProcessRecord,
};

pub(crate) fn keep(keep: fn(*const ())) {
    if cfg!(feature = "decode-task") {
        keep(task as *const ());
    }
    if cfg!(feature = "decode-result") {
        keep(processes as *const ());
    }
    if cfg!(feature = "decode-frame") {
        keep(frame as *const ());
    }
}

fn task<'a>(bytes: &'a [u8], limits: &Limits) -> Result<DetectionTask<'a>, MessageError> {
    DetectionTask::decode_with(bytes, limits)
}

/// Shows each record, while it is decoded, to someone who may need any of its fields.
struct Rows(fn(&ProcessRecord<'_>) -> ControlFlow<()>);

impl<'a> DetectionResultVisitor<'a> for Rows {
    fn processes(&mut self, record: &ProcessRecord<'a>) -> ControlFlow<()> {
        (self.0)(record)
    }
}

fn processes<'a>(
    bytes: &'a [u8],
    limits: &Limits,
    rows: &mut Rows,
) -> Result<DetectionResult<'a>, MessageError> {
    DetectionResult::decode_each(bytes, limits, rows)
}

fn frame(input: &[u8], max_body: u32) -> Result<Decoded<'_>, FrameError> {
    frame::decode(input, max_body)
}
