use std::str;

use eyelet_codec::NoteKind;

/// Bytes of a system that does not promise UTF-8, and the text that stands for them in a record.
///
/// Both buffers are kept from one process to the next.
#[derive(Debug, Default)]
pub(super) struct Text {
    /// Filled by whoever reads; then comes [`settle`](Self::settle).
    pub(super) bytes: Vec<u8>,
    /// Empty where the bytes are text themselves.
    lossy: String,
}

impl Text {
    /// Room for `capacity` bytes at the first reading.
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { bytes: Vec::with_capacity(capacity), lossy: String::new() }
    }

    /// Nothing, as after a process that had no such thing.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.lossy.clear();
    }

    /// Makes the text, holds both forms to `fits`, which says how many bytes of a value a record has
    /// room for, and returns the note that the field then needs.
    pub(super) fn settle(&mut self, fits: impl Fn(&[u8]) -> usize) -> Option<NoteKind> {
        self.lossy.clear();
        let is_cut = self.cut_bytes(fits(&self.bytes));
        if str::from_utf8(&self.bytes).is_ok() {
            return is_cut.then_some(NoteKind::CUT);
        }
        self.make_lossy();
        let is_cut = self.cut_lossy(fits(self.lossy.as_bytes())) || is_cut;
        Some(if is_cut { NoteKind::CUT } else { NoteKind::NOT_UTF8 })
    }

    /// The text; where the bytes are not UTF-8, a lossy form.
    pub(super) fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes).unwrap_or(&self.lossy)
    }

    /// The bytes, where they are not UTF-8.
    pub(super) fn raw(&self) -> Option<&[u8]> {
        str::from_utf8(&self.bytes).is_err().then_some(&self.bytes)
    }

    /// Cuts before a character that would be halved, or bytes that were text would be text no more.
    fn cut_bytes(&mut self, len: usize) -> bool {
        if len >= self.bytes.len() {
            return false;
        }
        self.bytes.truncate(len);
        if let Err(error) = str::from_utf8(&self.bytes)
            && error.error_len().is_none()
        {
            self.bytes.truncate(error.valid_up_to());
        }
        true
    }

    fn cut_lossy(&mut self, len: usize) -> bool {
        if len >= self.lossy.len() {
            return false;
        }
        let boundary = (0..=len).rev().find(|&at| self.lossy.is_char_boundary(at));
        self.lossy.truncate(boundary.unwrap_or(0));
        true
    }

    fn make_lossy(&mut self) {
        for chunk in self.bytes.utf8_chunks() {
            self.lossy.push_str(chunk.valid());
            if !chunk.invalid().is_empty() {
                self.lossy.push(char::REPLACEMENT_CHARACTER);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(bytes: &[u8], max: usize) -> (Text, Option<NoteKind>) {
        let mut text = Text { bytes: bytes.to_vec(), lossy: "of the one before".to_owned() };
        let note = text.settle(|value| value.len().min(max));
        (text, note)
    }

    #[test]
    fn text_is_itself_and_other_bytes_stand_beside_a_lossy_form() {
        for (bytes, max, note, shown, raw) in [
            (&b""[..], 4, None, "", None),
            (b"name", 4, None, "name", None),
            (b"names", 4, Some(NoteKind::CUT), "name", None),
            ("ab\u{e9}".as_bytes(), 4, None, "ab\u{e9}", None),
            ("abc\u{e9}".as_bytes(), 4, Some(NoteKind::CUT), "abc", None),
            (b"\xff", 4, Some(NoteKind::NOT_UTF8), "\u{fffd}", Some(&b"\xff"[..])),
            (b"a\xffbc", 4, Some(NoteKind::CUT), "a\u{fffd}", Some(b"a\xffbc")),
            (b"\xff\xff", 4, Some(NoteKind::CUT), "\u{fffd}", Some(b"\xff\xff")),
            (b"\xffabcd", 4, Some(NoteKind::CUT), "\u{fffd}a", Some(b"\xffabc")),
            (b"\xe2\x82", 4, Some(NoteKind::NOT_UTF8), "\u{fffd}", Some(b"\xe2\x82")),
        ] {
            let (text, seen) = settled(bytes, max);
            assert_eq!((seen, text.as_str(), text.raw()), (note, shown, raw), "{bytes:x?}");
        }
    }

    #[test]
    fn no_cut_breaks_text_or_a_limit() {
        let bytes = "a\u{e9}\u{20ac}\u{1f980}z".as_bytes();
        for damaged in [bytes.to_vec(), [bytes, b"\xff", bytes].concat()] {
            for max in 0..=damaged.len() {
                let (text, note) = settled(&damaged, max);
                assert!(text.bytes.len() <= max && text.as_str().len() <= max, "{max}");
                assert!(damaged.starts_with(&text.bytes), "{max}");
                assert_eq!(note, Some(NoteKind::CUT).filter(|_| max < damaged.len()).or(note));
                assert_eq!(text.raw().is_some(), max > bytes.len(), "{max}");
            }
        }
    }
}
