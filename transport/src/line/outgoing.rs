use std::io;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use eyelet_codec::session::{CONTROL_FRAME, Session, Slots};

use super::{Io, pool};

/// Frames that wait for the line to take them, and behind them room for one that is being written.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    /// `sent <= sealed <= buf.len()`; whole frames end at `sealed`.
    pub(super) buf: Vec<u8>,
    pub(super) sent: usize,
    pub(super) sealed: usize,
}

impl Outgoing {
    /// Bytes of whole frames that the line has not taken.
    pub(crate) fn waiting(&self) -> usize {
        self.sealed - self.sent
    }

    /// The bytes of whole frames that the line has not taken.
    pub(crate) fn unsent(&self) -> &[u8] {
        &self.buf[self.sent..self.sealed]
    }

    /// Room behind the whole frames for one of up to `len` bytes. What was written there before is kept
    /// until [`seal`](Self::seal).
    pub(crate) fn room(&mut self, len: usize) -> &mut [u8] {
        if self.buf.len() < self.sealed + len {
            self.make_room(len);
        }
        &mut self.buf[self.sealed..self.sealed + len]
    }

    /// `len` bytes of the room are a whole frame now.
    pub(crate) fn seal(&mut self, len: usize) {
        debug_assert!(self.sealed + len <= self.buf.len(), "sealed more than there was room for");
        self.sealed += len;
    }

    /// Takes over whatever the session owes.
    pub(crate) fn take_owed<S: Slots>(&mut self, session: &mut Session<S>) {
        while session.owes() {
            let room = self.room(CONTROL_FRAME).first_chunk_mut();
            let frame = session.poll_transmit(room.expect("as long as was asked for"));
            let Some(len) = frame else { break };
            self.seal(len);
        }
    }

    /// Writes until nothing is left or the line takes no more. `Ready(Ok(()))`: nothing is left.
    ///
    /// Nothing may be in the middle of being written behind the whole frames.
    pub(crate) fn poll_flush(
        &mut self,
        io: &mut (dyn Io + 'static),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while self.sent < self.sealed {
            match Pin::new(&mut *io).poll_write(cx, &self.buf[self.sent..self.sealed]) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(len)) => self.sent += len,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        (self.sent, self.sealed) = (0, 0);
        Poll::Ready(Ok(()))
    }

    /// Lets the buffer go when nothing waits; what is being written would be lost.
    pub(crate) fn release(&mut self) {
        if self.waiting() == 0 && !self.buf.is_empty() {
            pool::give_back(mem::take(&mut self.buf));
            (self.sent, self.sealed) = (0, 0);
        }
    }

    #[cold]
    fn make_room(&mut self, len: usize) {
        if self.buf.is_empty() {
            self.buf = pool::take();
        }
        // What the line has taken goes, what is being written is kept as well as the whole frames.
        self.buf.copy_within(self.sent.., 0);
        (self.sent, self.sealed) = (0, self.sealed - self.sent);
        if self.buf.len() < self.sealed + len {
            self.buf.resize(self.sealed + len, 0);
        }
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        pool::give_back(mem::take(&mut self.buf));
    }
}
