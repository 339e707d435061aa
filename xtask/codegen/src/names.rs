//! Names in Rust, by prost's rules, so that a field has one name in both of its types.

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};

/// What a `.proto` name may be and an identifier may not, but for a raw one.
const KEYWORDS: [&str; 47] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static",
    "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual",
    "where", "while", "yield",
];
const NEVER: [&str; 6] = ["_", "super", "self", "Self", "extern", "crate"];

/// Names that generated code takes from Rust's prelude.
pub(crate) const PRELUDE: [&str; 4] = ["None", "Ok", "Option", "Some"];

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_the_schema_becomes_one_that_rust_takes() {
        for (got, want) in [
            (snake("fooBar"), "foo_bar"),
            (snake("type"), "r#type"),
            (snake("self"), "self_"),
            (snake("_2nd"), "_2nd"),
            (camel("go_away"), "GoAway"),
            (camel("self"), "Self_"),
            (shouty("fooBar"), "FOO_BAR"),
            (owned("Packet"), "Packet"),
            (owned("Outer.Type.value"), "outer::r#type::Value"),
        ] {
            assert_eq!(got, want);
        }
    }

    #[test]
    fn a_value_loses_its_enums_name_where_a_name_remains() {
        for (name, want) in [
            ("NOTE_KIND_CUT", "CUT"),
            ("NOTE_KIND_NOT_UTF8", "NOT_UTF8"),
            ("NOTE_KIND_2ND", "NOTE_KIND_2ND"),
            ("NOTE_KINDS", "NOTE_KINDS"),
            ("ENUMERATE", "ENUMERATE"),
        ] {
            assert_eq!(value("NoteKind", name), want);
        }
    }

    #[test]
    fn long_numbers_are_grouped() {
        for (number, want) in [(0, "0"), (999, "999"), (1000, "1_000"), (1_048_576, "1_048_576")] {
            assert_eq!(digits(number), want);
        }
    }
}
