//! The guarded way between a privileged process that reads a system, the *collector*, and an
//! unprivileged one that decides, the *agent*.
//!
//! A collector binds an [`Endpoint`](endpoint::Endpoint) and [`serve`]s it with a [`Handler`]; an agent
//! has a [`Client`], or without a runtime a [`blocking::Client`]. Both sides check who is at the other end
//! before the first byte. Messages and rules are those of [`eyelet_codec`], which
//! `eyelet_transport::codec` re-exports.
//!
//! This is no general RPC: one schema, one machine.
#![cfg(unix)]

pub mod blocking;
pub mod client;
pub mod endpoint;
mod fault;
mod line;
mod lock;
pub mod peer;
pub mod server;

pub use client::{Client, ClientError};
pub use eyelet_codec as codec;
pub use fault::Fault;
pub use line::Io;
pub use server::{Handler, Outcome, Sink, serve};
