//! From protobuf's own description to ours, refusing what ours has no form for.

use prost_reflect::{
    EnumDescriptor, FieldDescriptor, FileDescriptor, Kind as Proto, MessageDescriptor, Syntax,
};

use crate::limits::{self, Limits};
use crate::schema::{
    Enumeration, Field, File, Kind, Message, Name, Number, Oneof, Presence, Reserved, Schema, Value,
};
use crate::source::Sources;
use crate::{CodegenError, Place, Refusal, comment, names};

pub(crate) fn schema(sources: &Sources) -> Result<Schema, CodegenError> {
    let package = sources.files.first().map_or("", FileDescriptor::package_name);
    let files: Result<_, _> =
        sources.files.iter().map(|file| read_file(sources, file, package)).collect();
    Ok(Schema { package: package.to_owned(), version: version(sources)?, files: files? })
}

fn version(sources: &Sources) -> Result<Option<u32>, CodegenError> {
    let mut found = None;
    for file in &sources.files {
        let Some(version) = limits::protocol_version(file, &sources.pool) else { continue };
        if found.is_some_and(|found| found != version) {
            let place = Place { file: file.name().to_owned(), ..Place::default() };
            return Err(place.refuse(Refusal::Version(version, found.unwrap_or_default())));
        }
        found = Some(version);
    }
    Ok(found)
}

fn read_file(
    sources: &Sources,
    file: &FileDescriptor,
    package: &str,
) -> Result<File, CodegenError> {
    let refuse = |refusal| {
        let place = Place { file: file.name().to_owned(), ..Place::default() };
        Err(place.refuse(refusal))
    };
    if file.syntax() != Syntax::Proto3 {
        return refuse(Refusal::Syntax);
    }
    if file.package_name() != package {
        return refuse(Refusal::Package(file.package_name().to_owned(), package.to_owned()));
    }
    if file.extensions().len() > 0 {
        return refuse(Refusal::Extension);
    }
    let mut found = Found { sources, messages: Vec::new(), enumerations: Vec::new() };
    found.level(file.messages(), file.enums())?;
    Ok(File {
        path: file.name().to_owned(),
        module: module(file),
        messages: found.messages,
        enumerations: found.enumerations,
    })
}

struct Found<'s> {
    sources: &'s Sources,
    messages: Vec<Message>,
    enumerations: Vec<Enumeration>,
}

impl Found<'_> {
    fn level(
        &mut self,
        messages: impl Iterator<Item = MessageDescriptor>,
        enums: impl Iterator<Item = EnumDescriptor>,
    ) -> Result<(), CodegenError> {
        self.enumerations.extend(enums.map(|descriptor| enumeration(&descriptor)));
        for descriptor in messages.filter(|descriptor| !descriptor.is_map_entry()) {
            self.messages.push(message(self.sources, &descriptor)?);
            self.level(descriptor.child_messages(), descriptor.child_enums())?;
        }
        Ok(())
    }
}

fn message(sources: &Sources, descriptor: &MessageDescriptor) -> Result<Message, CodegenError> {
    let name = message_name(descriptor);
    if descriptor.child_extensions().len() > 0 {
        let place = Place {
            file: descriptor.parent_file().name().to_owned(),
            item: name.schema,
            member: String::new(),
        };
        return Err(place.refuse(Refusal::Extension));
    }
    let fields: Result<Vec<_>, _> =
        descriptor.fields().map(|descriptor| field(sources, &name, &descriptor)).collect();
    let mut fields = fields?;
    fields.sort_by_key(|field| field.number);
    let file = descriptor.parent_file();
    let oneofs = descriptor.oneofs().filter(|oneof| !oneof.is_synthetic()).map(|oneof| Oneof {
        name: oneof.name().to_owned(),
        comment: comment::of(&file, oneof.path()),
        rust: format!("{}{}", name.rust, names::camel(oneof.name())),
    });
    let comment = comment::of(&file, descriptor.path());
    let reserved = Reserved {
        numbers: descriptor
            .reserved_ranges()
            .map(|n| n.start.into()..=i64::from(n.end) - 1)
            .collect(),
        names: descriptor.reserved_names().map(str::to_owned).collect(),
    };
    Ok(Message { comment, fields, oneofs: oneofs.collect(), reserved, name })
}

fn field(
    sources: &Sources,
    message: &Name,
    descriptor: &FieldDescriptor,
) -> Result<Field, CodegenError> {
    let limits = Limits::of(descriptor, &sources.pool);
    let file = descriptor.parent_file();
    let kind = match kind(sources, descriptor) {
        Ok(Kind::Message(name)) if limits.opaque() => Kind::Opaque(name),
        Ok(kind) => kind,
        Err(refusal) => {
            let (item, member) = (message.schema.clone(), descriptor.name().to_owned());
            let place = Place { file: file.name().to_owned(), item, member };
            return Err(place.refuse(refusal));
        }
    };
    Ok(Field {
        number: descriptor.number(),
        name: descriptor.name().to_owned(),
        comment: comment::of(&file, descriptor.path()),
        presence: presence(descriptor),
        kind,
        limits,
        json_name: descriptor.json_name().to_owned(),
    })
}

