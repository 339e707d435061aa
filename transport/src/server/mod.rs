//! A collector's side: connections, and the handlers that work on their tasks.

mod accept;
mod chunk;
mod connection;
mod core;
mod counters;
mod greeting;
mod handler;
mod heard;
mod producer;
pub mod raw;
mod sink;
mod task;
mod tasks;
mod waiters;

use std::future::Future;
use std::io;
use std::sync::Arc;

use eyelet_codec::TaskType;
use eyelet_codec::session::Config;

use self::connection::Connection;
use self::handler::Typed;
use crate::endpoint::Listener;
use crate::line::Io;

pub use self::counters::{Counters, Counts};
pub use self::handler::{Handler, Outcome};
pub use self::producer::Producer;
pub use self::sink::{SendError, Sink};

/// What a server offers. Who may connect is the listener's to say.
#[derive(Clone, Debug)]
pub struct Options {
    /// Limits of each connection, and the tasks that the handler knows: others are refused before it
    /// sees them.
    pub session: Config,
    /// Connections at once. For one more, one that has been idle for a second has to leave, or one that
    /// has not read for 5 s; if there is none, it is told BUSY. Default 64.
    pub max_connections: usize,
    /// Of these, how many one user may have. Default: three quarters, so that root can always look; all
    /// where nobody but one user is admitted.
    pub max_per_user: Option<usize>,
    /// Of these, how many may not have said who they are; others wait in the system's queue, and who has
    /// been silent for a second is cut for them. Default 16.
    pub max_incomplete: usize,
    /// Count what the server does.
    pub counters: Arc<Counters>,
}

impl Default for Options {
    fn default() -> Self {
        let tasks = &[TaskType::ENUMERATE_PROCESSES];
        Self {
            session: Config { tasks, ..Config::default() },
            max_connections: 64,
            max_per_user: None,
            max_incomplete: 16,
            counters: Arc::default(),
        }
    }
}

impl Options {
    /// Connections of one user, where so many users are admitted.
    fn share(&self, users: usize) -> usize {
        let most = self.max_connections;
        self.max_per_user.unwrap_or(if users > 1 { most - most / 4 } else { most })
    }
}

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
///
/// # Errors
/// As [`serve`].
pub async fn serve_with<H: Handler>(
    listener: Listener,
    handler: H,
    options: Options,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let handler = Typed { handler, known: options.session.tasks };
    raw::serve(listener, handler, options, shutdown).await
}

/// Serves one agent over any line, as a server does for each of its connections: a pair in memory, a
/// pipe, an inherited socket. Who is on the other end is for the caller to know.
///
/// # Errors
/// The line failed while the last bytes were sent.
pub async fn serve_line<H: Handler>(
    line: impl Io + 'static,
    handler: H,
    options: &Options,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let handler = Typed { handler, known: options.session.tasks };
    Connection::new(Box::new(line), options, None).serve_until(Arc::new(handler), shutdown).await
}
