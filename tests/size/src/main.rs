//! Links to a program of nothing but what `cargo xtask size` measures. It is not meant to run.
//!
//! All that the linker keeps hangs on [`_start`], which hands on the functions that the features choose. As
//! far as the compiler can tell they are called from elsewhere, so that it must expect any argument, and
//! needs all that they return and show.
#![no_std]
#![no_main]

mod decode;
mod encode;

use core::panic::PanicInfo;

/// What the linker begins with.
#[unsafe(no_mangle)]
pub fn _start(keep: fn(*const ())) {
    encode::keep(keep);
    decode::keep(keep);
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
