//! What the documentation says of memory.

use std::mem::size_of;

use eyelet_codec::cobs::Accumulator;
use eyelet_codec::link::{Link, OVERHEAD, line_len};

#[test]
#[cfg(target_pointer_width = "64")]
fn a_link_takes_its_buffers_and_little_more() {
    for (got, window, buffer) in [
        (size_of::<Link<1, 64>>(), 1, 64),
        (size_of::<Link<1, { 256 + OVERHEAD }>>(), 1, 272),
        (size_of::<Link<2, 1024>>(), 2, 1024),
        (size_of::<Link<7, 4096>>(), 7, 4096),
    ] {
        assert_eq!(got, window * (buffer + 8) + 96, "{window} × {buffer}");
    }
    assert_eq!(size_of::<Accumulator<{ line_len(256) }>>(), line_len(256).next_multiple_of(8) + 8);
}
