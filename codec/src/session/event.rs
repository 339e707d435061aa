use super::Refusal;
use crate::{Fault, FaultCode, GoAway, Hello};

/// What a frame or the passing of time means for the application.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Nothing; something may be owed to the peer.
    Nothing,
    /// The peer has said who it is, and tasks may flow.
    Open(Hello<'a>),
    /// Collector: a task opened its stream.
    Task {
        /// To answer on.
        stream: u32,
        /// An encoded task, not looked at yet.
        task: &'a [u8],
    },
    /// Collector: a task came that is not begun. Its stream was opened and ends by a fault of the session's
    /// own (rule 4).
    Refused {
        /// Which stream.
        stream: u32,
        /// BUSY or `GOING_AWAY`.
        code: FaultCode,
    },
    /// Agent: one chunk of a result.
    Result {
        /// Of which task.
        stream: u32,
        /// An encoded result, not looked at yet.
        result: &'a [u8],
        /// Body bytes that it took of the stream's credit: [`consume`](super::Session::consume) them
        /// when the application is done with the chunk.
        cost: u64,
        /// False: this was the last, and the stream has ended.
        more: bool,
    },
    /// Agent: the collector could not run or finish a task, and its stream has ended.
    Fault {
        /// Of which task.
        stream: u32,
        /// Why.
        fault: Fault<'a>,
    },
    /// Collector: results may go on.
    Credit {
        /// On which stream.
        stream: u32,
    },
    /// Collector: the agent wants no more. The stream stays open until its work has stopped and
    /// [`fail`](super::Session::fail) or a terminal result says so; there are 5 s for that.
    Cancel {
        /// Which stream.
        stream: u32,
    },
    /// A task is over its deadline. A collector stops the work and fails the stream, within 5 s; an
    /// agent's session has cancelled it already.
    Deadline {
        /// Which stream.
        stream: u32,
    },
    /// Collector: 5 s after a [`Cancel`](Self::Cancel) or a [`Deadline`](Self::Deadline) the work has
    /// not stopped. The session has ended the stream by a fault of its own (rule 5): what the work
    /// still gives is to be dropped.
    Overdue {
        /// Which stream.
        stream: u32,
    },
    /// The peer begins no more tasks.
    GoAway(GoAway<'a>),
    /// The peer ended the connection, and says why. Nothing more is to be sent.
    Closed(Fault<'a>),
    /// This side ends the connection: send what is owed, then close.
    Broken(Refusal),
}
