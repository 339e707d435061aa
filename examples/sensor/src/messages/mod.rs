//! What the generator made of `proto/`, and who sees it.

pub mod commands;
pub mod readings;

#[cfg(feature = "owned")]
mod owned;
#[cfg(feature = "owned")]
pub mod prost;
