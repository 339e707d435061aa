use std::io;
use std::mem;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use eyelet_codec::frame::{self, Decoded, FrameError};
use eyelet_codec::session::{Event, Session, Slots};
use tokio::io::ReadBuf;

use super::{Io, pool};

/// Bytes that have come and were not understood yet.
///
/// Memory is set aside for what has arrived and one read more, never for what a length announces; while
/// nothing is being read, for what has arrived alone.
#[derive(Debug, Default)]
pub(crate) struct Incoming {
    /// `0 <= start <= end <= buf.len()`; between them lie the bytes.
    pub(super) buf: Vec<u8>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Part of a frame up to this long is put aside in as many bytes. A longer one keeps the buffer that it was
/// read into, so that bytes which come one by one are not copied over and over.
const ASIDE: usize = 8 * 1024;
/// The least room to read into.
const ROOM: usize = 16 * 1024;

impl Incoming {
    /// Reads once, `most` bytes at most. `Ready(Ok(0))` is the end of the stream.
    pub(crate) fn poll_fill(
        &mut self,
        io: &mut (dyn Io + 'static),
        most: usize,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        self.make_room();
        let end = self.buf.len().min(self.end.saturating_add(most));
        let mut room = ReadBuf::new(&mut self.buf[self.end..end]);
        let result = ready!(Pin::new(io).poll_read(cx, &mut room));
        let len = room.filled().len();
        self.end += len;
        Poll::Ready(result.map(|()| len))
    }

    /// What the next whole frame means, or that what has come is none; `None`: there is no whole one.
    pub(crate) fn next_event<S: Slots>(
        &mut self,
        session: &mut Session<S>,
        now: Duration,
    ) -> Option<Event<'_>> {
        match self.next_place(session.max_frame()) {
            Ok(place) => place.map(|place| session.handle_frame(now, &self.buf[place])),
            Err(error) => Some(session.handle_frame_error(error)),
        }
    }

    /// Where the next whole frame's body lies.
    ///
    /// # Errors
    /// The bytes are no frame; there will be none behind them either.
    pub(crate) fn next_place(&mut self, max_body: u32) -> Result<Option<Range<usize>>, FrameError> {
        match frame::decode(&self.buf[self.start..self.end], max_body)? {
            Decoded::Frame { body, consumed } => {
                let place = self.place(body);
                self.start += consumed;
                Ok(Some(place))
            }
            Decoded::Partial { .. } => Ok(None),
        }
    }

    /// Whether part of a frame has come.
    pub(crate) fn is_partial(&self) -> bool {
        self.start < self.end
    }

    /// Lets the buffer go, since nothing is to be read for now; keeps what has come.
    pub(crate) fn release(&mut self) {
        if self.buf.len() < pool::LEN || self.end - self.start > ASIDE {
            return;
        }
        let aside = self.buf[self.start..self.end].to_vec();
        (self.start, self.end) = (0, aside.len());
        pool::give_back(mem::replace(&mut self.buf, aside));
    }

    pub(super) fn make_room(&mut self) {
        if self.buf.len() < pool::LEN {
            let mut buf = pool::take();
            buf[..self.end].copy_from_slice(&self.buf[..self.end]);
            self.buf = buf;
        }
        if self.start > 0 {
            self.buf.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.buf.len() < self.end + ROOM {
            self.buf.resize(self.end + pool::LEN, 0);
        }
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        pool::give_back(mem::take(&mut self.buf));
    }
}
