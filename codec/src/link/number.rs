/// A number of DATA: they are counted modulo 8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Number(u8);

impl Number {
    /// The lowest three bits of `byte`.
    pub(super) const fn of(byte: u8) -> Self {
        Self(byte & 0b111)
    }

    pub(super) const fn plus(self, count: u8) -> Self {
        Self::of(self.0.wrapping_add(count))
    }

    /// How many numbers lie between `earlier` and this, 0 to 7.
    pub(super) const fn since(self, earlier: Self) -> u8 {
        Self::of(self.0.wrapping_sub(earlier.0)).0
    }

    pub(super) const fn bits(self) -> u8 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_wrap_around_at_8() {
        for start in 0..8 {
            for count in 0..=u8::MAX {
                let end = Number::of(start).plus(count);
                assert_eq!(u32::from(end.bits()), (u32::from(start) + u32::from(count)) % 8);
                assert_eq!(end.since(Number::of(start)), count % 8, "{count} after {start}");
            }
        }
    }
}
