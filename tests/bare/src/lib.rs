//! Links only if the codec without features needs no standard library and no allocator, and has no
//! panic that can be reached.
//!
//! A panic here means calling a function that nobody has, so it goes unnoticed only where the
//! compiler has shown that it cannot come about. An allocator there is none. Each entry is exported,
//! so that the compiler knows nothing of its arguments: it must expect any bytes, and any value of a
//! type that its fields can hold, even one that no function of the codec makes.
//!
//! `cargo xtask ci --only link-proof` compares the entries with the codec's public functions and names
//! those that are missing. It sees what an exported function calls by its path, `frame::decode(..)`,
//! `Type::function(..)` or `<Type as Trait>::function(..)`; it does not see `value.function()`, what a
//! macro contains, and what a private function does for an entry.
//!
//! Where the panic is that the linker complains of:
//! ```text
//! cargo build --release --features find-panics
//! objdump -dC --no-show-raw-insn target/release/libeyelet_bare.so |
//!     grep -E '^[0-9a-f]+ <|(call|jmp) .*<(core::(panicking|option|result|slice)|__rustc)' |
//!     grep -E -B1 'call|jmp'
//! ```
#![no_std]
#![allow(clippy::type_complexity, reason = "an entry returns all that it has asked for")]

mod checksum;
mod cobs;
mod frame;
mod lanes;
mod link;
mod messages;
mod result;
mod runtime;
mod session;
mod stored;

use core::panic::PanicInfo;

unsafe extern "C" {
    /// Exists nowhere.
    safe fn a_panic_can_be_reached() -> !;
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    a_panic_can_be_reached()
}

/// Lets a build with a panic link, so that one can look for it.
#[cfg(feature = "find-panics")]
#[unsafe(export_name = "a_panic_can_be_reached")]
extern "C" fn somewhere() -> ! {
    loop {
        core::hint::spin_loop();
    }
}

/// What the proof has to notice where overflow is checked: a sum that nobody has bounded.
#[cfg(feature = "overflow-control")]
#[unsafe(no_mangle)]
pub fn overflow_control(one: u32, other: u32) -> u32 {
    one + other
}

/// What the proof has to notice: one value taken for granted.
#[cfg(feature = "unwrap-control")]
#[unsafe(no_mangle)]
pub fn unwrap_control(bytes: &[u8]) -> u32 {
    u32::from_le_bytes(*bytes.first_chunk().unwrap())
}

#[cfg(feature = "alloc-control")]
extern crate alloc;

/// What the proof has to notice, too: memory from an allocator.
#[cfg(feature = "alloc-control")]
#[unsafe(no_mangle)]
pub fn alloc_control(bytes: &[u8]) -> alloc::vec::Vec<u8> {
    bytes.into()
}
