use crate::failure::Failure;
use crate::workspace::Workspace;

/// Runs one of the tests as it is run in full, with what it prints shown; each variable is one that it
/// reads.
pub(crate) fn run(
    workspace: &Workspace,
    test: &str,
    variables: &[(&str, u64)],
) -> Result<(), Failure> {
    run_on(workspace, test, variables, "1")
}

/// Runs what it consists of at the same time: for what mostly waits.
pub(crate) fn run_at_once(
    workspace: &Workspace,
    test: &str,
    variables: &[(&str, u64)],
) -> Result<(), Failure> {
    run_on(workspace, test, variables, "64")
}

fn run_on(
    workspace: &Workspace,
    test: &str,
    variables: &[(&str, u64)],
    threads: &str,
) -> Result<(), Failure> {
    let command = ["test", "--locked", "--release", "--package", "eyelet-tests", "--test", test];
    let mut cargo = workspace.cargo(command).args(["--", "--nocapture", "--test-threads", threads]);
    for (name, value) in variables {
        cargo = cargo.env(name, &value.to_string());
    }
    cargo.env_unseen("EYELET_NO_SKIP", "1").run()
}
