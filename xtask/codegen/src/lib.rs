//! Generates bounded `no_std` protobuf messages from a schema that declares its limits.
//!
//! A schema imports `eyelet/v1/limits.proto` (the generator brings its own copy) and states beside
//! each `string`, `bytes` and `repeated` field how large it may become. Out of one declaration come
//! the borrowed messages for a microcontroller, prost's types for a host, conversions between them,
//! and a table of the limits for other languages. No protoc is needed; `rustfmt` is.
//!
//! The files are modules of one directory: each `.proto` file's own, `prost` and `owned`. Without the
//! last two a crate needs no heap; with them it depends on `prost`, and its feature `serde` is asked
//! for.

#![expect(clippy::format_collect, reason = "templates read best as formats, and a schema is small")]

mod borrowed;
mod check;
mod clashes;
mod comment;
mod compatibility;
mod enumeration;
mod error;
mod fields;
mod limits;
mod names;
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

use std::path::Path;

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

/// Generates all modules as one text, for a build script to write and a crate to `include!`; see
/// [above](crate#in-a-build-script). It is not formatted, so that no rustfmt is needed.
pub fn generate_inline(options: &Options) -> Result<String, CodegenError> {
    let (_, modules) = modules(options)?;
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
