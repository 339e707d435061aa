//! Bounded protobuf messages, frames and a sans-I/O session for local IPC.
//!
//! Without features there is no `std`, no heap and no panic here: messages borrow from the bytes they
//! were decoded from, and are held to the limits that `proto/eyelet/v1/` declares, in both directions.
//! The layers, each of which turns one thing into the next:
//!
//! * [`cobs`]: bytes of a line that can lose some into what stood between two delimiters,
//! * [`frame`]: bytes into checked bodies,
//! * [`link`]: on a serial line, bodies into packets of which none is lost,
//! * [`session`]: bodies into events, by the rules of `proto/WIRE.md`,
//! * the messages of the schema ([`DetectionTask`], [`DetectionResult`], [`ProcessRecord`] ..), which
//!   [`Stored`] keeps beyond the bytes they were decoded from.
//!
//! Features add and never change what is accepted or sent: `crc-hardware` (needs `std`), `crc-slicing`
//! (on by default; 16 KiB of tables) and `crc-table` (1 KiB) say how frames' [`checksum`] is computed,
//! the first of them that is on, or without a table. `fast` (on by default) has usual messages take a
//! lane of their own, which is faster and two to three times the text; `smoothutf8` checks text by the
//! crate of this name.
//!
//! With the feature `alloc` there are owned messages (`proto`) and native types (`models`); with
//! `serde` their JSON (to the last bit of a float if `serde_json` has its feature `float_roundtrip`).
//!
//! ```
//! use eyelet_codec::frame::{self, Decoded};
//! use eyelet_codec::{DetectionTask, Message, TaskType};
//!
//! let task = DetectionTask {
//!     task_id: "t-1",
//!     task_type: TaskType::ENUMERATE_PROCESSES,
//!     ..Default::default()
//! };
//! let mut body = [0; 64];
//! let len = task.encode(&mut body)?;
//! let mut bytes = [0; 128];
//! let len = frame::encode(&body[..len], &mut bytes)?;
//!
//! // Not all of it has arrived, which is no error.
//! let half = frame::decode(&bytes[..len / 2], 64)?;
//! assert!(matches!(half, Decoded::Partial { .. }));
//!
//! let Decoded::Frame { body, .. } = frame::decode(&bytes[..len], 64)? else { unreachable!() };
//! assert_eq!(DetectionTask::decode(body)?, task);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]
#![warn(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::alloc_instead_of_core)]

#[cfg(any(feature = "alloc", test))]
extern crate alloc;

pub mod checksum;
pub mod cobs;
mod copy;
pub mod frame;
mod generated;
#[cfg(feature = "alloc")]
#[doc(hidden)]
pub mod heap;
#[cfg(feature = "serde")]
#[doc(hidden)]
pub mod json;
pub mod link;
#[cfg(feature = "alloc")]
pub mod models;
#[cfg(feature = "alloc")]
pub mod proto;
mod result;
pub mod runtime;
pub mod session;
mod stored;

pub use generated::ipc::*;
pub use generated::session::*;
pub use result::{Progress, Pushed, ResultWriter};
pub use runtime::{ErrorClass, ErrorKind, Field, Limits, Message, MessageError, Repeated};
pub use stored::Stored;
