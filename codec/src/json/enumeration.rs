use core::fmt::{self, Formatter};
use core::marker::PhantomData;

use serde::de::{self, Unexpected, Visitor};
use serde::{Deserializer, Serializer};

use super::Form;

/// An enum's number: its name in the schema, and as a number what has none. Read as either.
pub struct Enumeration<E>(PhantomData<E>);

/// The names of an enum in its schema.
pub trait Names {
    /// That of `number`, where it has one.
    fn name(number: i32) -> Option<&'static str>;

    /// The way back.
    fn number(name: &str) -> Option<i32>;
}

impl<N: Names> Form<i32> for Enumeration<N> {
    fn serialize<S: Serializer>(value: &i32, serializer: S) -> Result<S::Ok, S::Error> {
        match N::name(*value) {
            Some(name) => serializer.serialize_str(name),
            None => serializer.serialize_i32(*value),
        }
    }

    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
        deserializer.deserialize_any(NameOrNumber::<N>(PhantomData))
    }
}

struct NameOrNumber<N>(PhantomData<N>);

impl<N: Names> Visitor<'_> for NameOrNumber<N> {
    type Value = i32;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a name or number of the enum")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<i32, E> {
        N::number(name).ok_or_else(|| E::invalid_value(Unexpected::Str(name), &self))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<i32, E> {
        number.try_into().map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<i32, E> {
        number.try_into().map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }
}
