use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Connections whose `Hello` has not come.
#[derive(Debug, Default)]
pub(super) struct Greetings {
    count: AtomicUsize,
    fewer: Notify,
}

/// One of them; it is counted until this is dropped.
#[derive(Debug)]
pub(super) struct Greeting(Arc<Greetings>);

impl Greetings {
    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// One more.
    pub(super) fn begin(self: &Arc<Self>) -> Greeting {
        self.count.fetch_add(1, Ordering::Relaxed);
        Greeting(self.clone())
    }

    /// Until there are fewer than there were, or have been since this was asked last. Cancel safe.
    pub(super) async fn fewer(&self) {
        self.fewer.notified().await;
    }
}

impl Drop for Greeting {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::Relaxed);
        self.0.fewer.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_has_greeted_or_gone_is_not_counted() {
        let greetings = Arc::new(Greetings::default());
        let (first, second) = (greetings.begin(), greetings.begin());
        assert_eq!(greetings.count(), 2);
        drop(first);
        greetings.fewer().await;
        assert_eq!(greetings.count(), 1);
        drop(second);
        assert_eq!(greetings.count(), 0);
    }
}
