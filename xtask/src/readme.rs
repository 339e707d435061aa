use std::fs;

use crate::failure::Failure;
use crate::process::Process;
use crate::step::{Skips, Step};
use crate::workspace::Workspace;

pub(crate) const STEP: Step =
    Step { name: "readme", about: "every command of README.md does what it says", run };

/// For one block; the first may have to build everything with optimisation. `timeout` ends what a
/// command has left behind, too.
const TIMEOUT: [&str; 2] = ["--kill-after=10s", "15m"];

/// Ends what runs in the background with the block, and shows each command before it runs.
const PREPARATION: &str =
    "trap '{ set +x; kill $(jobs -p) || true; } 2>/dev/null' EXIT; PS4='  $ '; set -x";

/// What runs these commands would never end if it ran itself.
const OURSELVES: &str = "cargo xtask ci";

/// The commands of one fenced block, in order; they share a shell.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    /// Of its opening fence, counted from 1.
    line: usize,
    commands: Vec<String>,
}

/// In blocks marked `console` each line that begins with `$ ` is a command, as are those behind it
/// while the last ends in a backslash. The other lines show output, which differs from run to run.
fn run(workspace: &Workspace) -> Result<Skips, Failure> {
    let path = workspace.root.join("README.md");
    let text = fs::read_to_string(&path).map_err(Failure::at(workspace.relative(&path)))?;
    let blocks = blocks(&text)?;
    if blocks.is_empty() {
        return Err(Failure::check("README.md has no block marked console, so no command was run"));
    }
    if Process::new("timeout", &workspace.root).args(["1", "bash", "--version"]).output().is_err() {
        return Ok(vec!["the commands are run by timeout and bash, which are not here".to_owned()]);
    }
    blocks.iter().try_for_each(|block| block.run(workspace))?;
    Ok(Vec::new())
}

impl Block {
    fn run(&self, workspace: &Workspace) -> Result<(), Failure> {
        let commands = self.commands.iter().map(String::as_str).filter(|c| !is_ourselves(c));
        let script = [PREPARATION].into_iter().chain(commands).collect::<Vec<_>>().join("\n");
        Process::new("timeout", &workspace.root)
            .args(TIMEOUT)
            .args(["bash", "-eu", "-o", "pipefail", "-c", &script])
            .run_as(format!("README.md:{}", self.line))
    }
}

fn is_ourselves(command: &str) -> bool {
    command.split(" #").next().is_some_and(|command| command.trim() == OURSELVES)
}

fn blocks(markdown: &str) -> Result<Vec<Block>, Failure> {
    let mut blocks = Vec::new();
    let mut lines = (1..).zip(markdown.lines());
    while let Some((line, text)) = lines.next() {
        let Some(language) = text.trim_start().strip_prefix("```") else { continue };
        let body = lines.by_ref().map(|(_, text)| text).take_while(|text| !is_fence(text));
        match language.trim() {
            "console" => blocks.push(Block { line, commands: commands(body) }),
            shell @ ("sh" | "bash" | "shell") => {
                let advice = "mark it console and begin each command with `$ `, so that it is run";
                return Err(Failure::check(format!(
                    "README.md:{line}: a block of {shell}; {advice}"
                )));
            }
            _ => body.for_each(drop),
        }
    }
    Ok(blocks)
}

fn is_fence(text: &str) -> bool {
    text.trim() == "```"
}

fn commands<'t>(body: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    for text in body {
        if let Some(command) = text.trim_start().strip_prefix("$ ") {
            commands.push(command.to_owned());
        } else if let Some(unfinished) = commands.last_mut().filter(|last| last.ends_with('\\')) {
            unfinished.push('\n');
            unfinished.push_str(text);
        }
    }
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_their_output() {
        let text =
            "Text\n```console\n$ one \\\n    --flag\noutput\n$ two\n```\n```text\n$ no\n```\n";
        let commands = vec!["one \\\n    --flag".to_owned(), "two".to_owned()];
        assert_eq!(blocks(text).unwrap(), [Block { line: 2, commands }]);
    }

    #[test]
    fn a_block_that_would_not_be_run_is_refused() {
        let refusal = blocks("```sh\nrm -rf target\n```\n").unwrap_err().to_string();
        assert!(refusal.starts_with("README.md:1: a block of sh;"), "{refusal}");
    }

    #[test]
    fn only_the_whole_of_ourselves_is_left_out() {
        assert!(is_ourselves("cargo xtask ci   # all checks"));
        assert!(!is_ourselves("cargo xtask ci --list"));
    }
}
