//! Generates bounded `no_std` protobuf messages from a schema that declares its limits.
//!
//! A schema imports `eyelet/v1/limits.proto` (the generator brings its own copy) and states beside
//! each `string`, `bytes` and `repeated` field how large it may become. Out of one declaration come
//! the borrowed messages for a microcontroller, prost's types for a host, conversions between them,
//! and a table of the limits for other languages. No protoc is needed.
//!
//! ```proto
//! syntax = "proto3";
//! package sensor.v1;
//! import "eyelet/v1/limits.proto";
//!
//! message Reading {
//!   uint32 channel = 1;
//!   string unit = 2 [(eyelet.v1.limits).max_bytes = 16, (eyelet.v1.limits).non_empty = true];
//!   repeated sint32 samples = 3 [(eyelet.v1.limits).max_items = 64];
//! }
//! ```
//!
//! All files of one package are generated together, each as a module of its name. What there is no
//! bounded form for is refused by place and reason: maps, proto2, groups, extensions, types of other
//! packages, messages that contain themselves, and whatever lacks a limit. `examples/sensor` in
//! eyelet's repository is a crate with a schema of its own, and its tests.
//!
//! # As a command
//!
//! `eyelet-codegen generate --schema-root proto --out src/messages` writes modules to be checked in,
//! formatted by `rustfmt`; with `--check` it tells a CI job whether they are current. [`generate`] is
//! the same as a function.
//!
//! # In a build script
//!
//! With `eyelet-codegen = { version = "0.1", default-features = false }` under `[build-dependencies]`:
//!
//! ```no_run
//! use eyelet_codegen::{Options, generate_inline};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     println!("cargo::rerun-if-changed=proto");
//!     let out = std::path::PathBuf::from(std::env::var("OUT_DIR")?);
//!     let code = generate_inline(&Options::new("proto", &out))?;
//!     std::fs::write(out.join("messages.rs"), code)?;
//!     Ok(())
//! }
//! ```
//!
//! and in the crate, which depends on `eyelet-codec`:
//!
//! ```text
//! pub mod messages {
//!     include!(concat!(env!("OUT_DIR"), "/messages.rs"));
//! }
//! ```
//!
//! It costs that build some sixty packages, which checked-in modules do not.
//!
//! # From one release to the next
//!
//! [`record`] writes down a schema that is released, and [`compare`] holds a later one against it: each
//! change that peers of either could not live with is a [`Break`] that says what was, what is and what
//! to do. They are let through where `option (eyelet.v1.protocol_version)` has gone up.

#![expect(clippy::format_collect, reason = "templates read best as formats, and a schema is small")]

mod borrowed;
mod budget;
mod check;
mod clashes;
mod comment;
mod compatibility;
mod enumeration;
mod error;
mod fast_lane;
mod fields;
mod limits;
mod names;
mod notes;
mod options;
mod output;
mod owned;
mod owned_types;
mod read;
mod record;
mod rustfmt;
mod schema;
mod source;
mod table;
mod visitor;
mod worst_case;

use std::path::{Path, PathBuf};

pub use compatibility::{Break, Change, Comparison};
pub use error::{CodegenError, Place, Refusal};
pub use options::{Options, OwnedTypes};
pub use output::GeneratedFile;
pub use source::LIMITS_PROTO;

use crate::schema::Schema;

/// Generates everything and writes nothing.
pub fn generate(options: &Options) -> Result<Vec<GeneratedFile>, CodegenError> {
    let (schema, modules) = modules(options)?;
    let files = modules.iter().map(|module| {
        let text = rustfmt::format(&module.text, &options.out)?;
        Ok(GeneratedFile { path: options.out.join(module.file_name()), text })
    });
    let mut files = files.collect::<Result<Vec<_>, CodegenError>>()?;
    if let Some(path) = &options.table {
        let text = table::file(&schema, &options.made_from(""));
        files.push(GeneratedFile { path: path.clone(), text });
    }
    Ok(files)
}

/// Modules in `out` that the same command wrote when the schema had a file more, or owned types.
pub fn leftovers(options: &Options, files: &[GeneratedFile]) -> Result<Vec<PathBuf>, CodegenError> {
    output::leftovers(&options.out, &options.mark(), files)
        .map_err(|source| CodegenError::Read { path: options.out.clone(), source })
}

/// Generates all modules as one text, for a build script to write and a crate to `include!`; see
/// [above](crate#in-a-build-script). It is not formatted, so that no rustfmt is needed, and `out`,
/// `table` and `renew` are not looked at.
pub fn generate_inline(options: &Options) -> Result<String, CodegenError> {
    let options = Options { renew: "eyelet-codegen".to_owned(), ..options.clone() };
    let (_, modules) = modules(&options)?;
    let modules =
        modules.iter().map(|Module { name, text }| format!("pub mod {name} {{\n{text}}}\n"));
    Ok(modules.collect())
}

/// Holds the schema below `schema_root` against the record of a released one.
pub fn compare(schema_root: &Path, released: &Path) -> Result<Comparison, CodegenError> {
    let released = read::schema(&record::read(released)?)?;
    let now = read::schema(&source::compile(schema_root)?)?;
    Ok(compatibility::compare(&released, &now))
}

/// The record of the schema below `schema_root`, for [`compare`]; `name` is what is released.
pub fn record(schema_root: &Path, name: &str) -> Result<String, CodegenError> {
    let sources = source::compile(schema_root)?;
    check::schema(&read::schema(&sources)?)?;
    record::text(&sources, name)
}

/// Lints that a crate may turn on, and that what a schema decides cannot be held to.
const ALLOWED: &str = "\
// The schema decides what is in here, and the module around it who sees it.
#![allow(dead_code, unreachable_pub, rustdoc::bare_urls)]
#![allow(clippy::style, clippy::complexity, clippy::perf)]
#![allow(clippy::pedantic, clippy::nursery, clippy::restriction)]";

/// A module before it is formatted.
struct Module {
    name: String,
    text: String,
}

impl Module {
    /// A raw identifier is one in Rust alone.
    fn file_name(&self) -> String {
        format!("{}.rs", self.name.trim_start_matches("r#"))
    }
}

fn modules(options: &Options) -> Result<(Schema, Vec<Module>), CodegenError> {
    let sources = source::compile(&options.schema_root)?;
    let schema = read::schema(&sources)?;
    check::schema(&schema)?;
    let codec = &options.codec;
    let module = |name: &str, from: &str, text: String| {
        let text = format!("// {}\n{text}", options.made_from(from));
        Module { name: name.to_owned(), text }
    };
    let borrowed = schema
        .files
        .iter()
        .map(|file| module(&file.module, &file.path, borrowed::file(&schema, file, codec)));
    let mut modules: Vec<_> = borrowed.collect();
    if options.owned != OwnedTypes::None {
        modules.push(module("prost", "", owned_types::file(&schema, &sources, options)?));
        modules.push(module("owned", "", owned::file(&schema, options)));
    }
    Ok((schema, modules))
}
