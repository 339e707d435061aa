//! Each way in which a schema leaves something without a bound, or asks for what there is no form for,
//! is refused in words that name file, message and field.

use std::fs;
use std::path::Path;

use eyelet_codegen::{CodegenError, GeneratedFile, Options, generate};
use tempfile::TempDir;

/// A body for a proto3 file with the options imported, and what is said of it.
const BROKEN: [(&str, &str); 37] = [
    (
        "message A { bytes b = 1 [(limits).max_bytes = 4, (limits).on_excess = ON_EXCESS_CUT]; }",
        "A.b: may be cut, and no field of the message has notes = true, to say so",
    ),
    (
        "message A { repeated string s = 1 [(limits).max_bytes = 4, (limits).max_items = 4, \
         (limits).on_excess = ON_EXCESS_CUT]; }",
        "A.s: may be cut, and no field of the message has notes = true, to say so",
    ),
    (
        "message A { repeated N n = 1 [(limits).max_items = 4, (limits).notes = true]; } \
         message N { uint32 field = 1; uint32 kind = 2; }",
        "A.n: has notes, but is no repeated message of 1: a uint32 and 2: an enum with a value CUT",
    ),
    (
        "message A { repeated N n = 1 [(limits).max_items = 4, (limits).notes = true]; \
         string s = 2 [(limits).max_bytes = 4, (limits).on_excess = ON_EXCESS_CUT]; } \
         message N { uint32 field = 1; K kind = 2; } enum K { K_NONE = 0; K_CUT = 1; }",
        "A.n: has notes, and s, which may be cut, comes behind it",
    ),
    (
        "message A { string s = 1 [(limits).max_bytes = 2, (limits).on_excess = ON_EXCESS_CUT]; }",
        "A.s: may be cut, and max_bytes = 2 has no room for the ellipsis of 3 bytes that says so",
    ),
    (
        "message A { N n = 1 [(limits).notes = true]; } message N {}",
        "A.n: has notes, which applies to repeated messages only",
    ),
    ("message A { string s = 1; }", "A.s: states no max_bytes"),
    ("message A { optional bytes b = 1; }", "A.b: states no max_bytes"),
    ("message A { oneof o { string s = 1; } }", "A.s: states no max_bytes"),
    ("message A { message B { string s = 1; } }", "A.B.s: states no max_bytes"),
    ("message A { repeated uint32 n = 1; }", "A.n: is repeated and states no max_items"),
    (
        "message A { repeated string s = 1 [(limits).max_bytes = 9]; }",
        "A.s: is repeated and states no max_items",
    ),
    ("message A { repeated B b = 1; } message B {}", "A.b: is repeated and states no max_items"),
    (
        "message A { repeated string s = 1 [(limits).max_bytes = 65537, (limits).max_items = 1]; }",
        "A.s: could take 65537 bytes, over 65536; state max_total_bytes",
    ),
    (
        "message A { string s = 1 [(limits).max_bytes = 0]; }",
        "A.s: has max_bytes = 0, which lets nothing through",
    ),
    (
        "message A { repeated bool b = 1 [(limits).max_items = 0]; }",
        "A.b: has max_items = 0, which lets nothing through",
    ),
    (
        "message A { uint32 n = 1 [(limits).max_bytes = 4]; }",
        "A.n: has max_bytes, which applies to strings and bytes only",
    ),
    (
        "message A { bool b = 1 [(limits).max_items = 4]; }",
        "A.b: has max_items, which applies to repeated fields only",
    ),
    (
        "message A { string s = 1 [(limits).max_bytes = 4, (limits).max_total_bytes = 4]; }",
        "A.s: has max_total_bytes, which applies to repeated strings and bytes only",
    ),
    (
        "message A { repeated bool b = 1 [(limits).max_items = 4, (limits).max_total_bytes = 4]; }",
        "A.b: has max_total_bytes, which applies to repeated strings and bytes only",
    ),
    (
        "message A { double d = 1 [(limits).non_empty = true]; }",
        "A.d: has non_empty, which applies to strings and bytes only",
    ),
    (
        "message A { B b = 1 [(limits).on_excess = ON_EXCESS_CUT]; } message B {}",
        "A.b: has on_excess, which applies to strings and bytes only",
    ),
    (
        "message A { bytes b = 1 [(limits).max_bytes = 4, (limits).opaque = true]; }",
        "A.b: has opaque, which applies to single messages only",
    ),
    (
        "message A { repeated B b = 1 [(limits).max_items = 4, (limits).opaque = true]; } message B {}",
        "A.b: has opaque, which applies to single messages only",
    ),
    (
        "message A { repeated B b = 1 [(limits).max_items = 4]; }
         message B { bytes b = 1 [(limits).max_bytes = 65469]; }",
        "A.b: one B can take 65473 bytes; with what goes with it that is over a frame of 65536",
    ),
    ("message A { A a = 1; }", "A: contains itself (A > A)"),
    ("message A { B b = 1; } message B { repeated A a = 1; }", "A: contains itself (A > B > A)"),
    ("message A { map<string, bool> m = 1; }", "A.m: maps are not supported"),
    (
        "import \"google/protobuf/empty.proto\"; message A { google.protobuf.Empty e = 1; }",
        "A.e: has type google.protobuf.Empty, which no file below the schema root declares",
    ),
    (
        "import \"google/protobuf/descriptor.proto\"; extend google.protobuf.FieldOptions { bool x = 50001; }",
        "declares an extension",
    ),
    (
        "import \"google/protobuf/descriptor.proto\";
         message A { extend google.protobuf.FieldOptions { bool x = 50001; } }",
        "A: declares an extension",
    ),
    (
        "message Foo { message Bar {} } message FooBar {}",
        "FooBar: would be FooBar in Rust, which is taken by Foo.Bar",
    ),
    (
        "message Foo { oneof bar { bool b = 1; } } message FooBar {}",
        "Foo: would be FooBar in Rust, which is taken by FooBar",
    ),
    (
        "message A { uint32 fooBar = 1; oneof foo_bar { bool b = 2; } }",
        "A.foo_bar: would be foo_bar in Rust, which is taken by fooBar",
    ),
    ("message Option {}", "Option: would be Option in Rust, which is taken by Rust's prelude"),
    ("enum E { E_A = 0; A = 1; }", "E.A: would be A in Rust, which is taken by E_A"),
    ("enum E { E_A = 1; }", "the first value for proto3 enums must be 0"),
];

