//! Seeing the records of a message while it is decoded, for one that can hold many.

use crate::fields::{self, Scope};
use crate::names;
use crate::schema::{Field, Message, Name};

pub(crate) fn applies(scope: &Scope, message: &Message) -> bool {
    !scope.schema.records(message).is_empty()
}

/// The trait and the walk that calls it; nothing for a message without records.
pub(crate) fn of(scope: &Scope, message: &Message) -> String {
    if !applies(scope, message) {
        return String::new();
    }
    let name = &message.name.rust;
    let methods = scope.schema.records(message).into_iter().map(|(field, record)| {
        format!(
            "/// One of `{field}`.
            fn {}(&mut self, record: &{record}) -> core::ops::ControlFlow<()> {{
                let _ = record;
                core::ops::ControlFlow::Continue(())
            }}

            /// Slots to keep all of `{field}` in, which are then not seen one by one; the message is refused,
            /// as `Stopped`, if there are too few.
            fn {slots}(&mut self) -> Option<runtime::Slots<'_, {record}>> {{
                None
            }}\n",
            names::snake(&field.name),
            field = field.name,
            slots = slots(field),
            record = scope.message_type(record),
        )
    });
    let methods: Vec<_> = methods.collect();
    format!(
        "/// Sees the records of a [`{name}`] while it is decoded, each checked wholly before it is seen.
        ///
        /// What was seen counts only if the whole message is accepted in the end.
        pub trait {name}Visitor<'a> {{
            {methods}
        }}

        impl {name}Visitor<'_> for () {{}}

        impl<'a> {name}<'a> {{
            /// Decodes in one walk and shows each record to `visitor`, which may break it off.
            ///
            /// # Errors
            /// As [`decode_with`](runtime::Message::decode_with), and `Stopped` after a break.
            pub fn decode_each(
                bytes: &'a [u8],
                limits: &runtime::Limits,
                visitor: &mut impl {name}Visitor<'a>,
            ) -> core::result::Result<Self, runtime::MessageError> {{
                let mut message = Self::default();
                let read = |reader: &mut runtime::Reader<'a, '_>| message.read_each(reader, visitor);
                runtime::decode_by::<Self>(bytes, limits, read)?;
                Ok(message)
            }}

            fn read_each(
                &mut self,
                reader: &mut runtime::Reader<'a, '_>,
                visitor: &mut impl {name}Visitor<'a>,
            ) -> runtime::Step<()> {{
                {read}
            }}
        }}\n",
        methods = methods.join("\n"),
        read = fields::read(scope, message, shown_record),
    )
}

fn slots(field: &Field) -> String {
    format!("{}_kept_in", names::bare_snake(&field.name))
}

fn shown_record(scope: &Scope, field: &Field, record: &Name) -> String {
    let name = names::snake(&field.name);
    format!(
        "{{
            if let Some(slots) = visitor.{slots}() {{
                reader.each_kept({constant}, &mut {tally}, slots)?;
            }} else {{
                let see = |record: &{}| visitor.{name}(record);
                reader.each({constant}, &mut {tally}, see)?;
            }}
            self.{name} = reader.so_far(&{tally}, runtime::Encoding::Varint);
        }}",
        scope.message_type(record),
        slots = slots(field),
        constant = fields::constant(field),
        tally = fields::tally(field),
    )
}
