use core::fmt::{self, Display, Formatter};

use eyelet_codec::cobs::{self, Accumulator, CobsError, Fed};

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
