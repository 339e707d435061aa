use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{FuturesUnordered, StreamExt};

/// Tasks under way on one connection.
///
/// Most connections have one at a time: it is polled whenever the connection is, and needs no more than its
/// own room. Those beside it have wakers of their own, so that however many wait cost nothing.
pub(super) struct Tasks<F> {
    one: Option<Pin<Box<F>>>,
    others: Option<FuturesUnordered<Pin<Box<F>>>>,
}

impl<F: Future<Output = ()>> Tasks<F> {
    pub(super) fn new() -> Self {
        Self { one: None, others: None }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.one.is_none() && self.others.is_none()
    }

    /// It is not polled yet.
    pub(super) fn push(&mut self, task: F) {
        let task = Box::pin(task);
        if self.one.is_none() {
            self.one = Some(task);
        } else {
            self.others.get_or_insert_with(FuturesUnordered::new).push(task);
        }
    }

    /// Polls those that are new or were woken, and lets go of those that have ended.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) {
        if let Some(one) = &mut self.one
            && one.as_mut().poll(cx).is_ready()
        {
            self.one = None;
        }
        let Some(others) = &mut self.others else { return };
        while let Poll::Ready(Some(())) = others.poll_next_unpin(cx) {}
        if others.is_empty() {
            self.others = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use futures_util::future::poll_fn;

    use super::*;

    #[test]
    fn each_task_is_polled_until_it_has_ended() {
        let mut tasks = Tasks::new();
        // Each ends when it is polled for the nth time.
        for times in [3, 1, 2, 5, 4] {
            let mut left = times;
            tasks.push(poll_fn(move |cx: &mut Context<'_>| {
                left -= 1;
                cx.waker().wake_by_ref();
                if left == 0 { Poll::Ready(()) } else { Poll::Pending }
            }));
        }
        let mut polls = 0;
        while !tasks.is_empty() {
            tasks.poll(&mut Context::from_waker(Waker::noop()));
            polls += 1;
        }
        assert!((1..=5).contains(&polls), "{polls}");
    }
}
