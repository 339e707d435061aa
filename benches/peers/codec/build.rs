//! Generates what the other codecs need, if they are to be measured.

use std::error::Error;

#[cfg(feature = "others")]
mod generate;

#[cfg(feature = "others")]
fn main() -> Result<(), Box<dyn Error>> {
    generate::all()
}

#[cfg(not(feature = "others"))]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    Ok(())
}
