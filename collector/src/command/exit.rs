use std::error::Error;
use std::fmt::{self, Display, Formatter};
use std::io::{self, Write};
use std::process::ExitCode;

use eyelet_transport::client::{ClientError, Failure};
use eyelet_transport::codec::FaultCode;
use eyelet_transport::codec::session::SubmitError;
use eyelet_transport::endpoint::{BindError, ErrorKind};

/// Nothing matched, or something was found.
pub(super) const FINDING: u8 = 1;
// The rest are those of sysexits(3).
const USAGE: u8 = 2;
const UNAVAILABLE: u8 = 69;
const IO: u8 = 74;
const DEADLINE: u8 = 75;
const PROTOCOL: u8 = 76;
const REFUSED: u8 = 77;

/// Why the command ends, and with which code.
#[derive(Debug)]
pub(super) enum CommandError {
    /// The reader of our output has gone, which is no error.
    OutputClosed,
    /// What could not be done, and why.
    Io(&'static str, io::Error),
    /// The endpoint could not be made.
    Bind(BindError),
    /// The collector could not be asked.
    Client(ClientError),
    /// The task ran and failed.
    Task(String),
    /// The command's own collector did not start.
    Collector(String),
}

impl CommandError {
    pub(super) fn io(doing: &'static str, error: io::Error) -> Self {
        Self::Io(doing, error)
    }

    /// Writing to standard output failed.
    pub(super) fn output(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::OutputClosed,
            _ => Self::Io("write to standard output", error),
        }
    }

    pub(super) fn report(&self) -> ExitCode {
        if let Self::OutputClosed = self {
            return ExitCode::SUCCESS;
        }
        // There is nobody else to tell if standard error is closed.
        let _ = writeln!(io::stderr(), "eyelet: {self}");
        ExitCode::from(self.code())
    }

    fn code(&self) -> u8 {
        match self {
            Self::OutputClosed => 0,
            Self::Io(..) | Self::Task(_) => IO,
            Self::Bind(error) => kind(error.kind()),
            Self::Client(error) => failure(error.failure()),
            Self::Collector(_) => UNAVAILABLE,
        }
    }
}

fn kind(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Usage => USAGE,
        ErrorKind::Unavailable => UNAVAILABLE,
        ErrorKind::Refused => REFUSED,
        _ => IO,
    }
}

fn failure(failure: &Failure) -> u8 {
    match failure {
        Failure::Connect(error) => kind(error.kind()),
        Failure::Refused(fault) | Failure::Task(fault) => self::fault(fault.code),
        Failure::NotSent(SubmitError::TooLarge { .. }) | Failure::InvalidTask(_) => USAGE,
        Failure::Cut | Failure::NotSent(_) => UNAVAILABLE,
        Failure::Line(_) | Failure::TooLarge { .. } => IO,
        Failure::Deadline => DEADLINE,
        Failure::Protocol(refusal) if refusal.code == FaultCode::TIMEOUT => DEADLINE,
        _ => PROTOCOL,
    }
}

fn fault(code: FaultCode) -> u8 {
    match code {
        FaultCode::UNAUTHORIZED => REFUSED,
        FaultCode::BUSY | FaultCode::GOING_AWAY => UNAVAILABLE,
        FaultCode::TIMEOUT => DEADLINE,
        FaultCode::INVALID => USAGE,
        FaultCode::INTERNAL => IO,
        _ => PROTOCOL,
    }
}

impl From<ClientError> for CommandError {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

impl From<BindError> for CommandError {
    fn from(error: BindError) -> Self {
        Self::Bind(error)
    }
}

impl Display for CommandError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutputClosed => f.write_str("standard output is closed"),
            Self::Io(doing, error) => write!(f, "cannot {doing}: {error}"),
            Self::Bind(error) => error.fmt(f),
            Self::Client(error) => error.fmt(f),
            Self::Task(reason) => {
                write!(f, "the collector could not do it: {}", reason.escape_debug())
            }
            Self::Collector(reason) => write!(f, "the command's own collector {reason}"),
        }
    }
}

impl Error for CommandError {}
