use crate::failure::Failure;
use crate::workspace::Workspace;

/// What SECURITY.md publishes of a part, a line each.
pub(crate) type Figures = Vec<String>;

/// A test that is run in full, with what it prints shown.
pub(crate) struct Suite {
    package: &'static str,
    test: &'static str,
    cases: &'static [&'static str],
    threads: &'static str,
    variables: Vec<(&'static str, u64)>,
}

impl Suite {
    /// One of the promises to users.
    pub(crate) fn promise(test: &'static str) -> Self {
        Self { package: "eyelet-tests", test, cases: &[], threads: "1", variables: Vec::new() }
    }

    /// One of the codec's own.
    pub(crate) fn codec(test: &'static str) -> Self {
        Self { package: "eyelet-codec", ..Self::promise(test) }
    }

    /// Those of its cases alone whose names contain one of these.
    pub(crate) fn cases(self, cases: &'static [&'static str]) -> Self {
        Self { cases, ..self }
    }

    /// All of its cases at the same time: for what mostly waits.
    pub(crate) fn at_once(self) -> Self {
        Self { threads: "64", ..self }
    }

    /// With a variable that the test reads.
    pub(crate) fn with(mut self, variable: &'static str, value: u64) -> Self {
        self.variables.push((variable, value));
        self
    }

    /// Runs it; the figures that it printed.
    pub(crate) fn run(&self, workspace: &Workspace) -> Result<Figures, Failure> {
        let Self { package, test, cases, threads, variables } = self;
        let mut cargo = workspace
            .cargo(["test", "--locked", "--release", "--package", package, "--test", test])
            .args(["--", "--nocapture", "--test-threads", threads])
            .args(*cases);
        for (name, value) in variables {
            cargo = cargo.env(name, &value.to_string());
        }
        let mut figures = Vec::new();
        let cargo = cargo.env_unseen("EYELET_NO_SKIP", "1");
        cargo.run_watched(|line| figures.extend(figure(line)))?;
        Ok(figures)
    }
}

/// What a test has marked as one, be it behind the test's own name.
fn figure(line: &str) -> Option<String> {
    let (_, figure) = line.split_once("figure: ")?;
    Some(figure.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_marked_is_a_figure() {
        for (line, want) in [
            ("figure: 7 cells\n", Some("7 cells")),
            ("test every_cell ... figure: 7 cells", Some("7 cells")),
            ("7 cells", None),
        ] {
            assert_eq!(figure(line).as_deref(), want, "{line}");
        }
    }
}
