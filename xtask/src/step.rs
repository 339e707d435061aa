use crate::failure::Failure;
use crate::workspace::Workspace;

/// One check of `cargo xtask ci`.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    /// What it makes sure of.
    pub(crate) about: &'static str,
    pub(crate) run: fn(&Workspace) -> Result<Skips, Failure>,
}

/// What a step that found nothing wrong could not look at, each with the reason; mostly nothing.
pub(crate) type Skips = Vec<String>;
