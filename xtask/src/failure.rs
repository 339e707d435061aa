use std::fmt::{self, Display, Formatter};
use std::io;
use std::path::Path;
use std::process::ExitStatus;

/// Why a check did not pass.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The system refused something.
    Io { what: String, source: io::Error },
    /// A command ended with something else than 0.
    Command { line: String, status: ExitStatus },
    /// What was looked at is not as it has to be.
    Check(String),
}

impl Failure {
    pub(crate) fn check(what: impl Into<String>) -> Self {
        Self::Check(what.into())
    }

    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let what = path.display().to_string();
        move |source| Self::Io { what, source }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { what, source } => write!(f, "{what}: {source}"),
            Self::Command { line, status } => write!(f, "`{line}` ended with {status}"),
            Self::Check(what) => f.write_str(what),
        }
    }
}
