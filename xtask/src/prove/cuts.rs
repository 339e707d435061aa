use super::suite::{Figures, Suite};
use crate::failure::Failure;
use crate::workspace::Workspace;

pub(crate) const HELP: &str = "\
A conversation with several tasks is cut before each of its bytes, in three ways: the sending half is shut
and the rest read, the line is closed at once, and it is closed with input unread. Once the agent's side is
cut, against a server with a single place, and once the collector's, against either client. After each cut
no task, place or descriptor is left, and who read has the exact count of records; after all of them the
memory in use is what it was.

Examples:
  cargo xtask prove cuts

Exit codes: 0 nothing is left, 1 something is, 2 usage";

pub(crate) fn run(workspace: &Workspace) -> Result<Figures, Failure> {
    Suite::promise("cuts").run(workspace)
}
