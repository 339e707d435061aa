use crate::compiler::Compiler;
use crate::failure::Failure;
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
        let Compiler { version, host } = Compiler::ask(workspace)?;
        let target = target.map_or(host, str::to_owned);
        Ok(Self { compiler: version, target, arguments: arguments.to_owned() })
    }

    /// All that sizes depend on.
    pub(super) fn key(&self) -> String {
        let more = self.arguments.iter().map(|argument| format!(" {argument}"));
        format!("{}, {}{}", self.compiler, self.target, more.collect::<String>())
    }
}
