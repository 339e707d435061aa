//! Processes as Linux tells of them under `/proc`.
//!
//! A [`Reader`] is an open `/proc`; a [`Snapshot`] of it hands out one borrowed record after the
//! other from buffers that it reuses. Everything about one process is read through a descriptor of
//! its directory, so that a process that takes over the pid meanwhile is never mixed in; one that
//! executes another file meanwhile may be.
//!
//! What Linux tells is taken as bytes. A record holds what could be told and notes why the rest is
//! absent; a note on `executable_path` stands for `file_exists` and `on_disk_mismatch` too.

mod clock;
mod command_line;
mod directory;
mod error;
mod executable;
mod namespace;
mod notes;
mod process;
mod reader;
mod snapshot;
mod stat;
mod status;
mod text;

pub use error::ProcError;
pub use reader::Reader;
pub use snapshot::Snapshot;
