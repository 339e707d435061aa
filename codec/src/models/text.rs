//! Bytes that are nearly always text, and their two fields on the wire.

use alloc::string::String;
use alloc::vec::Vec;

/// The text field, and the `_raw` field where the bytes are not UTF-8.
pub(super) fn split(bytes: Vec<u8>) -> (String, Option<Vec<u8>>) {
    match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(error.into_bytes()))
        }
    }
}

/// The bytes that the two fields stand for.
pub(super) fn join(text: String, raw: Option<Vec<u8>>) -> Vec<u8> {
    raw.unwrap_or_else(|| text.into_bytes())
}

/// As [`split`], for a list: one element that is not UTF-8 makes all of them raw too.
pub(super) fn split_all(all: Vec<Vec<u8>>) -> (Vec<String>, Vec<Vec<u8>>) {
    let texts = all.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
    let is_text = all.iter().all(|bytes| core::str::from_utf8(bytes).is_ok());
    (texts, if is_text { Vec::new() } else { all })
}

/// The way back from [`split_all`].
pub(super) fn join_all(texts: Vec<String>, raw: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    if raw.is_empty() { texts.into_iter().map(String::into_bytes).collect() } else { raw }
}
