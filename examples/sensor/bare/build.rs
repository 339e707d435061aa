//! A library may have undefined symbols unless the linker is told otherwise; here the one that stands
//! for a panic must not stay undefined.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-link-arg-cdylib=-lc");
    println!("cargo::rustc-link-arg-cdylib=-Wl,-z,defs,--gc-sections");
}
