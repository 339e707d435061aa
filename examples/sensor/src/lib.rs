//! A node that measures, in fixed memory: its own schema, made into Rust by eyelet's generator, and the
//! two things that its main loop does with it.
//!
//! `proto/sensor/v1/` is the schema, [`messages`] what the generator made of it, [`Inbox`] takes the
//! host's commands from a serial line, and [`Node`] writes reports. No heap, no `std`, no panic.

#![no_std]
#![forbid(unsafe_code)]

mod error;
mod inbox;
pub mod messages;
mod node;

pub use error::NodeError;
pub use inbox::Inbox;
pub use node::{MAX_REPORT, Node};
