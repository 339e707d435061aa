//! An agent without a runtime: plain reads and writes, made by whoever calls.
//!
//! For programs that ask one thing at a time, as command-line tools do, and for bindings to other
//! languages. It speaks the same session as the async [`Client`](crate::Client), makes the same checks of
//! the server, and shares its errors, options and chunks. It has no thread of its own: between two calls
//! nothing is read and nothing is sent.
//!
//! A task and its result take one write and one read. Chunks are lent from the read buffer; after the
//! first few no memory is allocated for them. The two buffers, of 64 KiB or what a larger frame takes, are
//! kept until the client goes.
//!
//! ```no_run
//! use eyelet_transport::blocking::Client;
//! use eyelet_transport::codec::DetectionTask;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut client = Client::connect("/run/eyelet/eyelet.sock")?;
//! let mut stream = client.stream(&DetectionTask::default())?;
//! while let Some(mut chunk) = stream.next()? {
//!     chunk.for_each(|process| println!("{} {}", process.pid, process.name))?;
//! }
//! # Ok(())
//! # }
//! ```

mod connection;
mod socket;
mod stream;

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use eyelet_codec::session::{Config, Refusal, SubmitError};
use eyelet_codec::{DetectionTask, Message, proto};

use self::connection::Connection;
use crate::client::{Retry, Source, encode};
use crate::endpoint;
use crate::peer::{Peer, PeerPolicy};

pub use self::stream::Stream;
pub use crate::client::{Backoff, Chunk, ClientError, Failure, Options, Repeat};

/// A connection to a collector, for one task at a time.
pub struct Client {
    connection: Connection,
    options: Options,
    origin: Origin,
    peer: Option<Peer>,
    epoch: Instant,
    /// The last task, encoded, for a collector that is on its way out has not begun it.
    task: Vec<u8>,
}

/// Where chunks come from.
struct Origin {
    endpoint: Option<PathBuf>,
    /// What was wrong with a chunk. The connection hears of it when the chunk has been let go.
    malformed: OnceLock<Refusal>,
}

/// A collector waits 10 s for a `Hello`.
const UNUSED: Duration = Duration::from_secs(5);

impl Client {
    /// Connects to the collector at `endpoint`, whose owner is checked before the first byte is sent.
    ///
    /// Nothing is sent yet: the greeting goes with the first task, which saves a round trip. So it is the
    /// first task, or [`greet`](Self::greet), that tells of a collector with no place left or of another
    /// version.
    ///
    /// Where the connection was lost or the collector has ended it, the next task makes a new one, with the
    /// same checks, and waits for a collector that is away as [`Options::backoff`] says. Tries once itself.
    ///
    /// # Errors
    /// Why the endpoint or the server is not the right one.
    pub fn connect(endpoint: impl AsRef<Path>) -> Result<Self, ClientError> {
        Self::connect_with(endpoint, Options::default())
    }

    /// As [`connect`](Self::connect), with other options.
    pub fn connect_with(endpoint: impl AsRef<Path>, options: Options) -> Result<Self, ClientError> {
        let origin =
            Origin { endpoint: Some(endpoint.as_ref().to_owned()), malformed: OnceLock::new() };
        let epoch = Instant::now();
        let (connection, peer) =
            connect(endpoint.as_ref(), &options.server, options.session, epoch)
                .map_err(|failure| origin.error(failure))?;
        Ok(Self { connection, options, origin, peer: Some(peer), epoch, task: Vec::new() })
    }

    /// Speaks over a socket that is there already, one end of a pair or an inherited one. Who is on the
    /// other end is for the caller to know. The greeting is sent at once.
    ///
    /// # Errors
    /// The system will not have it as a socket.
    pub fn over(socket: UnixStream, options: Options) -> Result<Self, ClientError> {
        let origin = Origin { endpoint: None, malformed: OnceLock::new() };
        let epoch = Instant::now();
        let mut connection = socket
            .set_read_timeout(None)
            .and_then(|()| Connection::new(socket, options.session, epoch))
            .map_err(|error| origin.error(Failure::of_line(&error)))?;
        connection.introduce();
        Ok(Self { connection, options, origin, peer: None, epoch, task: Vec::new() })
    }

    /// Waits until the collector has said who it is, for 10 s at most. Tasks do so by themselves.
    ///
    /// # Errors
    /// Why the collector, or its version, is not the right one.
    pub fn greet(&mut self) -> Result<(), ClientError> {
        let greeted = self.make_usable().and_then(|()| self.connection.greet());
        greeted.map_err(|failure| self.origin.error(failure))
    }

    /// Runs a task and returns its whole result. Where the connection is lost the task is sent again, as
    /// [`Options::repeat`] says, whatever has come of its result.
    ///
    /// # Errors
    /// Why there is no result; [`Failure::TooLarge`] over [`Options::max_result`]. A task that ran and
    /// failed is a result, with `success` false.
    pub fn call(
        &mut self,
        task: &DetectionTask<'_>,
    ) -> Result<proto::DetectionResult, ClientError> {
        let max = self.options.max_result;
        self.begin(task, self.options.deadline)?.collect(max)
    }

