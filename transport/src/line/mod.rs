//! One connection's bytes: frames that come in, frames that go out, and the end of both.

mod blocking;
mod incoming;
mod outgoing;
mod pool;
mod timer;

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf, split};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep, timeout};

pub(crate) use self::incoming::Incoming;
pub(crate) use self::outgoing::Outgoing;
pub(crate) use self::timer::Timer;

/// Anything that a session can run over: a Unix socket, a pipe, a pair in memory.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// A year, which no connection outlives.
const FOREVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// Answers to one read that are written together. A peer whose pings came in one read, and that reads
/// the pongs, is no flood (WIRE.md, rule 12); one write each would fill its socket by their number.
pub(crate) const ANSWERS_AT_ONCE: u32 = 32;

/// For reading what is forgotten, and for the pause that follows. The largest frame, which has 1 MiB, comes in
/// large pieces and is through in a third of [`LINGER`]; small ones take the system ten times as long.
const DISCARD_TIME: Duration = Duration::from_micros(20);
const DISCARD_PAUSE: Duration = Duration::from_millis(20);
/// For the last bytes to leave (WIRE.md, rule 12).
const WRITE_WAIT: Duration = Duration::from_secs(5);
/// For the peer to read a fault before the line is cut (WIRE.md, rule 13).
pub(crate) const LINGER: Duration = Duration::from_secs(1);

/// Time since a line began, as its session counts it. Stands still while the machine is suspended,
/// where the system's monotonic clock does (Linux, macOS).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn now(self) -> Duration {
        self.0.elapsed()
    }

    /// As the session counts it.
    pub(crate) fn time_of(self, instant: Instant) -> Duration {
        instant.saturating_duration_since(self.0)
    }

    /// A time too late for the system's clock is as late as any that will come.
    pub(crate) fn at(self, time: Duration) -> Instant {
        self.0.checked_add(time).unwrap_or(self.0 + FOREVER)
    }
}

/// Sends what is left and closes the line. With a fault among it (`linger`) the sending half is shut and
/// what still comes is discarded, so that the fault can be read: closing with unread input may take it
/// from the peer (WIRE.md, rule 13).
pub(crate) async fn hang_up(io: &mut (dyn Io + '_), last: &[u8], linger: bool) -> io::Result<()> {
    let (mut input, mut output) = split(io);
    let say = async {
        output.write_all(last).await?;
        if linger { output.shutdown().await } else { output.flush().await }
    };
    let said = discarding(&mut input, timeout(WRITE_WAIT, say)).await;
    said.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
    if linger {
        // Time running out is how discarding ends with a peer that goes on sending.
        let _ = timeout(LINGER, discard(&mut input, Speed::Slow)).await;
    }
    Ok(())
}

/// Does `work`, and forgets meanwhile what comes: the peer may read only when it has written what it has to.
async fn discarding<T>(input: &mut (impl AsyncRead + Unpin), work: impl Future<Output = T>) -> T {
    let mut discard = pin!(discard(input, Speed::AsItComes).fuse());
    let mut work = pin!(work);
    poll_fn(|cx| {
        let done = work.as_mut().poll(cx);
        if done.is_pending() {
            let _ = discard.as_mut().poll(cx);
        }
        done
    })
    .await
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Speed {
    AsItComes,
    /// No faster than a peer needs that has a frame under way: one that goes on sending has its line full,
    /// and waits.
    Slow,
}

/// Reads and forgets until the end.
async fn discard(input: &mut (impl AsyncRead + Unpin), speed: Speed) {
    while !poll_fn(|cx| poll_discard(input, cx)).await {
        match speed {
            Speed::AsItComes => yield_now().await,
            Speed::Slow => sleep(DISCARD_PAUSE).await,
        }
    }
}

/// True: that was the end. What it reads into is nowhere while the line waits.
fn poll_discard(input: &mut (impl AsyncRead + Unpin), cx: &mut Context<'_>) -> Poll<bool> {
    let (mut discarded, begin) = ([0; 4096], Instant::now());
    while begin.elapsed() < DISCARD_TIME {
        let mut room = ReadBuf::new(&mut discarded);
        let read = ready!(Pin::new(&mut *input).poll_read(cx, &mut room));
        if read.is_err() || room.filled().is_empty() {
            return Poll::Ready(true);
        }
    }
    Poll::Ready(false)
}

/// Goes on when others have had their turn, those as well whose bytes the runtime has not heard of: it asks
/// the system only now and then while a task wakes itself.
pub(crate) fn give_way<T>(cx: &mut Context<'_>) -> Poll<T> {
    // It is never ready at first.
    let _ = pin!(yield_now()).poll(cx);
    Poll::Pending
}
