//! Bounded protobuf messages, frames and a sans-I/O session for local IPC.
#![no_std]
#![forbid(unsafe_code)]
#![warn(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::alloc_instead_of_core)]

#[cfg(feature = "alloc")]
extern crate alloc;

mod generated;
pub mod runtime;

pub use generated::ipc::*;
pub use generated::session::*;
pub use runtime::{ErrorClass, ErrorKind, Limits, Message, MessageError, Repeated};
