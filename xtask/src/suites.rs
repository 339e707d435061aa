use crate::failure::Failure;
use crate::step::{Skips, Step};
use crate::workspace::Workspace;

pub(crate) const STEP: Step =
    Step { name: "test", about: "all tests, the codec's also with no and with all features", run };

/// A test that cannot do its work here says so in a line of this beginning, on stderr.
const SKIPPED: &str = "SKIPPED: ";

fn run(workspace: &Workspace) -> Result<Skips, Failure> {
    let codec = ["--package", "eyelet-codec"];
    let (bare, full) = ("--no-default-features", "--all-features");
    let mut skips = Vec::new();
    let mut failures = Vec::new();
    for choice in
        [vec!["--workspace"], [&codec[..], &[bare]].concat(), [&codec[..], &[full]].concat()]
    {
        let suite = ["test", "--locked", "--no-fail-fast"].into_iter().chain(choice);
        let run = workspace.cargo(suite).run_watched(|line| skips.extend(skip(line)));
        failures.extend(run.err());
    }
    let fuzz = workspace.root.join("fuzz/Cargo.toml");
    failures.extend(workspace.cargo_outside("test", &fuzz).run().err());
    skips.sort();
    skips.dedup();
    failures.into_iter().next().map_or(Ok(skips), Err)
}

/// What a line of a test's output says was skipped.
fn skip(line: &str) -> Option<String> {
    if let Some(reason) = line.strip_prefix(SKIPPED) {
        return Some(reason.to_owned());
    }
    let (name, outcome) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let reason = outcome.strip_prefix("ignored")?;
    Some(format!("{name}{reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipped_and_ignored_tests_are_noticed() {
        for (line, want) in [
            ("SKIPPED: as another user: not root", Some("as another user: not root")),
            ("test slow ... ignored, takes an hour", Some("slow, takes an hour")),
            ("test slow ... ignored", Some("slow")),
            ("test quick ... ok", None),
            ("test result: ok. 1 passed; 0 failed; 1 ignored; 0 measured", None),
        ] {
            assert_eq!(skip(line).as_deref(), want, "{line}");
        }
    }
}
