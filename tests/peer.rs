//! One end of a Unix socket that says whatever bytes it is told to, and waits for no more than 20 s.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{RecvFlags, recv};
use tempfile::TempDir;

use crate::wire::{Fault, Greeting, Packet, body};

/// For any single answer; a test that waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A peer made of bytes.
#[derive(Debug)]
pub struct Peer {
    stream: UnixStream,
    unread: Vec<u8>,
}

impl Peer {
    /// Connects without a look at who is there.
    pub fn connect(path: &Path) -> Self {
        Self::over(UnixStream::connect(path).expect("connected"))
    }

    /// Connects as an agent: both `Hello`s have gone.
    pub fn agent(path: &Path) -> Self {
        Self::agent_with(path, Greeting::agent())
    }

    /// As [`agent`](Self::agent), with a `Hello` of its own.
    pub fn agent_with(path: &Path, greeting: Greeting) -> Self {
        let mut peer = Self::connect(path);
        peer.say(&greeting.framed());
        let hello = peer.packet().expect("a Hello");
        assert_eq!((hello.stream, hello.body), (0, body::HELLO), "{hello:?}");
        assert!(hello.len <= 128, "a Hello of {} bytes", hello.len);
        peer
    }

    /// Speaks over a socket that is there already.
    pub fn over(stream: UnixStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).expect("a deadline");
        stream.set_write_timeout(Some(PATIENCE)).expect("a deadline");
        Self { stream, unread: Vec::new() }
    }

    /// Sends bytes. False: the other side has closed, which is no error, since what it said before is to
    /// be read.
    pub fn say(&mut self, bytes: &[u8]) -> bool {
        match self.stream.write_all(bytes) {
            Ok(()) => true,
            Err(error) if is_gone(error.kind()) => false,
            Err(error) => panic!("not written: {error}"),
        }
    }

    /// Sends bytes and reads at the same time: all packets until the end of the stream.
    pub fn say_and_hear(&mut self, bytes: &[u8]) -> Vec<Packet> {
        let mut speaker = Self::over(self.stream.try_clone().expect("a descriptor"));
        std::thread::scope(|scope| {
            scope.spawn(move || speaker.say(bytes));
            self.rest()
        })
    }

    /// Reads no more, which is for the other side to find out.
    pub fn stop_reading(&self) {
        // The other side may have gone, which is as good.
        let _ = self.stream.shutdown(Shutdown::Read);
    }

    /// Sends no more.
    pub fn shut(&self) {
        // The other side may have gone, which is as good.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Waits until there is something to read, and leaves it there.
    pub fn wait_for_input(&self) {
        let peeked = recv(&self.stream, &mut [0xa5], RecvFlags::PEEK);
        assert_ne!(peeked.expect("something comes").0, 0, "the other side has closed");
    }

    /// The next packet; none at the end of the stream, and that is not inside a frame.
    pub fn packet(&mut self) -> Option<Packet> {
        loop {
            if let Some(packet) = Packet::take(&mut self.unread) {
                return Some(packet);
            }
            let mut bytes = [0xa5; 16 * 1024];
            match self.stream.read(&mut bytes) {
                Ok(0) => {
                    assert!(self.unread.is_empty(), "the stream ends inside a frame");
                    return None;
                }
                Ok(len) => self.unread.extend_from_slice(&bytes[..len]),
                Err(error) => panic!("nothing came: {error}"),
            }
        }
    }

    /// The next packet, which is a fault.
    pub fn fault(&mut self) -> Fault {
        let packet = self.packet().expect("a fault before the end");
        packet.fault().unwrap_or_else(|| panic!("not a fault: {packet:?}"))
    }

    /// The fault that ends the connection, whatever comes before it; nothing comes behind it.
    pub fn last_words(&mut self) -> Fault {
        let mut packets = self.rest();
        let last = packets.pop().expect("a fault before the end");
        let fault = last.fault().unwrap_or_else(|| panic!("not a fault: {last:?}"));
        assert_eq!(fault.stream, 0, "{fault:?}");
        fault
    }

    /// All packets until the end of the stream.
    pub fn rest(&mut self) -> Vec<Packet> {
        std::iter::from_fn(|| self.packet()).collect()
    }

    /// Reads a whole result of `stream`, alone on the line: its last packet, and the records of all.
    pub fn result(&mut self, stream: u64) -> (Packet, usize) {
        let mut records = 0;
        loop {
            let packet = self.packet().expect("a result");
            assert_eq!((packet.stream, packet.body), (stream, body::RESULT), "{packet:?}");
            records += packet.all(4).count();
            if !packet.more {
                return (packet, records);
            }
        }
    }
}

/// A collector made of bytes: what it does with its one connection is a function.
#[derive(Debug)]
pub struct FakeCollector<T> {
    path: PathBuf,
    thread: JoinHandle<T>,
    _ground: TempDir,
}

/// What a collector made of bytes does with one connection.
pub type Conversation<T> = Box<dyn FnOnce(Peer) -> T + Send>;

impl<T: Send + 'static> FakeCollector<Vec<T>> {
    /// Listens, and gives one connection after the other to the next of `conversations`.
    pub fn in_turn(conversations: Vec<Conversation<T>>) -> Self {
        Self::listening(|listener| {
            let each = |converse: Conversation<T>| converse(accepted(&listener));
            conversations.into_iter().map(each).collect()
        })
    }
}

impl<T: Send + 'static> FakeCollector<T> {
    /// Listens, and gives the first connection to `converse`.
    pub fn start(converse: impl FnOnce(Peer) -> T + Send + 'static) -> Self {
        Self::listening(|listener| converse(accepted(&listener)))
    }

    fn listening(work: impl FnOnce(UnixListener) -> T + Send + 'static) -> Self {
        let ground = tempfile::tempdir().expect("a directory");
        let path = ground.path().join("fake.sock");
        let listener = UnixListener::bind(&path).expect("listening");
        set_socket_timeout(&listener, Timeout::Recv, Some(PATIENCE)).expect("a deadline");
        let thread = std::thread::spawn(|| work(listener));
        Self { path, thread, _ground: ground }
    }

    /// Where it listens.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What its function returned.
    pub fn join(self) -> T {
        self.thread.join().expect("the collector's part")
    }
}

fn accepted(listener: &UnixListener) -> Peer {
    Peer::over(listener.accept().expect("a connection").0)
}

/// A reset is what a peer leaves that has not read everything.
fn is_gone(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::BrokenPipe | ErrorKind::ConnectionReset)
}
