use std::task::Waker;

/// Who is to be woken, and for what.
#[derive(Debug, Default)]
pub(super) struct Waiters(Vec<Waiter>);

/// A handler and what it waits for in its sink may have wakers of their own.
#[derive(Debug)]
struct Waiter {
    stream: u32,
    what: Awaited,
    waker: Waker,
}

/// What a stream waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Awaited {
    /// To be told that its handler is to end.
    End,
    /// Credit from the agent.
    Credit,
    /// Room behind the outgoing bytes.
    Room,
}

impl Waiters {
    /// Has `waker` woken when `what` has come for `stream`, or something else has changed for it.
    pub(super) fn wait(&mut self, stream: u32, what: Awaited, waker: &Waker) {
        let same = |waiter: &&mut Waiter| (waiter.stream, waiter.what) == (stream, what);
        match self.0.iter_mut().find(same) {
            Some(waiter) => waiter.waker.clone_from(waker),
            None => self.0.push(Waiter { stream, what, waker: waker.clone() }),
        }
    }

    /// Something has changed for `stream`.
    pub(super) fn wake(&mut self, stream: u32) {
        self.wake_if(|waiter| waiter.stream == stream);
    }

    /// The line has taken bytes.
    pub(super) fn wake_for_room(&mut self) {
        self.wake_if(|waiter| waiter.what == Awaited::Room);
    }

    /// The line has ended.
    pub(super) fn wake_all(&mut self) {
        self.wake_if(|_| true);
    }

    /// `stream` has ended.
    pub(super) fn forget(&mut self, stream: u32) {
        self.0.retain(|waiter| waiter.stream != stream);
    }

    /// Gives memory back that only many streams at once need.
    pub(super) fn release(&mut self) {
        if self.0.is_empty() && self.0.capacity() > KEPT {
            self.0 = Vec::new();
        }
    }

    fn wake_if(&mut self, which: impl Fn(&Waiter) -> bool) {
        self.0.extract_if(.., |waiter| which(waiter)).for_each(|waiter| waiter.waker.wake());
    }
}

/// Waiters that a connection keeps room for.
const KEPT: usize = 4;
