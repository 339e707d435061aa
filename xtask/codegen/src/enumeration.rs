//! Enums: open, so that a number of a later schema is kept.

use std::collections::HashSet;

use crate::comment::doc;
use crate::schema::Enumeration;

pub(crate) fn of(enumeration: &Enumeration) -> String {
    let name = &enumeration.name.rust;
    let comment =
        doc(&enumeration.comment, &format!("`{}` of the schema.", enumeration.name.schema));
    let constants = enumeration.values.iter().map(|value| {
        let comment = doc(&value.comment, &format!("`{}`.", value.name));
        format!("{comment}pub const {}: Self = Self({});\n", value.rust, value.number)
    });
    // Of two names for one number the first counts.
    let mut numbers = HashSet::new();
    let values = enumeration.values.iter().filter(|value| numbers.insert(value.number));
    let arms = values.map(|value| format!("{} => {:?},\n", value.number, value.name));
    format!(
        "{comment}///
        /// Any number can stand here; those of the schema have a name.
        #[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct {name}(pub i32);

        impl {name} {{
            {constants}
            /// Name in the schema; `None` for a number that it does not have.
            pub fn name(self) -> Option<&'static str> {{
                Some(match self.0 {{ {arms} _ => return None, }})
            }}
        }}

        impl core::fmt::Debug for {name} {{
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {{
                match self.name() {{
                    Some(name) => f.write_str(name),
                    None => core::fmt::Debug::fmt(&self.0, f),
                }}
            }}
        }}

        impl runtime::Scalar for {name} {{
            const MAX_WIRE: u64 = <i32 as runtime::Scalar>::MAX_WIRE;

            #[inline]
            fn from_wire(raw: u64) -> Option<Self> {{
                <i32 as runtime::Scalar>::from_wire(raw).map(Self)
            }}

            #[inline]
            fn to_wire(self) -> u64 {{
                runtime::Scalar::to_wire(self.0)
            }}
        }}

        impl<'a> runtime::Element<'a> for {name} {{

            fn from_wire_bytes(wire: &mut runtime::Wire<'a>) -> Option<Self> {{
                wire.scalar()
            }}

            #[inline]
            fn from_packed(
                bytes: &'a [u8],
                encoding: runtime::Encoding,
            ) -> Option<(Self, &'a [u8])> {{
                runtime::first_packed(bytes, encoding)
            }}
        }}\n",
        constants = constants.collect::<String>(),
        arms = arms.collect::<String>(),
    )
}
