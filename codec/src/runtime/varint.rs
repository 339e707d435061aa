#![allow(clippy::inline_always, reason = "the fast lanes keep all of a message in registers")]

/// The varint at the start of `bytes`, and its length.
pub(crate) enum Varint {
    Value(u64, usize),
    Truncated,
    /// More than 10 bytes, or more than 64 bits.
    TooLong,
}

pub(crate) const MAX_LEN: usize = 10;

#[inline]
pub(crate) fn read(bytes: &[u8]) -> Varint {
    let mut value = 0;
    for (index, &byte) in bytes.iter().take(MAX_LEN).enumerate() {
        if index == MAX_LEN - 1 && byte > 1 {
            return Varint::TooLong;
        }
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            return Varint::Value(value, index + 1);
        }
    }
    if bytes.len() < MAX_LEN { Varint::Truncated } else { Varint::TooLong }
}

/// The varint of at most eight bytes at the start of `bytes`, and its length, by one load and without
/// a branch on its length: of neighbouring numbers each has another, and a branch that mispredicts
/// costs more than all of this. Behind the end of `bytes` stand zeros, which end any varint: the caller
/// has to notice that it stands behind the end.
#[inline(always)]
pub(crate) fn read_short(bytes: &[u8]) -> Option<(u64, usize)> {
    let raw = eight(bytes);
    let last = !raw & 0x8080_8080_8080_8080;
    if last == 0 {
        return None;
    }
    let len = (last.trailing_zeros() >> 3) as usize + 1;
    let kept = raw & (last ^ last.wrapping_sub(1)) & 0x7f7f_7f7f_7f7f_7f7f;
    Some((gathered(kept), len))
}

/// The first eight bytes, the first one lowest; zeros behind the end.
#[inline(always)]
pub(crate) fn eight(bytes: &[u8]) -> u64 {
    match bytes.first_chunk() {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => padded(bytes),
    }
}

#[cold]
#[inline(never)]
fn padded(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).rev().fold(0, |raw, &byte| raw << 8 | u64::from(byte))
}

/// Eight groups of seven bits, each in the low end of its byte, as one number.
#[inline(always)]
fn gathered(groups: u64) -> u64 {
    let pairs = groups & 0x007f_007f_007f_007f | (groups & 0x7f00_7f00_7f00_7f00) >> 1;
    let fours = pairs & 0x0000_3fff_0000_3fff | (pairs & 0x3fff_0000_3fff_0000) >> 2;
    fours & 0x0fff_ffff | (fours & 0x0fff_ffff_0000_0000) >> 4
}

/// The way back from [`read_short`]: the bytes of `value`, from 2^7 to 2^56 - 1, in their order, and how many.
#[inline(always)]
pub(crate) fn write_short(value: u64) -> (u64, usize) {
    let len = len(value);
    // Each step moves the upper halves away from the lower ones by adding what is missing to them.
    let fours = value & 0x0fff_ffff | (value & 0x00ff_ffff_f000_0000) << 4;
    let pairs = fours.wrapping_add((fours & 0x0fff_c000_0fff_c000).wrapping_mul(3));
    let groups = pairs.wrapping_add(pairs & 0x3f80_3f80_3f80_3f80);
    // One bit of each byte but the last; at least two bytes there are.
    let more = 0x0080_8080_8080_8080 >> (len.wrapping_mul(8).wrapping_neg() & 63);
    (groups | more, len)
}

/// Length of `value` as a varint in its shortest form.
#[inline]
pub(crate) fn len(value: u64) -> usize {
    // (bits * 9 + 64) / 64 is bits / 7 rounded up, for 1 to 64 bits.
    ((64 - (value | 1).leading_zeros() as usize) * 9 + 64) >> 6
}

/// Writes `value` in its shortest form; `out` is as long as [`len`] says.
#[inline]
pub(crate) fn write(mut value: u64, out: &mut [u8]) {
    let Some((last, init)) = out.split_last_mut() else { return };
    for byte in init {
        *byte = (value & 0x7f) as u8 | 0x80;
        value >>= 7;
    }
    *last = (value & 0x7f) as u8;
}

#[inline]
pub(crate) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

#[inline]
pub(crate) fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_reads_back() {
        for shift in 0..64 {
            for value in [(1u64 << shift) - 1, 1 << shift, u64::MAX >> shift] {
                let mut bytes = [0xa5; MAX_LEN];
                write(value, &mut bytes[..len(value)]);
                let Varint::Value(got, n) = read(&bytes) else { panic!("{value} refused") };
                assert_eq!((got, n), (value, len(value)));
            }
        }
    }

    #[test]
    fn eleven_bytes_and_sixty_five_bits_are_refused() {
        let long = [0x80; 11];
        assert!(matches!(read(&long), Varint::TooLong));
        assert!(matches!(read(&long[..9]), Varint::Truncated));
        let wide = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2];
        assert!(matches!(read(&wide), Varint::TooLong));
    }

    #[test]
    fn zigzag_is_its_own_way_back() {
        for (value, wire) in
            [(0, 0), (-1, 1), (1, 2), (i64::MAX, u64::MAX - 1), (i64::MIN, u64::MAX)]
        {
            assert_eq!(zigzag(value), wire);
            assert_eq!(unzigzag(wire), value);
        }
    }
}