/// Real `oneof`s stand before the synthetic ones of `optional` fields, so an index is the same in
/// [`Message::oneofs`].
fn presence(descriptor: &FieldDescriptor) -> Presence {
    let oneof = descriptor.containing_oneof().filter(|oneof| !oneof.is_synthetic());
    match oneof {
        Some(oneof) => {
            let mut all = descriptor.parent_message().oneofs();
            Presence::Member(all.position(|other| other == oneof).expect("is one of them"))
        }
        None if descriptor.is_list() => Presence::Repeated,
        None if descriptor.supports_presence() => Presence::Optional,
        None => Presence::Implicit,
    }
}

fn kind(sources: &Sources, descriptor: &FieldDescriptor) -> Result<Kind, Refusal> {
    if descriptor.is_map() {
        return Err(Refusal::Map);
    }
    let number = |schema, rust, encoding, max_len| {
        Ok(Kind::Number(Number { schema, rust, encoding, max_len }))
    };
    match descriptor.kind() {
        Proto::Bool => number("bool", "bool", "Varint", 1),
        Proto::Int32 => number("int32", "i32", "Varint", 10),
        Proto::Int64 => number("int64", "i64", "Varint", 10),
        Proto::Uint32 => number("uint32", "u32", "Varint", 5),
        Proto::Uint64 => number("uint64", "u64", "Varint", 10),
        Proto::Sint32 => number("sint32", "i32", "ZigZag", 5),
        Proto::Sint64 => number("sint64", "i64", "ZigZag", 10),
        Proto::Fixed32 => number("fixed32", "u32", "Fixed32", 4),
        Proto::Sfixed32 => number("sfixed32", "i32", "SignedFixed32", 4),
        Proto::Float => number("float", "f32", "Fixed32", 4),
        Proto::Fixed64 => number("fixed64", "u64", "Fixed64", 8),
        Proto::Sfixed64 => number("sfixed64", "i64", "Fixed64", 8),
        Proto::Double => number("double", "f64", "Fixed64", 8),
        Proto::String => Ok(Kind::Text),
        Proto::Bytes => Ok(Kind::Bytes),
        Proto::Message(to) => {
            own(sources, &to.parent_file(), to.full_name())?;
            Ok(Kind::Message(message_name(&to)))
        }
        Proto::Enum(to) => {
            own(sources, &to.parent_file(), to.full_name())?;
            Ok(Kind::Enumeration(enum_name(&to)))
        }
    }
}

fn own(sources: &Sources, file: &FileDescriptor, full_name: &str) -> Result<(), Refusal> {
    if sources.files.contains(file) { Ok(()) } else { Err(Refusal::Foreign(full_name.to_owned())) }
}

fn enumeration(descriptor: &EnumDescriptor) -> Enumeration {
    let file = descriptor.parent_file();
    let mut values: Vec<_> = descriptor.values().collect();
    // As declared, which of two names for one number is first being the one that counts.
    values.sort_by(|one, other| one.path().cmp(other.path()));
    let values = values.iter().map(|value| Value {
        number: value.number(),
        name: value.name().to_owned(),
        rust: names::value(descriptor.name(), value.name()),
        comment: comment::of(&file, value.path()),
    });
    let comment = comment::of(&file, descriptor.path());
    let reserved = Reserved {
        numbers: descriptor
            .reserved_ranges()
            .map(|n| (*n.start()).into()..=(*n.end()).into())
            .collect(),
        names: descriptor.reserved_names().map(str::to_owned).collect(),
    };
    Enumeration { name: enum_name(descriptor), comment, values: values.collect(), reserved }
}

fn message_name(descriptor: &MessageDescriptor) -> Name {
    name(descriptor.full_name(), descriptor.package_name(), &descriptor.parent_file())
}

fn enum_name(descriptor: &EnumDescriptor) -> Name {
    name(descriptor.full_name(), descriptor.package_name(), &descriptor.parent_file())
}

fn name(full_name: &str, package: &str, file: &FileDescriptor) -> Name {
    let schema = full_name.strip_prefix(package).unwrap_or(full_name).trim_start_matches('.');
    let rust = schema.split('.').map(names::camel).collect();
    Name { schema: schema.to_owned(), rust, module: module(file) }
}

fn module(file: &FileDescriptor) -> String {
    let name = file.name().rsplit('/').next().unwrap_or_default();
    names::snake(name.trim_end_matches(".proto"))
}
