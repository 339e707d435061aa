use core::fmt::{self, Display, Formatter};

use eyelet_codec::cobs::{self, Accumulator, CobsError, Encoder, Fed, Frames, LineError, Received};
use eyelet_codec::frame::FrameError;

#[unsafe(no_mangle)]
pub fn cobs_max_encoded_len(len: usize) -> usize {
    cobs::max_encoded_len(len)
}

#[unsafe(no_mangle)]
pub fn cobs_encode(input: &[u8], out: &mut [u8]) -> Result<usize, CobsError> {
    cobs::encode(input, out)
}

#[unsafe(no_mangle)]
pub fn cobs_decode(input: &[u8], out: &mut [u8]) -> Result<usize, CobsError> {
    cobs::decode(input, out)
}

#[unsafe(no_mangle)]
pub fn cobs_decode_in_place(bytes: &mut [u8]) -> Result<usize, CobsError> {
    cobs::decode_in_place(bytes)
}

#[unsafe(no_mangle)]
pub fn cobs_error(error: &CobsError, f: &mut Formatter<'_>) -> fmt::Result {
    <CobsError as Display>::fmt(error, f)
}

#[unsafe(no_mangle)]
pub fn cobs_accumulator() -> [Accumulator<300>; 2] {
    [Accumulator::new(), <Accumulator<300> as Default>::default()]
}

#[unsafe(no_mangle)]
pub fn cobs_accumulator_feed<'a>(accumulator: &'a mut Accumulator<300>, input: &[u8]) -> Fed<'a> {
    Accumulator::feed(accumulator, input)
}

#[unsafe(no_mangle)]
pub fn cobs_encoder(out: &mut [u8]) -> Encoder<'_> {
    Encoder::new(out)
}

#[unsafe(no_mangle)]
pub fn cobs_encoder_push(encoder: &mut Encoder<'_>, bytes: &[u8]) -> Result<(), CobsError> {
    Encoder::push(encoder, bytes)
}

#[unsafe(no_mangle)]
pub fn cobs_encoder_finish(encoder: Encoder<'_>) -> Result<usize, CobsError> {
    Encoder::finish(encoder)
}

#[unsafe(no_mangle)]
pub fn cobs_encode_frame(body: &[u8], line: &mut [u8]) -> Result<usize, FrameError> {
    cobs::encode_frame(body, line)
}

#[unsafe(no_mangle)]
pub fn cobs_frames(max_body: u32) -> Frames<300> {
    Frames::new(max_body)
}

#[unsafe(no_mangle)]
pub fn cobs_frames_feed<'a>(frames: &'a mut Frames<300>, input: &[u8]) -> Received<'a> {
    Frames::feed(frames, input)
}

#[unsafe(no_mangle)]
pub fn cobs_line_error(error: &LineError, f: &mut Formatter<'_>) -> fmt::Result {
    <LineError as Display>::fmt(error, f)
}
