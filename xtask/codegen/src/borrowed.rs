//! The borrowed messages: a struct, its fields' limits, and how it is read and written.

use crate::budget::Budget;
use crate::comment::doc;
use crate::fields::{self, Scope};
use crate::names::{self, digits};
use crate::schema::{Field, File, Message, Part, Schema};
use crate::{ALLOWED, enumeration, fast_lane, visitor, worst_case};

/// A whole module.
pub(crate) fn file(schema: &Schema, file: &File, codec: &str) -> String {
    let scope = Scope { schema, module: &file.module };
    let messages = file.messages.iter().map(|message| {
        let oneofs: String =
            (0..message.oneofs.len()).map(|index| oneof(&scope, message, index)).collect();
        structure(&scope, message) + &oneofs + &code(&scope, message)
    });
    let enumerations = file.enumerations.iter().map(enumeration::of);
    let items: Vec<_> = messages.chain(enumerations).collect();
    format!(
        "//! Messages of `{}`.\n\n{ALLOWED}\n\nuse {codec}::runtime;\n\n{}",
        file.path,
        items.join("\n")
    )
}

fn structure(scope: &Scope, message: &Message) -> String {
    let members: String = message.parts().map(|part| member(scope, message, &part)).collect();
    format!(
        "{}#[derive(Clone, Copy, Debug, Default, PartialEq)]\npub struct {}{} {{\n{members}}}\n\n",
        doc(&message.comment, &format!("`{}` of the schema.", message.name.schema)),
        message.name.rust,
        scope.lifetime(message),
    )
}

fn member(scope: &Scope, message: &Message, part: &Part) -> String {
    match *part {
        Part::Field(field) => {
            let name = names::snake(&field.name);
            format!("{}pub {name}: {},\n", field_doc(field), scope.field_type(field))
        }
        Part::Oneof(index) => {
            let oneof = &message.oneofs[index];
            let otherwise = format!("At most one of the members of `{}`.", oneof.name);
            let (comment, name) = (doc(&oneof.comment, &otherwise), names::snake(&oneof.name));
            let lifetime = scope.oneof_lifetime(message, index);
            format!("{comment}pub {name}: Option<{}{lifetime}>,\n", oneof.rust)
        }
    }
}

/// The schema's comment, and in a line of their own the limits.
fn field_doc(field: &Field) -> String {
    let comment = doc(&field.comment, &format!("Field {}.", field.number));
    match limits_sentence(field) {
        Some(limits) => format!("{comment}///\n/// {limits}\n"),
        None => comment,
    }
}

fn limits_sentence(field: &Field) -> Option<String> {
    let limits = &field.limits;
    let at_most = match (limits.max_items, limits.max_bytes, limits.max_total_bytes) {
        (None, None, _) => return None,
        (None, Some(bytes), _) => format!("At most {bytes} bytes"),
        (Some(items), None, _) => format!("At most {items}"),
        (Some(items), Some(bytes), None) => format!("At most {items} of {bytes} bytes each"),
        (Some(items), Some(bytes), Some(total)) => {
            format!("At most {items} of {bytes} bytes each, {total} together")
        }
    };
    let non_empty = match (field.non_empty(), field.is_repeated()) {
        (false, _) => "",
        (true, false) => ", not empty",
        (true, true) => ", none of them empty",
    };
    let cut = if limits.cut() { "; may be cut to fit" } else { "" };
    Some(format!("{at_most}{non_empty}{cut}."))
}

fn oneof(scope: &Scope, message: &Message, index: usize) -> String {
    let oneof = &message.oneofs[index];
    let variants = message.members(index).map(|field| {
        format!("{}{}({}),\n", field_doc(field), names::camel(&field.name), scope.value_type(field))
    });
    format!(
        "{}#[derive(Clone, Copy, Debug, PartialEq)]\npub enum {}{} {{\n{}}}\n\n",
        doc(
            &oneof.comment,
            &format!("The members of `{}` in [`{}`].", oneof.name, message.name.rust)
        ),
        oneof.rust,
        scope.oneof_lifetime(message, index),
        variants.collect::<String>(),
    )
}

fn code(scope: &Scope, message: &Message) -> String {
    let lifetime = scope.lifetime(message);
    let (name, placeholder) = (&message.name.rust, lifetime.replace("'a", "'_"));
    let constants: String = message.fields.iter().map(constant).collect();
    let own = if constants.is_empty() {
        String::new()
    } else {
        format!("impl {name}{placeholder} {{\n{constants}}}\n\n")
    };
    let list: Vec<_> = message
        .fields
        .iter()
        .map(|field| format!("&Self::{}", names::shouty(&field.name)))
        .collect();
    let at = lifetime.replace("'a", "'b");
    format!(
        "{own}impl<'a> runtime::Message<'a> for {name}{lifetime} {{
            type At<'b> = {name}{at};

            const DESCRIPTOR: &'static runtime::Descriptor =
                &runtime::Descriptor {{ name: {schema_name:?}, fields: &[{list}], notes: {notes} }};
            const MAX_ENCODED_LEN: usize = {max};
            const LIMITS: runtime::Limits = {limits};

            fn read(&mut self, reader: &mut runtime::Reader<'a, '_>) -> runtime::Step<()> {{
                {read}
            }}

            #[inline(always)]
            fn read_fast(&mut self, fast: &mut runtime::FastReader<'a, '_>) -> runtime::Step<()> {{
                {read_fast}
            }}

            #[inline(always)]
            fn write<W: runtime::WriteFields>(&self, writer: &mut W) -> runtime::Step<()> {{
                {write}
            }}
        }}\n\n{records}",
        schema_name = message.name.schema,
        list = list.join(", "),
        notes = message
            .notes()
            .map_or("None".to_owned(), |notes| format!("Some({})", fields::constant(notes))),
        max = digits(worst_case::message(scope.schema, message)),
        read = if visitor::applies(scope, message) {
            "self.read_each(reader, &mut ())".to_owned()
        } else {
            fields::read(scope, message, fields::record)
        },
        limits = limits(scope, message),
        read_fast = fast_lane::read(scope, message),
        write = fields::write(scope, message),
        records = visitor::of(scope, message),
    )
}

fn limits(scope: &Scope, message: &Message) -> String {
    let Budget { bytes, elements, depth } = Budget::of(scope.schema, message);
    let (bytes, elements) = (digits(bytes), digits(elements));
    let others = "..runtime::Limits::SCHEMA";
    format!("runtime::Limits {{ bytes: {bytes}, elements: {elements}, depth: {depth}, {others} }}")
}

fn constant(field: &Field) -> String {
    let new = format!("runtime::Field::new({}, {:?})", field.number, field.name);
    let limits = &field.limits;
    let sizes = [
        ("max_bytes", limits.max_bytes),
        ("max_items", limits.max_items),
        ("max_total_bytes", limits.max_total_bytes),
    ];
    let mut parts: Vec<_> = sizes
        .into_iter()
        .filter_map(|(name, size)| Some(format!("{name}: {}", digits(size?.into()))))
        .collect();
    parts.extend(field.non_empty().then(|| "non_empty: true".to_owned()));
    parts.extend(limits.cut().then(|| "on_excess: runtime::OnExcess::Cut".to_owned()));
    let value = if parts.is_empty() {
        new
    } else {
        format!("runtime::Field {{ {}, ..{new} }}", parts.join(", "))
    };
    format!(
        "/// `{}`.\npub const {}: runtime::Field = {value};\n",
        field.name,
        names::shouty(&field.name)
    )
}
