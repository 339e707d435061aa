//! Bytes that are nearly always text, and their two fields on the wire.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::Field;

/// The text field, and the `_raw` field where the bytes are not UTF-8.
///
/// A text that may not be empty is U+FFFD where there are no bytes, which `_raw` then says.
pub(super) fn split(bytes: Vec<u8>, field: &Field) -> (String, Option<Vec<u8>>) {
    if field.non_empty && bytes.is_empty() {
        return (char::REPLACEMENT_CHARACTER.to_string(), Some(bytes));
    }
    match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let whole = String::from_utf8_lossy(error.as_bytes());
            let text = beginning(&whole, field.max_bytes as usize).to_owned();
            (text, Some(error.into_bytes()))
        }
    }
}

/// The bytes that the two fields stand for.
pub(super) fn join(text: String, raw: Option<Vec<u8>>) -> Vec<u8> {
    raw.unwrap_or_else(|| text.into_bytes())
}

/// As [`split`], for a list: one element that is not UTF-8 makes all of them raw too.
pub(super) fn split_all(all: Vec<Vec<u8>>, field: &Field) -> (Vec<String>, Vec<Vec<u8>>) {
    let texts = all.iter().map(|bytes| core::str::from_utf8(bytes).map(ToOwned::to_owned));
    match texts.collect() {
        Ok(texts) => (texts, Vec::new()),
        Err(_) => (all_lossy(&all, field), all),
    }
}

/// The way back from [`split_all`].
pub(super) fn join_all(texts: Vec<String>, raw: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    if raw.is_empty() { texts.into_iter().map(String::into_bytes).collect() } else { raw }
}

/// Lossy texts that have room together: whole ones, and the beginning of the first that is too long.
fn all_lossy(all: &[Vec<u8>], field: &Field) -> Vec<String> {
    let (mut texts, mut room) = (Vec::new(), field.max_total_bytes as usize);
    for bytes in all.iter().take(field.max_items as usize) {
        let whole = String::from_utf8_lossy(bytes);
        let text = beginning(&whole, room);
        let is_cut = text.len() < whole.len();
        if !(is_cut && text.is_empty()) {
            texts.push(text.to_owned());
        }
        if is_cut {
            break;
        }
        room -= text.len();
    }
    texts
}

/// The characters that have room in `max` bytes. A byte that is no text becomes a character of three,
/// so that bytes within a limit can make a text that is not.
fn beginning(text: &str, max: usize) -> &str {
    let end = (0..=max.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}
