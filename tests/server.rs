//! eyelet's own server on a thread of its own, with its log, ended with the test that started it.

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once, PoisonError, mpsc};
use std::thread::JoinHandle;

use eyelet_codec::DetectionTask;
use eyelet_transport::endpoint::Endpoint;
use eyelet_transport::peer::PeerPolicy;
use eyelet_transport::server::{Options, serve_with};
use eyelet_transport::{Client, Handler};
use log::{LevelFilter, Log, Metadata, Record};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

type Lines = Arc<Mutex<Vec<String>>>;

/// A server at a private endpoint.
#[derive(Debug)]
pub struct Server {
    path: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
    log: Lines,
    ground: TempDir,
}

impl Server {
    /// Serves with the default options.
    pub fn start(handler: impl Handler) -> Self {
        Self::start_with(handler, Options::default(), PeerPolicy::same_user())
    }

    /// Serves as `options` say those whom `policy` admits.
    pub fn start_with(handler: impl Handler, options: Options, policy: PeerPolicy) -> Self {
        let ground = tempfile::tempdir().expect("a directory");
        let endpoint = Endpoint::private_in(ground.path(), "eyelet-").policy(policy);
        let (stop, stopped) = oneshot::channel::<()>();
        let (tell, listening) = mpsc::channel();
        let log = Lines::default();
        let lines = log.clone();
        let thread = std::thread::spawn(move || {
            listen_to_the_log(lines);
            runtime().block_on(async {
                let listener = endpoint.bind().expect("listening");
                tell.send(listener.path().to_owned()).expect("the test waits");
                // The test being gone is a reason to stop, too.
                let stopped = async { drop(stopped.await) };
                serve_with(listener, handler, options, stopped).await
            })
        });
        let path = listening.recv().expect("listening");
        Self { path, stop: Some(stop), thread: Some(thread), log, ground }
    }

    /// Where it listens.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it has logged so far, a line each, with its level.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether a line of the log has all of `parts`.
    pub fn has_logged(&self, parts: &[&str]) -> bool {
        self.log().iter().any(|line| parts.iter().all(|part| line.contains(part)))
    }

    /// Has a well-behaved client run `task` to its end; the number of records.
    pub fn serves(&self, task: &DetectionTask<'_>) -> usize {
        runtime().block_on(async {
            let client = Client::connect(&self.path).await.expect("the next client is let in");
            let result = client.call(task).await.expect("the next client is served");
            assert!(result.success, "{result:?}");
            client.close().await;
            result.processes.len()
        })
    }

    /// Tells it to stop; it drains.
    pub fn stop(&mut self) {
        // It may have stopped already.
        let _ = self.stop.take().map(|stop| stop.send(()));
    }

    /// Stops it and waits until it has gone.
    pub fn end(mut self) {
        self.stop();
        let thread = self.thread.take().expect("ended once");
        thread.join().expect("no panic").expect("served");
        let left = std::fs::read_dir(self.ground.path()).expect("a directory").count();
        assert_eq!(left, 0, "something was left in {}", self.ground.path().display());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        if let Some(thread) = self.thread.take() {
            // Whatever happened to it, the test that drops it here has failed already or does not ask.
            let _ = thread.join();
        }
    }
}

/// A runtime of the calling thread.
pub fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

thread_local! {
    static LINES: RefCell<Option<Lines>> = const { RefCell::new(None) };
}

/// Keeps what the calling thread logs from now on.
fn listen_to_the_log(lines: Lines) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_logger(&Listening).expect("the only logger");
        log::set_max_level(LevelFilter::Debug);
    });
    LINES.set(Some(lines));
}

struct Listening;

impl Log for Listening {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = format!("{} {}", record.level(), record.args());
        LINES.with_borrow(|lines| {
            if let Some(lines) = lines {
                lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
    }

    fn flush(&self) {}
}