    /// Begins a task, of eyelet's schema or another, whose result comes in chunks. Dropping the stream
    /// cancels the task.
    ///
    /// Waits while tasks that were cancelled hold all places that the collector has. A task that the
    /// line does not take at once is sent on by [`Stream::next`].
    ///
    /// # Errors
    /// Why the task could not be sent.
    pub fn stream<'m>(&mut self, task: &impl Message<'m>) -> Result<Stream<'_>, ClientError> {
        self.begin(task, self.options.stream_deadline)
    }

    fn begin<'m>(
        &mut self,
        task: &impl Message<'m>,
        deadline: Option<Duration>,
    ) -> Result<Stream<'_>, ClientError> {
        let deadline = deadline.map(|wait| self.epoch.elapsed().saturating_add(wait));
        let mut retry = Retry::new(&self.options);
        let sent = encode(&mut self.task, task)
            .map_err(Failure::InvalidTask)
            .and_then(|()| self.send(deadline, &mut retry));
        let id = sent.map_err(|failure| self.origin.error(failure))?;
        Ok(Stream::new(self, id, deadline, retry))
    }

    /// Ends the connection in order: waits for tasks that were cancelled, 10 s at most, and tells the
    /// collector. A client that is dropped does the same without waiting.
    pub fn close(mut self) {
        self.connection.close();
    }

    /// Who the collector is, where the system can tell.
    pub fn peer(&self) -> Option<Peer> {
        self.peer
    }

    /// Sends the task at hand, and tries again as `retry` says.
    fn send(&mut self, deadline: Option<Duration>, retry: &mut Retry) -> Result<u32, Failure> {
        loop {
            let usable = self.make_usable();
            match usable.and_then(|()| self.connection.submit(&self.task, deadline)) {
                Err(failure) if self.pause(retry, &failure, deadline) => {}
                sent => return sent,
            }
        }
    }

    /// Waits before the task that has met `failure` is tried again. False: it is not to be, or it would be
    /// over its deadline by then.
    fn pause(&self, retry: &mut Retry, failure: &Failure, deadline: Option<Duration>) -> bool {
        let not_begun = Failure::NotSent(SubmitError::Closed);
        let failure = if self.connection.has_not_begun(failure) { &not_begun } else { failure };
        if self.origin.endpoint.is_none() {
            return false;
        }
        let left = deadline.map(|deadline| deadline.saturating_sub(self.epoch.elapsed()));
        let Some(delay) = retry.delay(failure, left) else { return false };
        if !delay.is_zero() {
            std::thread::sleep(delay);
        }
        true
    }

    fn make_usable(&mut self) -> Result<(), Failure> {
        let forgotten = self.connection.unused_for().is_some_and(|time| time > UNUSED);
        if self.connection.is_usable() && !forgotten { Ok(()) } else { self.connect_anew() }
    }

    /// Where there is an endpoint; elsewhere a connection that has ended says why.
    fn connect_anew(&mut self) -> Result<(), Failure> {
        if let Some(endpoint) = &self.origin.endpoint {
            let Options { server, session, .. } = &self.options;
            let (connection, peer) = connect(endpoint, server, *session, self.epoch)?;
            (self.connection, self.peer) = (connection, Some(peer));
        }
        Ok(())
    }
}

fn connect(
    endpoint: &Path,
    servers: &PeerPolicy,
    config: Config,
    epoch: Instant,
) -> Result<(Connection, Peer), Failure> {
    let (socket, peer) =
        endpoint::dial(endpoint, servers).map_err(|error| Failure::Connect(Arc::new(error)))?;
    let connection = Connection::new(socket, config, epoch);
    Ok((connection.map_err(|error| Failure::of_line(&error))?, peer))
}

impl Source for Origin {
    fn error(&self, failure: Failure) -> ClientError {
        ClientError::new(self.endpoint.as_deref(), failure)
    }

    fn break_off(&self, refusal: Refusal) {
        // The first is reason enough.
        let _ = self.malformed.set(refusal);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn a_client_that_is_used_late_connects_anew_before_it_is_sent_away() {
        let ground = tempfile::tempdir().expect("a directory");
        let path = ground.path().join("s.sock");
        let listener = UnixListener::bind(&path).expect("listening");
        for (idle, connections) in [(4, 1), (6, 2)] {
            let mut client = Client::connect(&path).expect("connected");
            client.connection.sleep(Duration::from_secs(idle));
            drop(client.stream(&DetectionTask::default()).expect("sent"));
            drop(client);
            let mut heard = Vec::new();
            for _ in 0..connections {
                let mut bytes = Vec::new();
                let (mut socket, _) = listener.accept().expect("a connection");
                socket.read_to_end(&mut bytes).expect("closed");
                heard.push(bytes.len());
            }
            assert!(heard.pop().is_some_and(|last| last > 0), "{idle} s");
            assert!(heard.iter().all(|len| *len == 0), "{idle} s: {heard:?}");
        }
    }
}
