//! Everyone who is measured, one file each.

pub(crate) mod eyelet;
pub(crate) mod raw_echo;
pub(crate) mod tarpc;
pub(crate) mod ttrpc;
