use std::fs;

use object::{Object, ObjectSection};

use super::toolchain::Toolchain;
use crate::failure::Failure;
use crate::workspace::Workspace;

const PACKAGE: &str = "tests/size";

/// What a built program has in flash, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) text: u64,
    /// What text refers to: tables, names, numbers.
    pub(super) constants: u64,
}

impl Program {
    /// Builds and reads it.
    pub(super) fn build(
        workspace: &Workspace,
        toolchain: &Toolchain,
        features: &str,
    ) -> Result<Self, Failure> {
        let Toolchain { target, arguments, .. } = toolchain;
        let manifest = workspace.root.join(PACKAGE).join("Cargo.toml");
        eprintln!("  {features}");
        let built = workspace
            .cargo_outside("build", &manifest)
            .args(["--quiet", "--release", "--target", target, "--no-default-features"])
            .args(["--features", features])
            .args(arguments)
            .output()?;
        if !built.status.success() {
            return Err(refusal(&String::from_utf8_lossy(&built.stderr), target));
        }
        let path = workspace.target.join("excluded").join(target).join("release/eyelet-size");
        let bytes = fs::read(&path).map_err(Failure::at(&path))?;
        let shown = workspace.relative(&path).display();
        Self::of(&bytes).map_err(|error| Failure::check(format!("{shown}: {error}")))
    }

    fn of(bytes: &[u8]) -> Result<Self, object::Error> {
        let file = object::File::parse(bytes)?;
        let mut program = Self { text: 0, constants: 0 };
        for section in file.sections() {
            match part(section.name()?) {
                Some(Part::Text) => program.text += section.size(),
                Some(Part::Constants) => program.constants += section.size(),
                None => {}
            }
        }
        Ok(program)
    }
}

enum Part {
    Text,
    Constants,
}

/// `.text`, and `.text.name` where a linker keeps functions apart. Constants with addresses in them are in
/// `.data.rel.ro` where a program may lie anywhere.
fn part(section: &str) -> Option<Part> {
    match section.split('.').nth(1)? {
        "text" => Some(Part::Text),
        "rodata" | "data" => Some(Part::Constants),
        _ => None,
    }
}

fn refusal(errors: &str, target: &str) -> Failure {
    let advice = if errors.contains("target may not be installed") {
        format!(": install its core with `rustup target add {target}`")
    } else {
        String::new()
    };
    Failure::check(format!("{errors}{PACKAGE} cannot be built for {target}{advice}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_target_is_answered_with_what_to_install() {
        let errors = "error[E0463]: can't find crate for `core`\n  |\n  \
                      = note: the `thumbv6m-none-eabi` target may not be installed\n";
        let refusal = refusal(errors, "thumbv6m-none-eabi").to_string();
        assert!(refusal.ends_with("with `rustup target add thumbv6m-none-eabi`"), "{refusal}");
    }

    #[test]
    fn what_is_no_program_is_refused() {
        assert!(Program::of(b"no program").is_err());
    }
}
