use alloc::string::String;
use core::fmt::{self, Formatter};
use core::marker::PhantomData;

use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IgnoredAny, MapAccess, VariantAccess, Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};

/// The member of a `oneof` among a message's keys, for `#[serde(flatten, deserialize_with = "oneof")]`.
///
/// serde's own way to flatten an option takes a member with a wrong value for none at all, and the
/// first of two for the only one.
///
/// # Errors
/// What is wrong with the member, or that there are two.
pub fn oneof<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_map(Members(PhantomData))
}

struct Members<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a message")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<T>, A::Error> {
        let mut member = None;
        while let Some(name) = map.next_key::<String>()? {
            let mut is_member = false;
            let entry = Entry { name: &name, map: &mut map, is_member: &mut is_member };
            let value = T::deserialize(entry);
            if !is_member {
                map.next_value::<IgnoredAny>()?;
            } else if member.replace(value?).is_some() {
                return Err(de::Error::custom(format_args!(
                    "`{name}` is the second member of its oneof"
                )));
            }
        }
        Ok(member)
    }
}

/// One key of the message, and the value to come: a variant if the enum has one of that name.
struct Entry<'e, A> {
    name: &'e str,
    map: &'e mut A,
    is_member: &'e mut bool,
}

impl<'de, A: MapAccess<'de>> Deserializer<'de> for Entry<'_, A> {
    type Error = A::Error;

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        if !variants.contains(&self.name) {
            return Err(de::Error::unknown_variant(self.name, variants));
        }
        *self.is_member = true;
        visitor.visit_enum(self)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, A::Error> {
        Err(de::Error::custom("a oneof is an enum"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de, A: MapAccess<'de>> EnumAccess<'de> for Entry<'_, A> {
    type Error = A::Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), A::Error> {
        let name = de::value::StrDeserializer::new(self.name);
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de, A: MapAccess<'de>> VariantAccess<'de> for Entry<'_, A> {
    type Error = A::Error;

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.map.next_value_seed(seed)
    }

    fn unit_variant(self) -> Result<(), A::Error> {
        Err(no_value())
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, A::Error> {
        Err(no_value())
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, A::Error> {
        Err(no_value())
    }
}

fn no_value<E: de::Error>() -> E {
    E::custom("a member of a oneof has one value")
}
