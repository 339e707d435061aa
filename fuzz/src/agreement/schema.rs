//! The messages as `proto/` declares them, read from the text of the files and from nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::sync::LazyLock;

pub static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::read);

#[derive(Debug, Default)]
pub struct Schema {
    messages: Vec<Message>,
    enums: BTreeSet<String>,
}

#[derive(Debug)]
pub struct Message {
    pub name: String,
    pub fields: Vec<Field>,
}

#[derive(Debug)]
pub struct Field {
    pub number: u64,
    pub kind: Kind,
    pub repeated: bool,
    /// A member of the message's `oneof`, of which no message has two.
    pub member: bool,
    pub limits: Limits,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Bool,
    Uint32,
    Uint64,
    Int32,
    Int64,
    Enum,
    Fixed64,
    Double,
    Text,
    Bytes,
    Message(String),
}

/// The options of limits.proto, but for `on_excess`, which concerns encoders only.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    pub max_bytes: Option<u64>,
    pub max_items: Option<u64>,
    pub max_total_bytes: Option<u64>,
    pub non_empty: bool,
    pub opaque: bool,
}

impl Schema {
    pub fn message(&self, name: &str) -> &Message {
        let found = self.messages.iter().find(|message| message.name == name);
        found.unwrap_or_else(|| panic!("the schema has no message {name}"))
    }

    pub fn names(&self) -> Vec<&str> {
        self.messages.iter().map(|message| &message.name[..]).collect()
    }

    fn read() -> Self {
        let mut schema = Self::default();
        for file in ["ipc.proto", "session.proto"] {
            let path = format!("{}/../proto/eyelet/v1/{file}", env!("CARGO_MANIFEST_DIR"));
            schema.add(&fs::read_to_string(path).unwrap());
        }
        schema.tell_enums_from_messages();
        schema
    }

    fn add(&mut self, source: &str) {
        let code = source.lines().map(|line| line.split("//").next().unwrap_or_default());
        let code = code.collect::<Vec<_>>().join(" ");
        let mut blocks = Vec::new();
        for statement in code.split_inclusive([';', '{', '}']) {
            let (text, end) = statement.split_at(statement.len() - 1);
            let words = text.split_whitespace().collect::<Vec<_>>();
            match (end, &words[..]) {
                ("{", [block, name]) => {
                    self.open(block, name);
                    blocks.push((*block).to_owned());
                }
                ("}", []) => drop(blocks.pop()),
                (";", [first, ..]) => {
                    let inner = blocks.last().map(String::as_str);
                    if *first != "reserved" && matches!(inner, Some("message" | "oneof")) {
                        let field = Field::parse(text, inner == Some("oneof"));
                        self.messages.last_mut().unwrap().fields.push(field);
                    }
                }
                _ => assert!(text.trim().is_empty(), "not understood: {statement}"),
            }
        }
    }

    fn open(&mut self, block: &str, name: &str) {
        match block {
            "message" => self.messages.push(Message { name: name.to_owned(), fields: Vec::new() }),
            "enum" => drop(self.enums.insert(name.to_owned())),
            _ => assert_eq!(block, "oneof", "{name}"),
        }
    }

    fn tell_enums_from_messages(&mut self) {
        for field in self.messages.iter_mut().flat_map(|message| &mut message.fields) {
            if matches!(&field.kind, Kind::Message(name) if self.enums.contains(name)) {
                field.kind = Kind::Enum;
            }
        }
    }
}

impl Message {
    pub fn field(&self, number: u64) -> Option<&Field> {
        self.fields.iter().find(|field| field.number == number)
    }
}

impl Field {
    /// `repeated string command_line = 5 [(limits).max_bytes = 20480, ..]`
    fn parse(text: &str, member: bool) -> Self {
        let (declaration, value) = text.split_once('=').unwrap();
        let mut words = declaration.split_whitespace().collect::<Vec<_>>();
        let repeated = words[0] == "repeated";
        words.retain(|word| !matches!(*word, "repeated" | "optional"));
        let [kind, _name] = words[..] else { panic!("not understood: {text}") };
        let (number, options) =
            value.trim().trim_end_matches(']').split_once('[').unwrap_or((value, ""));
        let mut limits = Limits::default();
        for option in options.split(',').filter(|option| !option.trim().is_empty()) {
            limits.set(option);
        }
        let number = number.trim().parse().unwrap();
        Self { number, kind: Kind::parse(kind), repeated, member, limits }
    }

    pub fn is_singular_message(&self) -> bool {
        matches!(self.kind, Kind::Message(_)) && !self.repeated
    }
}

impl Limits {
    fn set(&mut self, option: &str) {
        let (name, value) = option.split_once('=').unwrap();
        let value = value.trim();
        match name.trim().strip_prefix("(limits).").unwrap() {
            "max_bytes" => self.max_bytes = Some(value.parse().unwrap()),
            "max_items" => self.max_items = Some(value.parse().unwrap()),
            "max_total_bytes" => self.max_total_bytes = Some(value.parse().unwrap()),
            "non_empty" => self.non_empty = value == "true",
            "opaque" => self.opaque = value == "true",
            name => assert!(matches!(name, "on_excess" | "notes")),
        }
    }
}

impl Kind {
    fn parse(name: &str) -> Self {
        match name {
            "bool" => Self::Bool,
            "uint32" => Self::Uint32,
            "uint64" => Self::Uint64,
            "int32" => Self::Int32,
            "int64" => Self::Int64,
            "fixed64" => Self::Fixed64,
            "double" => Self::Double,
            "string" => Self::Text,
            "bytes" => Self::Bytes,
            name => {
                assert!(name.starts_with(char::is_uppercase), "an unknown type, {name}");
                Self::Message(name.to_owned())
            }
        }
    }

    /// The wire type of one value.
    pub fn wire(&self) -> u64 {
        match self {
            Self::Fixed64 | Self::Double => 1,
            Self::Text | Self::Bytes | Self::Message(_) => 2,
            _ => 0,
        }
    }

    pub fn is_number(&self) -> bool {
        self.wire() != 2
    }
}
