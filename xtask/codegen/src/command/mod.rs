//! What the command can do; each prints what it did to stderr.

pub(crate) mod compare;
pub(crate) mod generate;
pub(crate) mod options;
pub(crate) mod record;
