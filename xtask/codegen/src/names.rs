//! Names in Rust, by prost's rules, so that a field has one name in both of its types.

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};

/// What a `.proto` name may be and an identifier may not, but for a raw one.
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static",
    "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual",
    "where", "while", "yield", "union",
];
const NEVER: [&str; 6] = ["_", "super", "self", "Self", "extern", "crate"];

/// Names that generated code takes from Rust's prelude.
pub(crate) const PRELUDE: [&str; 8] =
    ["From", "Into", "Iterator", "None", "Ok", "Option", "Self", "Some"];

/// Modules beside those that are named after a file.
pub(crate) const MODULES: [&str; 3] = ["r#mod", "owned", "prost"];

/// A field.
pub(crate) fn snake(name: &str) -> String {
    identifier(name.to_snake_case())
}

/// Part of a longer name, so no keyword.
pub(crate) fn bare_snake(name: &str) -> String {
    name.to_snake_case()
}

/// A type or variant.
pub(crate) fn camel(name: &str) -> String {
    identifier(name.to_upper_camel_case())
}

/// prost's path to a type, from the root of its module: a nested one stands in a module of the outer.
pub(crate) fn owned(schema: &str) -> String {
    let Some((outer, name)) = schema.rsplit_once('.') else { return camel(schema) };
    let outer = outer.split('.').map(snake).collect::<Vec<_>>().join("::");
    format!("{outer}::{}", camel(name))
}

/// A constant.
pub(crate) fn shouty(name: &str) -> String {
    identifier(name.to_shouty_snake_case())
}

/// An enum value without its enum's name in front, where something is left that can be a name.
pub(crate) fn value(enumeration: &str, value: &str) -> String {
    let (prefix, value) = (enumeration.to_shouty_snake_case() + "_", shouty(value));
    match value.strip_prefix(&prefix) {
        Some(rest) if rest.starts_with(|first: char| first.is_ascii_alphabetic()) => {
            rest.to_owned()
        }
        _ => value,
    }
}

fn identifier(name: String) -> String {
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        return format!("_{name}");
    }
    if KEYWORDS.contains(&name.as_str()) {
        return format!("r#{name}");
    }
    if NEVER.contains(&name.as_str()) {
        return name + "_";
    }
    name
}

/// With `_` between groups of three digits.
pub(crate) fn digits(number: u64) -> String {
    let plain = number.to_string();
    let grouped = plain.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    grouped.collect::<Vec<_>>().join("_")
}
