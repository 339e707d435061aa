//! A released schema on disk: a `google.protobuf.FileDescriptorSet` as text, all of it but comments.
//!
//! A line for each field and value, so that a review sees what a release changes; the whole
//! descriptor, so that a rule which nobody has thought of yet finds what it asks for.

use std::fs;
use std::path::Path;

use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, MessageDescriptor, Value};

use crate::CodegenError;
use crate::source::{self, Sources};

/// Messages of descriptor.proto that are written over several lines.
const BLOCKS: [&str; 4] = ["file", "message_type", "nested_type", "enum_type"];

/// What imports are resolved with, and so no part of a schema.
const GOOGLE: &str = "google/protobuf/";

/// The record of `sources`, which are released as `name`.
pub(crate) fn text(sources: &Sources, name: &str) -> Result<String, CodegenError> {
    let options = source::options()?;
    let set = file_descriptor_set(&sources.pool);
    let file = set.get_field_by_name("file").expect("is in descriptor.proto");
    let own = sources.pool.files().filter(|file| options.get_file_by_name(file.name()).is_none());
    let files = own.map(|descriptor| {
        let kind = file.kind();
        let kind = kind.as_message().expect("FileDescriptorProto is a message").clone();
        let encoded = descriptor.encode_to_vec();
        let mut message =
            DynamicMessage::decode(kind, &encoded[..]).expect("has just been encoded");
        message.clear_field_by_name("source_code_info");
        lines(&file, &Value::Message(message), 0)
    });
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let first =
        format!("# The schema of {name}, written by `eyelet-codegen record`. Do not edit.\n");
    Ok([first].into_iter().chain(files).collect())
}

/// The schema that the record at `path` holds.
pub(crate) fn read(path: &Path) -> Result<Sources, CodegenError> {
    let text = fs::read_to_string(path)
        .map_err(|source| CodegenError::Read { path: path.to_owned(), source })?;
    let unreadable = |why: String| CodegenError::Record { path: path.to_owned(), why };
    let mut pool = source::options()?;
    let set = DynamicMessage::parse_text_format(file_descriptor_set(&pool), &text)
        .map_err(|error| unreadable(error.to_string()))?;
    let known = pool.files().count();
    pool.decode_file_descriptor_set(&set.encode_to_vec()[..])
        .map_err(|error| unreadable(error.to_string()))?;
    let mut files: Vec<_> =
        pool.files().skip(known).filter(|file| !file.name().starts_with(GOOGLE)).collect();
    files.sort_by(|one, other| one.name().cmp(other.name()));
    if files.is_empty() {
        return Err(unreadable("holds no schema".to_owned()));
    }
    Ok(Sources { pool, files })
}

fn file_descriptor_set(pool: &DescriptorPool) -> MessageDescriptor {
    let found = pool.get_message_by_name("google.protobuf.FileDescriptorSet");
    found.expect("limits.proto imports descriptor.proto")
}

/// A value of `field`, in a line or, indented by `depth`, in a block.
fn lines(field: &FieldDescriptor, value: &Value, depth: usize) -> String {
    let (indent, name) = ("  ".repeat(depth), field.name());
    match value {
        Value::List(values) => values.iter().map(|value| lines(field, value, depth)).collect(),
        Value::Message(message) if BLOCKS.contains(&name) => {
            let fields = message.fields();
            let inner: String =
                fields.map(|(field, value)| lines(&field, value, depth + 1)).collect();
            format!("{indent}{name} {{\n{inner}{indent}}}\n")
        }
        Value::Message(message) => format!("{indent}{name} {{ {} }}\n", message.to_text_format()),
        _ => format!("{indent}{}\n", scalar(field, value)),
    }
}

fn scalar(field: &FieldDescriptor, value: &Value) -> String {
    let mut alone = DynamicMessage::new(field.parent_message().clone());
    let value = value.clone();
    alone.set_field(field, if field.is_list() { Value::List(vec![value]) } else { value });
    alone.to_text_format()
}
