use std::error::Error;
use std::fmt::{self, Display, Formatter};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use eyelet_codec::session::{Refusal, SubmitError};
use eyelet_codec::{FaultCode, MessageError};

use crate::Fault;
use crate::endpoint::ConnectError;

/// Why a connection, a task or a result came to nothing: where, what, whose fault, what to do.
#[derive(Clone, Debug)]
pub struct ClientError(Box<Report>);

#[derive(Clone, Debug)]
struct Report {
    endpoint: Option<PathBuf>,
    failure: Failure,
    records: u64,
}

/// What went wrong.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Failure {
    /// There is no connection to the endpoint.
    Connect(Arc<ConnectError>),
    /// The collector ended the connection, and said why.
    Refused(Fault),
    /// The collector could not run or finish the task.
    Task(Fault),
    /// The collector broke the protocol.
    Protocol(Refusal),
    /// The connection ended without a word.
    Cut,
    /// The system could not move the connection's bytes.
    Line(io::ErrorKind),
    /// The task was not sent.
    NotSent(SubmitError),
    /// The task breaks the schema's limits.
    InvalidTask(MessageError),
    /// The result is not one, or breaks the schema's limits.
    InvalidResult(MessageError),
    /// The whole result is larger than the caller wants to keep.
    TooLarge {
        /// [`Options::max_result`](super::Options::max_result), in bytes.
        limit: usize,
    },
    /// The task took longer than the caller wants to wait.
    Deadline,
}

impl ClientError {
    pub(crate) fn new(endpoint: Option<&Path>, failure: Failure) -> Self {
        let endpoint = endpoint.map(Path::to_owned);
        Self(Box::new(Report { endpoint, failure, records: 0 }))
    }

    /// Which has come to pass after so many records.
    pub(crate) fn after(mut self, records: u64) -> Self {
        self.0.records = records;
        self
    }

    /// What went wrong.
    pub fn failure(&self) -> &Failure {
        &self.0.failure
    }

    /// The endpoint, where the connection has one.
    pub fn endpoint(&self) -> Option<&Path> {
        self.0.endpoint.as_deref()
    }

    /// Records of the result that had come before.
    pub fn records(&self) -> u64 {
        self.0.records
    }
}

impl Failure {
    /// Of a line. A peer that has gone shows as a broken pipe or a reset, by what was under way.
    pub(crate) fn of_line(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => Self::Cut,
            kind => Self::Line(kind),
        }
    }
}

impl Display for ClientError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Report { endpoint, failure, records } = &*self.0;
        // A failed connect names its path itself.
        if let (Some(endpoint), false) = (endpoint, matches!(failure, Failure::Connect(_))) {
            write!(f, "{}: ", endpoint.display())?;
        }
        failure.fmt(f)?;
        if *records > 0 {
            write!(f, " (after {records} records)")?;
        }
        Ok(())
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => error.fmt(f),
            Self::Refused(fault) if fault.code == FaultCode::UNAUTHORIZED => {
                write!(f, "the collector refuses this user: {fault}")
            }
            Self::Refused(fault) => write!(f, "the collector ended the connection: {fault}"),
            Self::Task(fault) => write!(f, "the collector could not finish the task: {fault}"),
            Self::Protocol(refusal) => write!(f, "the collector broke the protocol: {refusal}"),
            Self::Cut => f.write_str("the connection was cut; is the collector still running?"),
            Self::Line(kind) => write!(f, "the connection failed: {kind}"),
            Self::NotSent(error) => write!(f, "the task was not sent: {error}"),
            Self::InvalidTask(error) => write!(f, "the task is not valid: {error}"),
            Self::InvalidResult(error) => write!(f, "the collector's result is not valid: {error}"),
            Self::TooLarge { limit } => {
                write!(f, "the result is larger than {limit} bytes; read it as a stream")
            }
            Self::Deadline => f.write_str(
                "the task took too long and was cancelled; the client's options have its deadline",
            ),
        }
    }
}

impl Error for ClientError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0.failure {
            Failure::Connect(error) => Some(error),
            Failure::Refused(fault) | Failure::Task(fault) => Some(fault),
            Failure::Protocol(refusal) => Some(refusal),
            Failure::NotSent(error) => Some(error),
            Failure::InvalidTask(error) | Failure::InvalidResult(error) => Some(error),
            Failure::Cut | Failure::Line(_) | Failure::TooLarge { .. } | Failure::Deadline => None,
        }
    }
}
