//! One connection's bytes: frames that come in, frames that go out, and the end of both.

mod incoming;
mod outgoing;
mod timer;

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout};

pub(crate) use self::incoming::Incoming;
pub(crate) use self::outgoing::Outgoing;
pub(crate) use self::timer::Timer;

/// Anything that a session can run over: a Unix socket, a pipe, a pair in memory.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// For the last bytes to leave (WIRE.md, rule 12).
const WRITE_WAIT: Duration = Duration::from_secs(5);
/// For the peer to read a fault before the line is cut (WIRE.md, rule 13).
const LINGER: Duration = Duration::from_secs(1);

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

    pub(crate) fn at(self, time: Duration) -> Instant {
        self.0 + time
    }
}

/// Sends what is left, shuts the sending half, and discards what still comes, so that a last fault can
/// be read: closing with unread input would take it from the peer.
pub(crate) async fn hang_up(io: &mut (dyn Io + '_), last: &[u8]) -> io::Result<()> {
    timeout(WRITE_WAIT, async {
        io.write_all(last).await?;
        io.shutdown().await
    })
    .await
    .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
    let mut discarded = [0; 4096];
    let drain = async { while matches!(io.read(&mut discarded).await, Ok(1..)) {} };
    // Time running out is how discarding ends with a peer that goes on sending.
    let _ = timeout(LINGER, drain).await;
    Ok(())
}
