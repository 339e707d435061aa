use crate::failure::Failure;
use crate::workspace::Workspace;

/// Runs one of the tests as it is run in full, with what it prints shown; each variable is one that it
/// reads.
pub(crate) fn run(
    workspace: &Workspace,
    test: &str,
    variables: &[(&str, u64)],
) -> Result<(), Failure> {
    let command = ["test", "--locked", "--release", "--package", "eyelet-tests", "--test", test];
    let mut cargo = workspace.cargo(command).args(["--", "--nocapture", "--test-threads", "1"]);
    for (name, value) in variables {
        cargo = cargo.env(name, &value.to_string());
    }
    cargo.env_unseen("EYELET_NO_SKIP", "1").run()
}