#[test]
fn what_has_no_bound_or_no_form_is_refused_by_name() {
    for (body, said) in BROKEN {
        let error = from_body(body).unwrap_err();
        let error = error.to_string();
        assert!(error.starts_with("own.proto:"), "{body}: {error}");
        assert!(error.contains(said), "{body}: {error}");
    }
}

#[test]
fn only_as_many_fields_can_be_cut_as_can_be_noted() {
    let body = |others: u32| {
        let others: Vec<_> = (1..=others).map(|n| format!("bool b{n} = {n}; ")).collect();
        let others = others.concat();
        let cut = "string s = 98 [(limits).max_bytes = 9, (limits).on_excess = ON_EXCESS_CUT];";
        let notes = "repeated N n = 99 [(limits).max_items = 4, (limits).notes = true];";
        let note = "message N { uint32 field = 1; K kind = 2; } enum K { K_NONE = 0; K_CUT = 1; }";
        format!("message A {{ {others}{cut}{notes} }} {note}")
    };
    from_body(&body(63)).unwrap();
    let said = from_body(&body(64)).unwrap_err().to_string();
    let want = "A.s: may be cut, and is not among the message's first 64, which alone can be noted";
    assert!(said.contains(want), "{said}");
}

/// The table above proves nothing if everything is refused.
#[test]
fn the_largest_that_is_allowed_is_taken() {
    for body in [
        "message A { repeated string s = 1 [(limits).max_bytes = 65536, (limits).max_items = 1]; }",
        "message A { repeated B b = 1 [(limits).max_items = 4]; }
         message B { bytes b = 1 [(limits).max_bytes = 65468]; }",
        "message A { A a = 1 [(limits).opaque = true]; }",
        "message A { message B {} } message B {}",
    ] {
        let files = from_body(body).unwrap_or_else(|error| panic!("{body}: {error}"));
        assert_eq!(files.len(), 1);
    }
}

