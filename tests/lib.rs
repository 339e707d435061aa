//! What several promises share.
#![expect(clippy::missing_panics_doc, reason = "a panic is how a test fails")]

use std::io::{self, Write};

pub mod attacked;
pub mod command;
pub mod flood;
pub mod footprint;
pub mod peer;
pub mod python;
pub mod random;
pub mod server;
pub mod synthetic;
pub mod wire;

/// Says that a test was skipped, past the harness, which swallows what a passing test prints.
///
/// With `EYELET_NO_SKIP=1` a skip is a failure.
pub fn skip(test: &str, why: &str) {
    assert!(std::env::var("EYELET_NO_SKIP").as_deref() != Ok("1"), "{test} was skipped: {why}");
    // Nobody to tell if standard error is closed.
    let _ = writeln!(io::stderr(), "SKIPPED: {test}: {why}");
}
