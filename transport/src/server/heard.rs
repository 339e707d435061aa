use eyelet_codec::FaultCode;
use eyelet_codec::session::{Event, Refusal};

use crate::Fault;

/// What an [`Event`] means for a connection, without the bytes that it came in.
pub(super) enum Heard {
    Nothing,
    Greeted,
    Task,
    Refused(FaultCode),
    Credit(u32),
    Cancel(u32),
    Deadline(u32),
    Overdue(u32),
    Closed(Fault),
    Broken(Refusal),
}

impl Heard {
    pub(super) fn of(event: &Event<'_>) -> Self {
        match event {
            Event::Open(_) => Self::Greeted,
            Event::Task { .. } => Self::Task,
            Event::Refused { code, .. } => Self::Refused(*code),
            Event::Credit { stream } => Self::Credit(*stream),
            Event::Cancel { stream } => Self::Cancel(*stream),
            Event::Deadline { stream } => Self::Deadline(*stream),
            Event::Overdue { stream } => Self::Overdue(*stream),
            Event::Closed(fault) => Self::Closed(Fault::from(fault)),
            Event::Broken(refusal) => Self::Broken(*refusal),
            // A connection that has streams goes on until they have ended, whoever leaves.
            _ => Self::Nothing,
        }
    }
}
