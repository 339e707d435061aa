use std::env;

use crate::failure::Failure;
use crate::process::Process;
use crate::workspace::Workspace;

/// The compiler that cargo takes.
pub(crate) struct Compiler {
    /// As `rustc --version` has it.
    pub(crate) version: String,
    /// The target that it builds for unless it is told otherwise.
    pub(crate) host: String,
}

impl Compiler {
    pub(crate) fn ask(workspace: &Workspace) -> Result<Self, Failure> {
        let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
        let answer = Process::new(&rustc, &workspace.root).args(["-vV"]).output()?;
        Self::parse(&String::from_utf8_lossy(&answer.stdout))
            .ok_or_else(|| Failure::check(format!("{rustc} -vV names no version and host")))
    }

    fn parse(answer: &str) -> Option<Self> {
        let version = answer.lines().next()?.to_owned();
        let host = answer.lines().find_map(|line| line.strip_prefix("host: "))?.to_owned();
        Some(Self { version, host })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_and_host_are_found_or_missed() {
        let answer =
            "rustc 1.89.0 (29483883e 2025-08-04)\nbinary: rustc\nhost: i686-unknown-linux-gnu\n";
        let compiler = Compiler::parse(answer).unwrap();
        assert_eq!(compiler.version, "rustc 1.89.0 (29483883e 2025-08-04)");
        assert_eq!(compiler.host, "i686-unknown-linux-gnu");
        assert!(Compiler::parse("rustc 1.89.0\n").is_none());
    }
}
