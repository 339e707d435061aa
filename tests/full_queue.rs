//! A server whose queue of connections is full may accept again a moment later: clients that try again are
//! served in the end, and one that does not is told so at once.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, ThreadId};

use eyelet_codec::DetectionTask;
use eyelet_tests::attacked::raise_descriptors;
use eyelet_tests::server::runtime;
use eyelet_transport::client::{Backoff, ClientError, Failure, Options};
use eyelet_transport::endpoint::ConnectError;
use eyelet_transport::{Client, blocking};
use log::{LevelFilter, Log, Metadata, Record};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

#[test]
fn who_tries_again_is_served_when_the_queue_has_room() {
    raise_descriptors();
    let attempts = Attempts::listen();
    let ground = tempfile::tempdir().expect("a directory");
    let path = ground.path().join("eyelet.sock");
    let first = Server::start(&path);
    let runtime = runtime();
    let clients = [Options::default(), Options { backoff: Backoff::none(), ..Options::default() }];
    let [patient, hasty] = clients
        .map(|options| runtime.block_on(Client::connect_with(&path, options)).expect("connected"));
    let mut alone = blocking::Client::connect(&path).expect("connected");
    first.kill();

    let second = Server::start(&path);
    second.stop();
    let waiting = fill_queue(&path);
    // The first call finds its connection lost, the next one cannot have another.
    let task = task();
    let ended = [(); 2].map(|()| runtime.block_on(hasty.call(&task)).expect_err("nobody accepts"));
    assert!(is_busy(&ended[1]), "{ended:?}");

    let asking = thread::spawn(move || alone.call(&self::task()));
    let relief = thread::spawn(move || {
        attempts.wait_for(2);
        drop(waiting);
        second.go_on();
        second
    });
    let called = runtime.block_on(patient.call(&task));
    let asked = asking.join().expect("no panic");
    for result in [called, asked] {
        assert_eq!(result.expect("served in the end").processes.len(), 10);
    }
    relief.join().expect("no panic").end();
}

fn task() -> DetectionTask<'static> {
    DetectionTask { metadata: Some("10"), ..Default::default() }
}

fn is_busy(error: &ClientError) -> bool {
    matches!(error.failure(), Failure::Connect(error) if matches!(**error, ConnectError::Busy(_)))
}

/// Connections until there is no room for another one.
fn fill_queue(path: &Path) -> Vec<OwnedFd> {
    let address = SocketAddrUnix::new(path).expect("an address");
    let mut waiting = Vec::new();
    loop {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None);
        let socket = socket.expect("a socket");
        match connect(&socket, &address) {
            Ok(()) => waiting.push(socket),
            Err(error) => {
                assert_eq!((error, waiting.len()), (Errno::AGAIN, 1025));
                return waiting;
            }
        }
    }
}

/// A server in a process of its own.
struct Server(Child);

impl Server {
    /// Waits until it listens.
    fn start(path: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_synthetic_collector"))
            .arg("send")
            .arg(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the collector starts");
        let stdout = child.stdout.take().expect("piped");
        let endpoint = BufReader::new(stdout).lines().next().expect("a line").expect("text");
        assert_eq!(Path::new(&endpoint), path);
        Self(child)
    }

    fn stop(&self) {
        let pid = Pid::from_child(&self.0);
        kill_process(pid, Signal::STOP).expect("it is our child");
        waitid(WaitId::Pid(pid), WaitIdOptions::STOPPED).expect("it stops");
    }

    fn go_on(&self) {
        kill_process(Pid::from_child(&self.0), Signal::CONT).expect("it is our child");
    }

    fn kill(mut self) {
        self.0.kill().expect("it is our child");
        self.0.wait().expect("it is our child");
    }

    /// In order.
    fn end(mut self) {
        drop(self.0.stdin.take());
        assert!(self.0.wait().expect("it is our child").success());
    }
}

/// Which threads' clients log that they try a full queue again.
struct Attempts(Receiver<ThreadId>);

impl Attempts {
    fn listen() -> Self {
        let (say, heard) = mpsc::channel();
        log::set_logger(Box::leak(Box::new(Heard(Mutex::new(say))))).expect("the only logger");
        log::set_max_level(LevelFilter::Debug);
        Self(heard)
    }

    fn wait_for(self, threads: usize) {
        let mut heard = HashSet::new();
        while heard.len() < threads {
            heard.insert(self.0.recv().expect("the logger stays"));
        }
    }
}

struct Heard(Mutex<Sender<ThreadId>>);

impl Log for Heard {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = record.args().to_string();
        if line.starts_with("trying again") && line.contains("too many waiting to connect") {
            // The test may have heard enough.
            let _ = self.0.lock().expect("no panic").send(thread::current().id());
        }
    }

    fn flush(&self) {}
}
