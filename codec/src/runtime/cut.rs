//! What is left of a value over its limit, where the schema lets an encoder cut it.

/// Ends a text that was cut, in a message that has no field for notes: nothing is cut in silence.
pub(super) const ELLIPSIS: &str = "\u{2026}";
pub(super) const ELLIPSIS_LEN: u32 = 3;

/// The longest start of UTF-8 that ends at a character boundary within `max` bytes.
pub(super) fn text(text: &[u8], max: u32) -> &[u8] {
    let is_boundary = |end: &usize| text.get(*end).is_none_or(|byte| byte & 0xc0 != 0x80);
    // A character has at most four bytes, so one of these is a boundary.
    let max = text.len().min(max as usize);
    let end = (max.saturating_sub(3)..=max).rev().find(is_boundary).unwrap_or(0);
    text.get(..end).unwrap_or(&[])
}

/// The first `max` bytes.
pub(super) fn bytes(bytes: &[u8], max: u32) -> &[u8] {
    bytes.get(..max as usize).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_as_late_as_it_can_be() {
        let whole = "a\u{e9}\u{20ac}\u{1f980}z";
        for max in 0..=whole.len() {
            let kept =
                core::str::from_utf8(text(whole.as_bytes(), u32::try_from(max).unwrap())).unwrap();
            let longer = whole[kept.len()..].chars().next().map_or(0, char::len_utf8);
            assert!(kept.len() <= max && (longer == 0 || kept.len() + longer > max), "{max}");
        }
        assert_eq!(ELLIPSIS.len(), ELLIPSIS_LEN as usize);
    }

    #[test]
    fn what_fits_stays_whole() {
        assert_eq!(text(b"abc", 9), b"abc");
        assert_eq!(bytes(b"abc", 9), b"abc");
        assert_eq!(bytes(b"abc", 2), b"ab");
    }
}
