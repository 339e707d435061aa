//! What the codec makes of any bytes at all: plain functions, which libFuzzer, plain mutation and unit
//! tests call alike. Each panics where the codec breaks a promise, and says whether it accepted its input.

pub mod agreement;
mod bytes;
pub mod lanes;
mod line;
mod messages;
pub mod mutation;
mod names;
mod script;
mod session;
mod values;

pub use bytes::bytes;
pub use line::line;
pub use messages::messages;
pub use names::NAMES;
pub use session::session;
pub use values::values;

/// An entry and its name.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub name: &'static str,
    pub entry: fn(&[u8]) -> bool,
}

/// All entries.
pub const TARGETS: [Target; 5] = [
    Target { name: "bytes", entry: bytes },
    Target { name: "line", entry: line },
    Target { name: "messages", entry: messages },
    Target { name: "session", entry: session },
    Target { name: "values", entry: values },
];
