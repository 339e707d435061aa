//! Native types: what Rust code wants to hold. Names and paths are bytes, as the system has them; times
//! carry their unit in their type; open enums keep numbers that this version does not know.
//!
//! `From` goes both ways. From native to [`proto`](crate::proto) and back nothing is lost. The other way
//! nothing is lost of what a collector writes: a `_raw` field only where the bytes are not UTF-8, and
//! beside it their lossy form ([`String::from_utf8_lossy`](alloc::string::String::from_utf8_lossy)),
//! cut to the field's limit. A process without a name has the name U+FFFD, and an empty `name_raw`.

pub mod process;
pub mod result;
pub mod task;
mod text;
pub mod time;
