//! A collector's side: connections, and the handlers that work on their tasks.

mod connection;
mod handler;
mod results;
mod sink;
mod state;
mod waiters;

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use eyelet_codec::session::{CONTROL_FRAME, Config, Refusal, write_fault};
use eyelet_codec::{FaultCode, TaskType};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::endpoint::Listener;
use crate::line::{Io, hang_up};
use crate::peer::{Peer, Refusal as PeerRefusal};

pub use self::handler::{Handler, Outcome};
pub use self::sink::{Producer, SendError, Sink};

/// What a server offers. Who may connect is the listener's to say.
#[derive(Clone, Debug)]
pub struct Options {
    /// Limits of each connection, and the tasks that the handler knows: others are refused before it
    /// sees them.
    pub session: Config,
    /// Connections at once; one more is told BUSY. Default 64.
    pub max_connections: usize,
}

impl Default for Options {
    fn default() -> Self {
        let tasks = &[TaskType::ENUMERATE_PROCESSES];
        Self { session: Config { tasks, ..Config::default() }, max_connections: 64 }
    }
}

/// Connections over the limit, or of the wrong user, that are being told so at once.
const MAX_REFUSALS: usize = 16;
/// For what is under way to end after `shutdown`; longer than the two steps of a session's own drain.
const DRAIN: Duration = Duration::from_secs(12);
/// Before accepting again when the system has no descriptors or memory left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves agents until `shutdown` is ready; then accepts no more, lets what is under way finish within
/// 5 s, ends the rest, and leaves nothing behind but the lock file of a given path. Takes 12 s at most.
///
/// # Errors
/// The listener itself failed.
pub async fn serve<H: Handler>(
    listener: Listener,
    handler: H,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    serve_with(listener, handler, Options::default(), shutdown).await
}

/// As [`serve`], with other options.
pub async fn serve_with<H: Handler>(
    listener: Listener,
    handler: H,
    options: Options,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let (stop, stopped) = watch::channel(false);
    let mut server = Server {
        handler: Arc::new(handler),
        options: Arc::new(options),
        connections: JoinSet::new(),
        refusals: JoinSet::new(),
        stopped,
    };
    let mut shutdown = pin!(shutdown);
    let result = loop {
        tokio::select! {
            () = &mut shutdown => break Ok(()),
            accepted = listener.accept() => match accepted {
                Ok((stream, verdict)) => server.welcome(Box::new(stream), verdict),
                Err(error) if is_passing(&error) => {
                    log::warn!("cannot accept just now: {error}");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
                Err(error) => break Err(error),
            },
            Some(ended) = server.connections.join_next() => {
                if let Err(error) = ended {
                    log::error!("a connection ended badly: {error}");
                }
            }
            Some(_) = server.refusals.join_next() => {}
        }
    };
    drop(listener);
    // Every connection may have ended already.
    let _ = stop.send(true);
    let drained = async { while server.connections.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN, drained).await.is_err() {
        log::warn!("{} connections cut at the end of the drain", server.connections.len());
    }
    result
}

struct Server<H> {
    handler: Arc<H>,
    options: Arc<Options>,
    connections: JoinSet<()>,
    refusals: JoinSet<()>,
    stopped: watch::Receiver<bool>,
}

impl<H: Handler> Server<H> {
    fn welcome(&mut self, io: Box<dyn Io>, verdict: Result<Peer, PeerRefusal>) {
        match verdict {
            Err(refusal) => {
                log::warn!("refused a connection: {refusal}");
                let text = "this user may not connect";
                self.refuse(io, Refusal::new(FaultCode::UNAUTHORIZED, text));
            }
            Ok(peer) if self.connections.len() >= self.options.max_connections => {
                log::warn!("too many connections, {peer} is told to come later");
                let text = "too many connections, try again later";
                self.refuse(io, Refusal::new(FaultCode::BUSY, text));
            }
            Ok(peer) => {
                log::debug!("connected: {peer}");
                self.connect(io);
            }
        }
    }

    fn connect(&mut self, io: Box<dyn Io>) {
        let (handler, options) = (self.handler.clone(), self.options.clone());
        let mut stopped = self.stopped.clone();
        self.connections.spawn(async move {
            let stop = async {
                // An error means that the server is gone, which stops a connection too.
                let _ = stopped.wait_for(|stop| *stop).await;
            };
            if let Err(error) = connection::serve(io, handler, &options, stop).await {
                log::debug!("connection closed badly: {error}");
            }
        });
    }

    /// Exactly one fault, and nothing that the peer has sent is looked at (WIRE.md, rule 1). Beyond a
    /// bound even that is spared.
    fn refuse(&mut self, mut io: Box<dyn Io>, refusal: Refusal) {
        if self.refusals.len() >= MAX_REFUSALS {
            return;
        }
        self.refusals.spawn(async move {
            let mut frame = [0; CONTROL_FRAME];
            let len = refusal.with_fault(|fault| write_fault(0, fault, &mut frame)).unwrap_or(0);
            // The peer may be gone already, and there is nobody else to tell.
            let _ = hang_up(&mut *io, &frame[..len]).await;
        });
    }
}

/// Whether accepting may work again later: a peer that went first, or descriptors and memory spent.
fn is_passing(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let errno = error.raw_os_error().map(Errno::from_raw_os_error);
    matches!(
        errno,
        Some(
            Errno::MFILE
                | Errno::NFILE
                | Errno::NOBUFS
                | Errno::NOMEM
                | Errno::CONNABORTED
                | Errno::INTR
                | Errno::PERM
                | Errno::PROTO
        )
    )
}

/// Serves one agent over any line, as a server does for each of its connections: a pair in memory, a
/// pipe, an inherited socket. Who is on the other end is for the caller to know.
///
/// # Errors
/// The line failed while the last bytes were sent.
pub async fn serve_line<H: Handler>(
    line: impl Io + 'static,
    handler: Arc<H>,
    options: &Options,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    connection::serve(Box::new(line), handler, options, shutdown).await
}
