//! Tasks and results in the types that the others want.

pub(crate) mod json;
pub(crate) mod plain;
pub(crate) mod protobuf;

use eyelet_codec::DetectionResult;

/// What a result says besides its records.
pub(crate) fn borrowed_result(task_id: &str) -> DetectionResult<'_> {
    DetectionResult { task_id, success: true, ..Default::default() }
}
