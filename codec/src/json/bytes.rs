use alloc::vec::Vec;
use core::fmt::{self, Formatter};

use base64::display::Base64Display;
use base64::engine::{Engine as _, general_purpose::STANDARD};
use serde::de::{self, Visitor};
use serde::{Deserializer, Serializer};

use super::Form;

/// Bytes: standard base64 (RFC 4648, section 4), padded.
pub struct Bytes;

impl Form<Vec<u8>> for Bytes {
    fn serialize<S: Serializer>(value: &Vec<u8>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::new(value, &STANDARD))
    }

    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        deserializer.deserialize_str(Base64)
    }
}

struct Base64;

impl Visitor<'_> for Base64 {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("bytes in base64")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<u8>, E> {
        STANDARD.decode(text).map_err(E::custom)
    }
}
