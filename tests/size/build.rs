//! A program without the C runtime's own code. On a host it still has `memcpy` and its like from the C
//! library, as everything there has; elsewhere they are linked in, and count.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        println!("cargo::rustc-link-arg-bins=-nostartfiles");
        println!("cargo::rustc-link-arg-bins=-lc");
    }
}
