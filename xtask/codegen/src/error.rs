use std::fmt::{self, Display, Formatter};
use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why nothing was generated.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CodegenError {
    /// A file or directory could not be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A generated file could not be written.
    #[error("{}: {source}", path.display())]
    Write {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No `.proto` file lies below the schema root.
    #[error("{}: no .proto file in it or below", .0.display())]
    NoSchema(PathBuf),
    /// The schema root has its own `eyelet/v1/limits.proto`, and it says something else.
    #[error("{}: differs from the generator's; delete it, or renew it with `eyelet-codegen options`", .0.display())]
    Limits(PathBuf),
    /// The record of a released schema cannot be understood.
    #[error("{}: {why}", path.display())]
    Record {
        /// Which one.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Not valid protobuf.
    #[error("{0:?}{advice}", advice = advice(.0))]
    Protobuf(#[from] protox::Error),
    /// Valid protobuf, but not what bounded messages can be made of.
    #[error("{}", lines(.0))]
    Refused(Vec<(Place, Refusal)>),
    /// prost's types could not be made.
    #[error("prost: {0}")]
    Prost(io::Error),
    /// `rustfmt` could not be run.
    #[error("rustfmt: {0}; `rustup component add rustfmt` installs it")]
    Rustfmt(io::Error),
    /// `rustfmt` did not take the generated text: a bug in the generator.
    #[error("rustfmt refused the generated code: {0}")]
    Unformatted(String),
}

/// Where in a schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Path below the schema root.
    pub file: String,
    /// Message or enum without its package, `Outer.Inner` if nested; empty: the file as a whole.
    pub item: String,
    /// Field, `oneof` or enum value; empty: the item as a whole.
    pub member: String,
}

/// What a schema may not have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// proto2 or an edition.
    #[error("is not proto3; a file begins with `syntax = \"proto3\";`")]
    Syntax,
    /// A package other than that of the first file.
    #[error("package {0:?}, where the files before have {1:?}; generate one package at a time")]
    Package(String, String),
    /// A `protocol_version` other than that of a file before.
    #[error("states protocol_version {0}, where a file before states {1}")]
    Version(u32, u32),
    /// `extend`.
    #[error("declares an extension")]
    Extension,
    /// `map<..>`.
    #[error("maps are not supported; use a repeated message of key and value")]
    Map,
    /// A type that is not in the schema root.
    #[error(
        "has type {0}, which no file below the schema root declares; declare a message of its own"
    )]
    Foreign(String),
    /// A message that contains itself.
    #[error("contains itself ({0}); a message without a heap cannot, unless a field is opaque")]
    Recursion(String),
    /// Two things that would have one name in Rust.
    #[error("would be {0} in Rust, which is taken by {1}")]
    NameTaken(String, String),
    /// A `string` or `bytes` field without `max_bytes`.
    #[error("states no max_bytes; write `[(eyelet.v1.limits).max_bytes = ..]`")]
    NoMaxBytes,
    /// A repeated field without `max_items`.
    #[error("is repeated and states no max_items; write `[(eyelet.v1.limits).max_items = ..]`")]
    NoMaxItems,
    /// Elements that could be over 64 KiB together.
    #[error("could take {0} bytes, over {max}; state max_total_bytes", max = crate::check::FRAME)]
    NoMaxTotalBytes(u64),
    /// A limit of 0.
    #[error("has {0} = 0, which lets nothing through")]
    Zero(&'static str),
    /// A limit on a field that it cannot apply to.
    #[error("has {0}, which applies to {1} only")]
    Misplaced(&'static str, &'static str),
    /// `on_excess` CUT on bytes or a repeated field of a message without notes.
    #[error("may be cut, and no field of the message has notes = true, to say so")]
    NoNotes,
    /// A text that may be cut, in a message without notes, and is shorter than the ellipsis.
    #[error("may be cut, and max_bytes = {0} has no room for the ellipsis of 3 bytes that says so")]
    NoEllipsis(u32),
    /// A field that may be cut behind the ones that an encoder remembers to note.
    #[error(
        "may be cut, and is not among the message's first {}, which alone can be noted",
        crate::notes::NOTABLE
    )]
    NotNotable,
    /// Notes of another form than those that an encoder can write.
    #[error("has notes, but is no repeated message of 1: a uint32 and 2: an enum with a value CUT")]
    NotNotes,
    /// Notes before a field that may be cut.
    #[error("has notes, and {0}, which may be cut, comes behind it")]
    NotesBefore(String),
    /// A record that could not be sent.
    #[error("one {0} can take {1} bytes; with what goes with it that is over a frame of {max}", max = crate::check::FRAME)]
    RecordTooLarge(String, u64),
}

fn lines(refused: &[(Place, Refusal)]) -> String {
    let lines: Vec<_> =
        refused.iter().map(|(place, refusal)| format!("{place}: {refusal}")).collect();
    lines.join("\n")
}

/// What protobuf's words leave out for who begins with the options.
fn advice(error: &protox::Error) -> &'static str {
    let said = error.to_string();
    if said.contains("limits' is not defined") || said.contains("protocol_version' is not defined")
    {
        "\nhelp: `import \"eyelet/v1/limits.proto\";` and write `(eyelet.v1.limits)`"
    } else if said.contains("limits.proto' not found") {
        "\nhelp: `import \"eyelet/v1/limits.proto\";` is found without a file"
    } else {
        ""
    }
}

impl Place {
    pub(crate) fn refuse(self, refusal: Refusal) -> CodegenError {
        CodegenError::Refused(vec![(self, refusal)])
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        let separators = [": ", "."];
        let parts = [&self.item, &self.member];
        for (separator, part) in separators.into_iter().zip(parts).filter(|(_, p)| !p.is_empty()) {
            write!(f, "{separator}{part}")?;
        }
        Ok(())
    }
}
