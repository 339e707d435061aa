use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

use eyelet_codec::session::{Event, SubmitError};
use tokio::sync::Notify;

use super::error::Failure;
use crate::Fault;

/// What has come on a connection and was not taken yet, and why it has ended.
#[derive(Default)]
pub(super) struct Streams {
    /// In the order of their streams; those that nobody listens to any more are gone from here.
    inboxes: Vec<(u32, Box<Inbox>)>,
    /// The collector has said who it is.
    pub(super) is_greeted: bool,
    /// The collector begins no more tasks.
    pub(super) is_leaving: bool,
    /// Why the connection has ended.
    pub(super) end: Option<Failure>,
    /// Those who wait for the connection to open or close, or for a place for their task.
    pub(super) changed: Arc<Notify>,
}

/// What has come on one stream: at most the credit and a frame.
#[derive(Default)]
struct Inbox {
    chunks: VecDeque<Piece>,
    /// The last chunk has come.
    done: bool,
    failure: Option<Failure>,
    /// Of who waits for more.
    waker: Option<Waker>,
}

/// One chunk, and what it takes of its stream's credit until it is let go.
pub(super) struct Piece {
    pub(super) bytes: Vec<u8>,
    pub(super) cost: u64,
    pub(super) last: bool,
}

/// What is there for who reads a stream.
pub(super) type Taken = Result<Option<Piece>, Failure>;

impl Streams {
    /// Somebody will listen; no later stream is listened to yet.
    pub(super) fn open(&mut self, stream: u32) {
        self.inboxes.push((stream, Box::default()));
    }

    /// Nobody listens any more.
    pub(super) fn forget(&mut self, stream: u32) {
        if let Ok(place) = self.place(stream) {
            self.inboxes.remove(place);
        }
        if self.inboxes.is_empty() && self.inboxes.capacity() > KEPT {
            self.inboxes = Vec::new();
        }
    }

    /// A chunk, the end of the stream, or why there is no more; `None` while nothing is there. Chunks that
    /// have come are given out before what ended the stream or the connection is told.
    pub(super) fn take(&mut self, stream: u32) -> Option<Taken> {
        let Ok(place) = self.place(stream) else { return Some(Ok(None)) };
        let (_, inbox) = self.inboxes.get_mut(place)?;
        if let Some(piece) = inbox.chunks.pop_front() {
            return Some(Ok(Some(piece)));
        }
        if inbox.done {
            return Some(Ok(None));
        }
        inbox.failure.as_ref().or(self.end.as_ref()).map(|failure| Err(failure.clone()))
    }

    /// Has `waker` woken when [`take`](Self::take) has something to say.
    pub(super) fn wait(&mut self, stream: u32, waker: &Waker) {
        let Some(inbox) = self.inbox(stream) else { return };
        inbox.waker.get_or_insert_with(|| waker.clone()).clone_from(waker);
    }

    /// Who waits for `stream` is to look.
    pub(super) fn wake(&mut self, stream: u32) {
        if let Some(inbox) = self.inbox(stream) {
            inbox.wake();
        }
    }

    /// Who asks for `stream` looks for itself.
    pub(super) fn wait_no_longer(&mut self, stream: u32) {
        if let Some(inbox) = self.inbox(stream) {
            inbox.waker = None;
        }
    }

    /// Takes in what a frame, or time, meant.
    pub(super) fn handle(&mut self, event: Event<'_>) {
        match event {
            Event::Open(_) => {
                self.is_greeted = true;
                self.changed.notify_waiters();
            }
            Event::Result { stream, result, cost, more } => {
                let piece = Piece { bytes: result.to_vec(), cost, last: !more };
                self.deliver(stream, |inbox| {
                    inbox.chunks.push_back(piece);
                    inbox.done = !more;
                });
                if !more {
                    self.changed.notify_waiters();
                }
            }
            Event::Fault { stream, fault } => {
                let failure = Failure::Task(Fault::from(&fault));
                self.deliver(stream, |inbox| inbox.failure = Some(failure));
                self.changed.notify_waiters();
            }
            Event::Deadline { stream } => {
                self.deliver(stream, |inbox| inbox.failure = Some(Failure::Deadline));
            }
            Event::GoAway(away) => self.not_begun(away.last_stream),
            Event::Closed(fault) => self.finish(Failure::Refused(Fault::from(&fault))),
            Event::Broken(refusal) => self.finish(Failure::Protocol(refusal)),
            _ => {}
        }
    }

    /// The connection has ended; the first reason counts.
    pub(super) fn finish(&mut self, why: Failure) {
        self.end.get_or_insert(why);
        self.inboxes.iter_mut().for_each(|(_, inbox)| inbox.wake());
        self.changed.notify_waiters();
    }

    /// Streams above the last that the collector began: their tasks may be sent again elsewhere.
    fn not_begun(&mut self, last_stream: u32) {
        self.is_leaving = true;
        for (_, inbox) in self.inboxes.iter_mut().filter(|(stream, _)| *stream > last_stream) {
            inbox.failure = Some(Failure::NotSent(SubmitError::GoingAway));
            inbox.wake();
        }
    }

    fn inbox(&mut self, stream: u32) -> Option<&mut Inbox> {
        let place = self.place(stream).ok()?;
        self.inboxes.get_mut(place).map(|(_, inbox)| &mut **inbox)
    }

    /// Where a stream's inbox is, or would be.
    fn place(&self, stream: u32) -> Result<usize, usize> {
        self.inboxes.binary_search_by_key(&stream, |(id, _)| *id)
    }

    fn deliver(&mut self, stream: u32, put: impl FnOnce(&mut Inbox)) {
        let Some(inbox) = self.inbox(stream) else { return };
        put(inbox);
        inbox.wake();
    }
}

/// Streams that an idle connection keeps room for.
const KEPT: usize = 4;

impl Inbox {
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}
