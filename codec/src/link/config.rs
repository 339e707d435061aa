use core::time::Duration;

use super::body::CONTROL;
use crate::cobs;
use crate::frame::{self, MAX_BODY};

/// What one side accepts, and how long it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// The largest packet that this side accepts: the session's `max_frame`, see [`max_frame`].
    pub max_frame: u32,
    /// Until what has not been acknowledged is sent again. It has to exceed a window's round trip, see
    /// [`repeat_after`]; at least a millisecond.
    pub repeat: Duration,
}

/// What the link, the frame around it and its length add to a packet at most.
pub const OVERHEAD: usize = 1 + frame::MAX_OVERHEAD;

/// Bytes on the line that a packet of up to `len` bytes takes at most, or what begins a session, which
/// may be longer; delimiters included. Room that [`poll_transmit`](super::Link::poll_transmit) needs,
/// and an [`Accumulator`](crate::cobs::Accumulator) for such packets.
pub const fn line_len(len: usize) -> usize {
    let longest = if len < CONTROL { CONTROL } else { len };
    cobs::max_encoded_len(longest.saturating_add(OVERHEAD)).saturating_add(DELIMITERS)
}

/// The largest packet that a line of so many bits a second carries in 2 s, which is the most that may
/// be announced as `max_frame` on it (WIRE.md, serial link); a byte takes ten bits.
///
/// Smaller ones are sent again sooner where they were lost. `None`: the line is too slow for packets
/// of 256 bytes, the least that a side has to accept.
#[expect(clippy::cast_possible_truncation, reason = "the constants are small")]
pub const fn max_frame(bits_per_second: u32) -> Option<u32> {
    let line = (bits_per_second / BITS_A_BYTE * LONGEST).saturating_sub(DELIMITERS as u32);
    // One byte of COBS for every 254 others, or fewer.
    let frame = line.saturating_sub(line.div_ceil(255));
    match frame.saturating_sub(OVERHEAD as u32) {
        0..MIN_FRAME => None,
        MAX_FRAME.. => Some(MAX_FRAME),
        packet => Some(packet),
    }
}

/// A repeat timer for a line of so many bits a second: the time of a full window of the largest
/// packets each way, and 50 ms for the two ends to take notice.
pub const fn repeat_after(bits_per_second: u32, max_frame: u32, window: u8) -> Duration {
    let bits = if bits_per_second == 0 { 1 } else { bits_per_second as u64 };
    let packets = 2 * window as u64;
    let line = (line_len(max_frame as usize) as u64).saturating_mul(packets * BITS_A_BYTE as u64);
    Duration::from_micros(line.saturating_mul(1_000_000) / bits).saturating_add(NOTICE)
}

/// A start bit, eight of data, a stop bit.
const BITS_A_BYTE: u32 = 10;
/// Seconds on the line of the largest packet (WIRE.md, serial link).
const LONGEST: u32 = 2;
/// The one that a frame ends in, and one before it.
const DELIMITERS: usize = 2;
const NOTICE: Duration = Duration::from_millis(50);
const MIN_FRAME: u32 = 256;
/// With the link byte it is the largest body of a frame.
pub(super) const MAX_FRAME: u32 = MAX_BODY - 1;
/// Repeats in a row without progress (WIRE.md, L8).
pub(super) const REPEATS: u8 = 16;
/// A shorter timer would let a driver do nothing else.
pub(super) const MIN_REPEAT: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_packet_takes_2_s_and_a_larger_one_takes_longer() {
        for bits_per_second in (1_350..20_000).chain([115_200, 921_600, 3_000_000]) {
            let line = bits_per_second as usize / 10 * 2;
            let largest = max_frame(bits_per_second).unwrap() as usize;
            assert!(line_len(largest) <= line, "{largest} in {line}");
            assert!(line_len(largest + 1) > line, "{largest} in {line}");
        }
    }

    #[test]
    fn a_line_is_too_slow_or_fast_enough_for_any_packet() {
        for bits_per_second in [0, 1, 9, 1_200, 1_349] {
            assert_eq!(max_frame(bits_per_second), None, "{bits_per_second}");
        }
        assert_eq!(max_frame(1_350), Some(256));
        for bits_per_second in [5_300_000, 100_000_000, u32::MAX] {
            assert_eq!(max_frame(bits_per_second), Some(1_048_575), "{bits_per_second}");
        }
    }

    #[test]
    fn the_repeat_timer_exceeds_the_time_of_a_window_each_way() {
        for (bits_per_second, max_frame, window, millis) in [
            // 13 bytes of overhead, and one more for each 254.
            (115_200, 241, 1, 50 + 2 * 254 * 10_000 / 115_200),
            (9_600, 241, 4, 50 + 2 * 4 * 254 * 10_000 / 9_600),
            (0, 241, 1, 50 + 2 * 254 * 10_000),
        ] {
            let got = repeat_after(bits_per_second, max_frame, window);
            assert_eq!(got.as_millis(), millis, "{bits_per_second}, {max_frame}, {window}");
        }
        assert!(repeat_after(0, u32::MAX, u8::MAX) > Duration::from_secs(3600));
    }
}
