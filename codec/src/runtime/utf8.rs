//! Whether bytes are text. Each way is a function of its own, so that they can be compared in one build;
//! the feature `smoothutf8` decides which one decoding takes. All accept the same bytes.

/// The check that decoding takes: [`smooth`] with the feature `smoothutf8`, otherwise [`portable`].
#[inline]
pub fn check(bytes: &[u8]) -> Option<&str> {
    #[cfg(feature = "smoothutf8")]
    return smooth(bytes);
    #[cfg(not(feature = "smoothutf8"))]
    portable(bytes)
}

/// That of `core`.
#[inline]
pub fn portable(bytes: &[u8]) -> Option<&str> {
    core::str::from_utf8(bytes).ok()
}

/// That of the crate `smoothutf8`, which takes a third of the time for texts of a few dozen bytes.
#[cfg(feature = "smoothutf8")]
#[inline]
pub fn smooth(bytes: &[u8]) -> Option<&str> {
    smoothutf8::from_utf8(bytes)
}

#[cfg(all(test, feature = "smoothutf8"))]
mod tests {
    use alloc::vec;

    use super::*;

    /// The first and last of each length, what lies between them and is none, and halves of them.
    const PARTS: [&[u8]; 16] = [
        b"\x00",
        b"\x7f",
        b"\x80",
        b"\xc1\xbf",
        b"\xc2\x80",
        b"\xdf\xbf",
        b"\xe0\x9f\xbf",
        b"\xe0\xa0\x80",
        b"\xed\x9f\xbf",
        b"\xed\xa0\x80",
        b"\xef\xbf\xbf",
        b"\xf0\x8f\xbf\xbf",
        b"\xf0\x90\x80\x80",
        b"\xf4\x8f\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\xe2\x82",
    ];

    #[test]
    fn both_ways_take_the_same_bytes_wherever_they_stand() {
        let (mut taken, mut refused) = (0, 0);
        for len in 0..80 {
            for part in PARTS.into_iter().filter(|part| part.len() <= len) {
                for at in 0..=len - part.len() {
                    let mut bytes = vec![b'a'; len];
                    bytes[at..at + part.len()].copy_from_slice(part);
                    assert_eq!(smooth(&bytes), portable(&bytes), "{bytes:02x?}");
                    *if check(&bytes).is_some() { &mut taken } else { &mut refused } += 1;
                }
            }
        }
        assert!(taken > 10_000 && refused > 10_000, "{taken} taken, {refused} refused");
    }
}
