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
