use eyelet_codec::session::Event;
use eyelet_codec::{Fault, FaultCode};

use crate::page::Cell;
use crate::wire::{self, Packet};

/// An event that can be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Nothing,
    Open,
    Task {
        stream: u32,
        content: Vec<u8>,
    },
    /// `len` bytes of a whole body.
    Result {
        stream: u32,
        content: Vec<u8>,
        more: bool,
        cost: u64,
        len: u64,
    },
    Refused(u32, FaultCode),
    Fault(u32, FaultCode),
    Credit(u32),
    Cancel(u32),
    Deadline(u32),
    Overdue(u32),
    GoAway,
    Closed(FaultCode),
    Broken(FaultCode),
}

impl Heard {
    pub(crate) fn of(event: Event<'_>, len: usize) -> Self {
        match event {
            Event::Nothing => Self::Nothing,
            Event::Open(_) => Self::Open,
            Event::Task { stream, task } => Self::Task { stream, content: task.to_vec() },
            Event::Refused { stream, code } => Self::Refused(stream, code),
            Event::Result { stream, result, cost, more } => {
                Self::Result { stream, content: result.to_vec(), more, cost, len: len as u64 }
            }
            Event::Fault { stream, fault: Fault { code, .. } } => Self::Fault(stream, code),
            Event::Credit { stream } => Self::Credit(stream),
            Event::Cancel { stream } => Self::Cancel(stream),
            Event::Deadline { stream } => Self::Deadline(stream),
            Event::Overdue { stream } => Self::Overdue(stream),
            Event::GoAway(_) => Self::GoAway,
            Event::Closed(fault) => Self::Closed(fault.code),
            Event::Broken(refusal) => Self::Broken(refusal.code),
            other => panic!("an event that this test does not know: {other:?}"),
        }
    }
}

/// What became of a packet, in the page's words.
pub(crate) fn outcome(
    heard: &Heard,
    said: &[Packet],
    key: &impl std::fmt::Debug,
) -> Result<Cell, String> {
    Ok(match (heard, said) {
        (Heard::Open, _) => Cell::Opened,
        (Heard::Task { .. }, []) => Cell::Task,
        (Heard::Result { more: true, .. }, []) => Cell::Result,
        (Heard::Result { more: false, .. } | Heard::Fault(..), []) => Cell::End,
        (Heard::Credit(_), []) => Cell::Credit,
        (Heard::Cancel(_), []) => Cell::Cancel,
        (Heard::GoAway, []) => Cell::Leaves,
        (Heard::Nothing, []) => Cell::Ignored,
        (Heard::Closed(_), []) => Cell::Closed,
        (Heard::Nothing, [pong]) if pong.body == wire::PONG => Cell::Pong,
        (Heard::Refused(stream, told), [fault])
            if fault.is_fault((*stream).into(), told.0.cast_unsigned().into()) =>
        {
            Cell::Refused(told.0)
        }
        (Heard::Broken(broken), [fault])
            if fault.is_fault(0, code(fault).cast_unsigned().into()) =>
        {
            if broken.0 != code(fault) {
                return Err(format!("{broken:?}, and the peer is told {fault:?}"));
            }
            Cell::Broken(broken.0)
        }
        other => return Err(format!("{key:?}: {other:?}")),
    })
}

fn code(fault: &Packet) -> i32 {
    fault.number(1).and_then(|code| i32::try_from(code).ok()).unwrap_or_default()
}
