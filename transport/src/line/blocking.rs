//! The same bytes for reads and writes that wait by themselves.

use std::io;
use std::ops::Range;

use super::{Incoming, Outgoing};

impl Incoming {
    /// Has `read` put bytes behind those that have come. `Ok(0)` is the end of the stream.
    pub(crate) fn fill(
        &mut self,
        read: impl FnOnce(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        self.make_room();
        let len = read(&mut self.buf[self.end..])?;
        self.end += len;
        Ok(len)
    }

    /// Where `part` lies, which is some of the bytes; good until the next bytes come.
    pub(crate) fn place(&self, part: &[u8]) -> Range<usize> {
        let start = part.as_ptr().addr() - self.buf.as_ptr().addr();
        start..start + part.len()
    }

    /// What lies at `place`.
    pub(crate) fn at(&self, place: Range<usize>) -> &[u8] {
        &self.buf[place]
    }
}

impl Outgoing {
    /// Writes until nothing is left, which is true, or the line takes no more for now. The memory is
    /// kept.
    pub(crate) fn flush(
        &mut self,
        mut write: impl FnMut(&[u8]) -> io::Result<usize>,
    ) -> io::Result<bool> {
        while self.sent < self.sealed {
            match write(self.unsent()) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(len) => self.sent += len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        (self.sent, self.sealed) = (0, 0);
        Ok(true)
    }
}
