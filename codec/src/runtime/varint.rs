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

/// Length of `value` as a varint in its shortest form.
#[inline]
pub(crate) fn len(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
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