#[test]
fn all_that_lacks_a_limit_is_named_at_once() {
    let body = "message A { string s = 1; repeated bool b = 2; } message B { bytes b = 1; }";
    let said = from_body(body).unwrap_err().to_string();
    let lines: Vec<_> = said.lines().map(|line| line.split_once(';').unwrap().0).collect();
    assert_eq!(
        lines,
        [
            "own.proto: A.s: states no max_bytes",
            "own.proto: A.b: is repeated and states no max_items",
            "own.proto: B.b: states no max_bytes",
        ]
    );
}

#[test]
fn who_looks_for_the_options_is_told_where_they_are() {
    for text in [
        "import \"limits.proto\"; message A {}",
        "message A { string s = 1 [(limits).max_bytes = 9]; }",
        "message A { string s = 1 [(eyelet.v1.limits).max_bytes = 9]; }",
        "option (eyelet.v1.protocol_version) = 1;",
    ] {
        let text = format!("syntax = \"proto3\"; package own; {text}");
        let said = from_files(&[("own.proto", &text)]).unwrap_err().to_string();
        assert!(said.contains("\nhelp: `import \"eyelet/v1/limits.proto\";`"), "{text}: {said}");
    }
}

#[test]
fn only_proto3_is_taken() {
    let error = from_files(&[("own.proto", "syntax = \"proto2\"; message A {}")]).unwrap_err();
    let said = error.to_string();
    assert_eq!(said, "own.proto: is not proto3; a file begins with `syntax = \"proto3\";`");
    let group = "syntax = \"proto3\"; message A { repeated group G = 1 {} }";
    assert!(matches!(from_files(&[("own.proto", group)]), Err(CodegenError::Protobuf(_))));
}

#[test]
fn one_package_and_one_name_for_a_file() {
    let one = "syntax = \"proto3\"; package one;";
    let two = "syntax = \"proto3\"; package two;";
    let error = from_files(&[("a.proto", one), ("b.proto", two)]).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("b.proto: package \"two\", where the files before have \"one\"")
    );
    let error = from_files(&[("a/x.proto", one), ("b/x.proto", one)]).unwrap_err();
    assert_eq!(error.to_string(), "b/x.proto: would be x in Rust, which is taken by a/x.proto");
    let version = |n| {
        format!(
            "{one} import \"eyelet/v1/limits.proto\"; option (eyelet.v1.protocol_version) = {n};"
        )
    };
    assert!(from_files(&[("a.proto", &version(1)), ("b.proto", &version(1))]).is_ok());
    let error = from_files(&[("a.proto", &version(1)), ("b.proto", &version(2))]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "b.proto: states protocol_version 2, where a file before states 1"
    );
    let error = from_files(&[("owned.proto", one)]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "owned.proto: would be owned in Rust, which is taken by the generator"
    );
}

#[test]
fn a_syntax_error_names_its_place() {
    let error = from_body("message A { string s == 1; }").unwrap_err();
    assert!(error.to_string().starts_with("own.proto:1:"), "{error}");
}

#[test]
fn another_limits_proto_than_ours_is_refused() {
    let error = from_files(&[("eyelet/v1/limits.proto", "syntax = \"proto3\";")]).unwrap_err();
    assert!(matches!(error, CodegenError::Limits(_)), "{error}");
}

#[test]
fn nothing_to_generate_is_said() {
    assert!(matches!(from_files(&[]), Err(CodegenError::NoSchema(_))));
}

fn from_body(body: &str) -> Result<Vec<GeneratedFile>, CodegenError> {
    let head = "syntax = \"proto3\"; import \"eyelet/v1/limits.proto\"; package eyelet.v1;";
    from_files(&[("own.proto", &format!("{head} {body}"))])
}

fn from_files(files: &[(&str, &str)]) -> Result<Vec<GeneratedFile>, CodegenError> {
    let root = TempDir::new().unwrap();
    for (name, text) in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).unwrap();
        fs::write(path, text).unwrap();
    }
    generate(&Options::new(root.path(), root.path().join("out")))
}
