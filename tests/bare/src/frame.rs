use core::fmt::{self, Display, Formatter};

use eyelet_codec::frame::{self, Decoded, FrameError};

#[unsafe(no_mangle)]
pub fn frame_decode(input: &[u8], max_body: u32) -> Result<Decoded<'_>, FrameError> {
    frame::decode(input, max_body)
}

#[unsafe(no_mangle)]
pub fn frame_decode_with(
    input: &[u8],
    max_body: u32,
    crc32c: fn(u32, &[u8]) -> u32,
) -> Result<Decoded<'_>, FrameError> {
    frame::decode_with(input, max_body, crc32c)
}

#[unsafe(no_mangle)]
pub fn frame_encode_with(
    body: &[u8],
    buf: &mut [u8],
    crc32c: fn(u32, &[u8]) -> u32,
) -> Result<usize, FrameError> {
    frame::encode_with(body, buf, crc32c)
}

#[unsafe(no_mangle)]
pub fn frame_encode(body: &[u8], buf: &mut [u8]) -> Result<usize, FrameError> {
    frame::encode(body, buf)
}

#[unsafe(no_mangle)]
pub fn frame_seal(buf: &mut [u8], len: usize) -> Result<usize, FrameError> {
    frame::seal(buf, len)
}

#[unsafe(no_mangle)]
pub fn frame_error(error: &FrameError, f: &mut Formatter<'_>) -> fmt::Result {
    <FrameError as Display>::fmt(error, f)
}
