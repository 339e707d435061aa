//! What the `eyelet` command is made of: processes as this system tells of them, which of them a
//! task asks for, and how they look on a terminal.
//!
//! ```no_run
//! use eyelet::filter::Filter;
//! use eyelet::proc::Reader;
//!
//! let (reader, everything) = (Reader::open()?, Filter::default());
//! let mut snapshot = reader.snapshot(&everything)?;
//! while let Some(record) = snapshot.next()? {
//!     println!("{} {}", record.pid, record.name);
//! }
//! eprintln!("{} could not be read in full", snapshot.coverage().denied);
//! # Ok::<(), eyelet::proc::ProcError>(())
//! ```
#![forbid(unsafe_code)]

#[cfg(target_os = "linux")]
pub mod collector;
#[cfg_attr(not(target_os = "linux"), path = "command/elsewhere.rs")]
pub mod command;
pub mod filter;
#[cfg(target_os = "linux")]
pub mod proc;
pub mod table;
#[cfg(unix)]
pub mod terminal;
pub mod users;
mod visible;
