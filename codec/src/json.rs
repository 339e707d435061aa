//! How the schema's values look in JSON: enums by name, bytes as base64, and the floats that JSON has
//! no number for as words. Generated types name one of these forms for each field that needs one.

mod bytes;
mod enumeration;
mod float;
mod oneof;

use alloc::vec::Vec;
use core::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use bytes::Bytes;
pub use enumeration::{Enumeration, Names};
pub use float::Float;
pub use oneof::oneof;

/// A form that values of `T` have. `Option<F>` and `Vec<F>` are forms of options and lists.
pub trait Form<T> {
    /// Writes `value` in this form.
    fn serialize<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads a value of this form.
    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error>;
}

/// A form as serde's `with` takes it: `#[serde(with = "As::<Option<Bytes>>")]`.
pub struct As<F>(PhantomData<F>);

impl<F> As<F> {
    /// Writes `value` in the form `F`.
    pub fn serialize<T, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error>
    where
        F: Form<T>,
    {
        F::serialize(value, serializer)
    }

    /// Reads a value of the form `F`.
    pub fn deserialize<'de, T, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error>
    where
        F: Form<T>,
    {
        F::deserialize(deserializer)
    }
}

impl<T, F: Form<T>> Form<Option<T>> for Option<F> {
    fn serialize<S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        value.as_ref().map(Formed::<T, F>::new).serialize(serializer)
    }

    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        let read = Option::<Read<T, F>>::deserialize(deserializer)?;
        Ok(read.map(|read| read.0))
    }
}

impl<T, F: Form<T>> Form<Vec<T>> for Vec<F> {
    fn serialize<S: Serializer>(value: &Vec<T>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(value.iter().map(Formed::<T, F>::new))
    }

    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        let read = Vec::<Read<T, F>>::deserialize(deserializer)?;
        Ok(read.into_iter().map(|read| read.0).collect())
    }
}

struct Formed<'v, T, F>(&'v T, PhantomData<F>);

impl<'v, T, F> Formed<'v, T, F> {
    fn new(value: &'v T) -> Self {
        Self(value, PhantomData)
    }
}

impl<T, F: Form<T>> Serialize for Formed<'_, T, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        F::serialize(self.0, serializer)
    }
}

struct Read<T, F>(T, PhantomData<F>);

impl<'de, T, F: Form<T>> Deserialize<'de> for Read<T, F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        F::deserialize(deserializer).map(|value| Self(value, PhantomData))
    }
}
