use bumpalo::Bump;

use super::make::Make;

/// Makes values of bytes; when there are none left, they are zeros.
pub(super) struct Source<'a> {
    rest: &'a [u8],
    /// What is made lives here, since a borrowed message owns nothing.
    arena: &'a Bump,
}

/// How many elements there are now and then: as many as some list may have, and one more. Of records it
/// is the least of these, or a message takes milliseconds.
const MANY: [usize; 8] = [16, 17, 32, 33, 256, 257, 1024, 1025];
/// How long a text is now and then, likewise, in bytes.
const LONG: [usize; 16] =
    [32, 33, 64, 65, 96, 97, 128, 129, 184, 185, 255, 256, 1024, 1025, 4096, 4097];
/// Once in a while there is more than fits any field.
const TOO_LONG: usize = 20_481;

impl<'a> Source<'a> {
    pub(super) fn new(rest: &'a [u8], arena: &'a Bump) -> Self {
        Self { rest, arena }
    }

    pub(super) fn value<T: Make<'a>>(&mut self) -> T {
        T::make(self)
    }

    pub(super) fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *byte
    }

    pub(super) fn flag(&mut self) -> bool {
        self.byte() % 2 == 1
    }

    /// Of any size: its first byte says how many follow.
    pub(super) fn number(&mut self) -> u64 {
        let len = self.byte() % 10;
        let number = (0..len).fold(0, |number, _| number << 8 | u64::from(self.byte()));
        if len == 9 { !number } else { number }
    }

    pub(super) fn bytes(&mut self) -> &'a [u8] {
        let choice = self.byte();
        let (start, rest) = self.rest.split_at(self.rest.len().min((choice % 24).into()));
        self.rest = rest;
        self.stretched(choice, start)
    }

    pub(super) fn text(&mut self) -> &'a str {
        let choice = self.byte();
        let start = &self.rest[..self.rest.len().min((choice % 24).into())];
        let len = str::from_utf8(start).map_or_else(|error| error.valid_up_to(), str::len);
        self.rest = &self.rest[len..];
        let bytes = self.stretched(choice, &start[..len]);
        // It may end within a character now, since it was made as long as something.
        let len = str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
        str::from_utf8(&bytes[..len]).unwrap_or_default()
    }

    /// Mostly not; else as long as some field may have it.
    fn stretched(&self, choice: u8, start: &'a [u8]) -> &'a [u8] {
        let len = match choice {
            0..239 => return start,
            239 => TOO_LONG,
            _ => LONG[usize::from(choice - 240)],
        };
        let start = if start.is_empty() { b"x" } else { start };
        self.arena.alloc_slice_fill_with(len, |index| start[index % start.len()])
    }

    pub(super) fn slice<T: Make<'a> + Copy>(&mut self) -> &'a [T] {
        let choice = self.byte();
        let few: Vec<T> = (0..choice % 4).map(|_| self.value()).collect();
        match choice {
            0..248 => self.arena.alloc_slice_copy(&few),
            _ => {
                let one = self.value();
                let most = if size_of::<T>() > 64 { MANY[1] } else { usize::MAX };
                self.arena.alloc_slice_fill_copy(MANY[usize::from(choice - 248)].min(most), one)
            }
        }
    }

    /// A message, encoded. Nothing if it does not keep within its limits.
    pub(super) fn encoded<T: Make<'a> + eyelet_codec::Message<'a>>(&mut self) -> &'a [u8] {
        let message: T = self.value();
        let encoded = crate::lanes::writers(&message, |len| [len]);
        self.arena.alloc_slice_copy(&encoded.map_or_else(|_| Vec::new(), |encoded| encoded.bytes))
    }
}
