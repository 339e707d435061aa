use std::io;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};

/// A socket whose reads wait no longer than they are told, and whose writes do not wait.
#[derive(Debug)]
pub(super) struct Socket {
    stream: UnixStream,
    /// How long the system has a read wait; `None`: for ever.
    patience: Option<Duration>,
    /// A read has waited that long.
    worn_out: bool,
}

/// What a read waits for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wait {
    /// Nothing.
    No,
    /// Bytes, for so long at most; `None`: for ever.
    Bytes(Option<Duration>),
    /// Bytes, or room for bytes of ours.
    BytesOrRoom(Option<Duration>),
}

impl Socket {
    /// Over a socket without a read timeout.
    pub(super) fn new(stream: UnixStream) -> io::Result<Self> {
        stream.set_nonblocking(false)?;
        Ok(Self { stream, patience: None, worn_out: false })
    }

    /// Reads once. `WouldBlock`: nothing has come, and the wait may be over or not.
    pub(super) fn read(&mut self, room: &mut [u8], wait: Wait) -> io::Result<usize> {
        let flags = match wait {
            Wait::No => RecvFlags::DONTWAIT,
            Wait::Bytes(wait) => {
                self.wait_at_most(wait)?;
                RecvFlags::empty()
            }
            Wait::BytesOrRoom(wait) => {
                self.poll(wait)?;
                RecvFlags::DONTWAIT
            }
        };
        let read = recv(&self.stream, room, flags);
        self.worn_out = matches!((wait, &read), (Wait::Bytes(_), Err(Errno::AGAIN)));
        Ok(read.map(|(_, len)| len)?)
    }

    /// Writes as much as the line takes at once.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        Ok(send(&self.stream, bytes, SEND)?)
    }

    /// Sends no more, or reads no more, or both.
    pub(super) fn shut(&self, half: Shutdown) {
        // Where the other side has gone there is nobody to be told.
        let _ = self.stream.shutdown(half);
    }

    /// Sees to it that a read waits for `wait` at most. Telling the system costs a call, so that what it
    /// was told is kept while it is no longer than that, and no read has waited for it in vain.
    fn wait_at_most(&mut self, wait: Option<Duration>) -> io::Result<()> {
        let too_long = match (wait, self.patience) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(wait), Some(patience)) => patience > wait,
        };
        let patience = wait.map(rounded);
        if (too_long || self.worn_out) && patience != self.patience {
            self.stream.set_read_timeout(patience)?;
            self.patience = patience;
        }
        Ok(())
    }

    fn poll(&self, wait: Option<Duration>) -> io::Result<()> {
        let mut socket = [PollFd::new(&self.stream, PollFlags::IN | PollFlags::OUT)];
        // Beyond what the system can count there is no difference to waiting for ever.
        let wait = wait.and_then(|wait| Timespec::try_from(wait).ok());
        poll(&mut socket, wait.as_ref())?;
        Ok(())
    }
}

/// A power of two of milliseconds, so that deadlines that lie a little apart have the same one: the
/// largest that is no longer than `wait`, but not 0, which would be for ever.
fn rounded(wait: Duration) -> Duration {
    let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(1 << millis.max(1).ilog2().min(LONGEST))
}

/// 2^30 ms are 12 days.
const LONGEST: u32 = 30;

/// A line that is closed is an error and no signal, whatever the program does about SIGPIPE.
#[cfg(not(target_vendor = "apple"))]
const SEND: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);
#[cfg(target_vendor = "apple")]
const SEND: SendFlags = SendFlags::DONTWAIT;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_rounded_down_but_never_to_nothing() {
        for (wait, want) in [
            (Duration::ZERO, 1),
            (Duration::from_nanos(1), 1),
            (Duration::from_millis(1), 1),
            (Duration::from_micros(3999), 2),
            (Duration::from_secs(30), 16_384),
            (Duration::MAX, 1 << 30),
        ] {
            assert_eq!(rounded(wait), Duration::from_millis(want), "{wait:?}");
        }
    }

    #[test]
    fn the_system_is_told_only_of_waits_that_are_shorter_or_over() {
        let (one, _other) = UnixStream::pair().expect("a pair");
        let mut socket = Socket::new(one).expect("a socket");
        let millis = Duration::from_millis;
        let read = |socket: &mut Socket, wait| {
            let error = socket.read(&mut [0xa5], Wait::Bytes(Some(wait))).expect_err("too early");
            assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
            socket.patience
        };
        assert_eq!(read(&mut socket, millis(9)), Some(millis(8)));
        // It has waited in vain: what is longer is told, too.
        assert_eq!(read(&mut socket, millis(17)), Some(millis(16)));
        socket.worn_out = false;
        assert_eq!(read(&mut socket, millis(40)), Some(millis(16)), "woken early");
        assert_eq!(read(&mut socket, millis(2)), Some(millis(2)), "never later than asked");
        let told = socket.stream.read_timeout().expect("told");
        // The system counts in ticks, of 10 ms at most.
        assert!(told.is_some_and(|told| told <= millis(10)), "{told:?}");
    }
}
