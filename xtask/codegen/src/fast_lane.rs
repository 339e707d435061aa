//! How a message is read as encoders write it: the body of `read_fast`.

use crate::fields::{Scope, constant, encoding};
use crate::names;
use crate::schema::{Field, Kind, Message, Presence};

/// Keys of fields below are one ASCII byte.
const FIRST_LONG_KEY: u32 = 16;

/// The body of `read_fast`, which sets every field. What has no form there stays empty: where it comes,
/// the fast reader stops short of the message's end, and the careful one takes over.
pub(crate) fn read(scope: &Scope, message: &Message) -> String {
    let oneofs = message.oneofs.iter().map(|oneof| names::snake(&oneof.name));
    let oneofs: String = oneofs.map(|name| format!("self.{name} = None;\n")).collect();
    let (short, long): (Vec<&Field>, Vec<_>) =
        message.fields.iter().partition(|field| field.number < FIRST_LONG_KEY);
    let runs = short.chunk_by(|a, b| in_run(a) && in_run(b));
    let steps: String = runs
        .map(|run| if in_run(run[0]) { read_run(run) } else { read_field(scope, message, run[0]) })
        .collect();
    let required: String = message.fields.iter().filter_map(require).collect();
    let unused = if message.fields.is_empty() { "let _ = fast;\n" } else { "" };
    format!("{unused}{oneofs}{steps}{}{required}Ok(())", read_long(scope, message, &long))
}

/// Fields from 16 on, which few messages have: one look tells that there are none.
fn read_long(scope: &Scope, message: &Message, fields: &[&Field]) -> String {
    let own = fields.iter().filter(|field| !matches!(field.presence, Presence::Member(_)));
    let empty: String = own
        .map(|field| {
            format!("self.{} = core::default::Default::default();\n", names::snake(&field.name))
        })
        .collect();
    let steps: String = fields.iter().map(|field| read_field(scope, message, field)).collect();
    if steps.is_empty() {
        return empty;
    }
    format!("{empty}if fast.has_long_key() {{\n{steps}}}\n")
}

/// Whether the field is text that is checked together with its neighbours.
fn in_run(field: &Field) -> bool {
    let alone = matches!(field.presence, Presence::Member(_));
    matches!(field.kind, Kind::Text) && field.number < FIRST_LONG_KEY && !alone
}

fn read_run(run: &[&Field]) -> String {
    let spans = run.iter().map(|field| {
        let step = if field.is_repeated() { "spans" } else { "span" };
        format!("let {} = fast.{step}({})?;\n", local(field), constant(field))
    });
    let texts = run.iter().map(|field| {
        let (name, span) = (names::snake(&field.name), local(field));
        match field.presence {
            Presence::Repeated => format!("self.{name} = run.texts({span})?;\n"),
            Presence::Optional => format!("self.{name} = run.text({span})?;\n"),
            _ => format!("self.{name} = run.text({span})?.unwrap_or_default();\n"),
        }
    });
    let (spans, texts): (String, String) = (spans.collect(), texts.collect());
    format!("let run = fast.run();\n{spans}let mut run = fast.texts(run)?;\n{texts}")
}

fn read_field(scope: &Scope, message: &Message, field: &Field) -> String {
    let name = names::snake(&field.name);
    match field.presence {
        Presence::Repeated => match read_repeated(scope, field) {
            Some(value) => format!("self.{name} = {value}?;\n"),
            None => format!("self.{name} = runtime::Repeated::EMPTY;\n"),
        },
        Presence::Member(oneof) => {
            let oneof = &message.oneofs[oneof];
            let (name, variant) = (names::snake(&oneof.name), names::camel(&field.name));
            format!(
                "if let Some(value) = {}? {{
                    fast.refuse(self.{name}.is_some())?;
                    self.{name} = Some({}::{variant}(value));
                }}\n",
                read_value(scope, field),
                oneof.rust,
            )
        }
        Presence::Implicit if !matches!(field.kind, Kind::Message(_) | Kind::Opaque(_)) => {
            format!("self.{name} = {}?.unwrap_or_default();\n", read_value(scope, field))
        }
        _ => format!("self.{name} = {}?;\n", read_value(scope, field)),
    }
}

fn read_value(scope: &Scope, field: &Field) -> String {
    let constant = constant(field);
    match &field.kind {
        Kind::Number(_) | Kind::Enumeration(_) => {
            format!("fast.scalar({constant}, {})", encoding(field))
        }
        Kind::Text => format!("fast.text({constant})"),
        Kind::Bytes => format!("fast.bytes({constant})"),
        Kind::Opaque(_) => format!("fast.opaque({constant})"),
        Kind::Message(name) => format!("fast.message::<{}>({constant})", scope.message_type(name)),
    }
}

fn read_repeated(scope: &Scope, field: &Field) -> Option<String> {
    let constant = constant(field);
    match &field.kind {
        Kind::Number(_) | Kind::Enumeration(_) => {
            Some(format!("fast.scalars({constant}, {})", encoding(field)))
        }
        Kind::Message(name) => {
            Some(format!("fast.messages::<{}>({constant})", scope.message_type(name)))
        }
        Kind::Text | Kind::Bytes | Kind::Opaque(_) => None,
    }
}

/// A value that may not be empty is looked at where it stands; what is left is that it stands nowhere.
fn require(field: &Field) -> Option<String> {
    let required = field.non_empty() && field.presence == Presence::Implicit;
    required.then(|| format!("fast.refuse(self.{}.is_empty())?;\n", names::snake(&field.name)))
}

fn local(field: &Field) -> String {
    names::bare_snake(&field.name) + "_span"
}
