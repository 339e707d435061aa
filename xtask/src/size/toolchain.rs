use crate::failure::Failure;
use crate::process::Process;
use crate::workspace::Workspace;

/// What builds the programs, and for what.
pub(super) struct Toolchain {
    /// As `rustc --version` has it.
    compiler: String,
    pub(super) target: String,
    /// For cargo.
    pub(super) arguments: Vec<String>,
}

impl Toolchain {
    /// The compiler that cargo would take, and its own target unless another is wanted.
    pub(super) fn ask(
        workspace: &Workspace,
        target: Option<&str>,
        arguments: &[String],
    ) -> Result<Self, Failure> {
        let compiler = answer(workspace, "--version")?;
        let target = target.map_or_else(|| host(workspace), |target| Ok(target.to_owned()))?;
        Ok(Self { compiler, target, arguments: arguments.to_owned() })
    }

    /// All that sizes depend on.
    pub(super) fn key(&self) -> String {
        let more = self.arguments.iter().map(|argument| format!(" {argument}"));
        format!("{}, {}{}", self.compiler, self.target, more.collect::<String>())
    }
}

fn host(workspace: &Workspace) -> Result<String, Failure> {
    let answer = answer(workspace, "-vV")?;
    let host = answer.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Failure::check("rustc -vV names no host"))
}

fn answer(workspace: &Workspace, question: &str) -> Result<String, Failure> {
    let compiler = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let answer = Process::new(&compiler, &workspace.root).args([question]).output()?;
    Ok(String::from_utf8_lossy(&answer.stdout).trim().to_owned())
}
