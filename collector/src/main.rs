//! The `eyelet` command.
#![forbid(unsafe_code)]

fn main() {}
