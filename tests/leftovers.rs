//! A server that is killed cannot clear up; the next one does it, and takes from nobody who lives.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use eyelet_codec::DetectionTask;
use eyelet_tests::command;
use eyelet_transport::blocking::Client;
use rustix::process::{Pid, Signal, kill_process};

const KILLS: usize = 20;

#[test]
fn the_next_start_removes_what_many_killed_servers_left() {
    let ground = tempfile::tempdir().expect("a directory");
    let mut servers: Vec<_> = (0..KILLS).map(|_| Server::start(ground.path())).collect();
    let live: Vec<_> = servers.iter().map(Server::directory).collect();
    assert!(live.iter().all(|directory| directory.is_dir()), "each start left the others alone");
    servers.iter().for_each(Server::serves);

    let survivor = servers.pop().expect("there are many");
    servers.into_iter().for_each(Server::kill);
    assert_eq!(content(ground.path()).len(), KILLS, "nobody has cleared up yet");
    let next = Server::start(ground.path());
    let mut both = [survivor.directory(), next.directory()];
    both.sort();
    assert_eq!(content(ground.path()), both);
    survivor.serves();
    survivor.end();
    next.end();
    assert!(content(ground.path()).is_empty());
}

#[test]
fn however_often_it_is_killed_a_server_leaves_one_directory() {
    let ground = tempfile::tempdir().expect("a directory");
    for _ in 0..KILLS {
        let server = Server::start(ground.path());
        let own = [server.directory()];
        assert_eq!(content(ground.path()), own);
        server.kill();
        assert_eq!(content(ground.path()), own);
    }
}

#[test]
fn servers_that_start_at_the_same_moment_all_serve() {
    const STARTERS: usize = 4;
    let ground = tempfile::tempdir().expect("a directory");
    let start = || {
        let server = Server::start(ground.path());
        server.serves();
        server.kill();
    };
    for _ in 0..KILLS {
        std::thread::scope(|scope| {
            (0..STARTERS).for_each(|_| drop(scope.spawn(start)));
        });
    }
    let left = content(ground.path()).len();
    assert!((1..=STARTERS).contains(&left), "{left} of {} are left", STARTERS * KILLS);
    Server::start(ground.path()).end();
    assert!(content(ground.path()).is_empty());
}

#[test]
fn so_it_is_with_the_command() {
    let [mut killed, live] = [(); 2].map(|()| command::Collector::start(None));
    let [left, used] = [&killed, &live].map(|collector| directory(collector.endpoint()));
    assert!(left.is_dir());
    let pid = Pid::from_raw(killed.pid().cast_signed()).expect("a pid");
    kill_process(pid, Signal::KILL).expect("it is our child");
    assert!(!killed.wait().success());

    let next = command::Collector::start(None);
    assert!(!left.exists(), "{} is still there", left.display());
    assert!(used.is_dir());
    Client::connect(live.endpoint()).expect("it still serves").close();
    live.end();
    next.end();
}

/// A server in a process of its own, in a private directory.
struct Server {
    child: Child,
    endpoint: PathBuf,
}

impl Server {
    /// Waits until it listens.
    fn start(base: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_synthetic_collector"))
            .arg("send")
            .arg(base)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the collector starts");
        let mut endpoint = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut endpoint).expect("the endpoint");
        let endpoint = PathBuf::from(endpoint.trim_end());
        assert!(endpoint.starts_with(base), "the collector announced {}", endpoint.display());
        Self { child, endpoint }
    }

    fn directory(&self) -> PathBuf {
        directory(&self.endpoint)
    }

    fn serves(&self) {
        let mut client = Client::connect(&self.endpoint).expect("connected");
        let task = DetectionTask { metadata: Some("10"), ..Default::default() };
        assert_eq!(client.call(&task).expect("an answer").processes.len(), 10);
        client.close();
    }

    fn kill(mut self) {
        self.child.kill().expect("it is our child");
        assert!(!self.child.wait().expect("it is our child").success());
    }

    /// In order.
    fn end(mut self) {
        drop(self.child.stdin.take());
        assert!(self.child.wait().expect("it is our child").success());
    }
}

fn directory(endpoint: &Path) -> PathBuf {
    endpoint.parent().expect("a directory").to_owned()
}

fn content(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}
