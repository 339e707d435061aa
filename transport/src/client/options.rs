use std::time::Duration;

use eyelet_codec::session::Config;

use super::Backoff;
use crate::peer::PeerPolicy;

/// What a client accepts, from whom, and when it tries again.
#[derive(Clone, Debug)]
pub struct Options {
    /// Limits of the connection.
    pub session: Config,
    /// Whose server this may be. Default: this process's own user, or root.
    pub server: PeerPolicy,
    /// For each [`Client::call`](super::Client::call), from its begin to the end of the result, attempts and
    /// the waits between them included; then its task is cancelled. Default 30 s.
    pub deadline: Option<Duration>,
    /// The same for each [`Client::stream`](super::Client::stream), the time that the caller takes over its
    /// chunks included. Default none: that time is the caller's own, and a collector that is gone is found
    /// out by pings, within a minute.
    pub stream_deadline: Option<Duration>,
    /// Bytes in memory, about, of a whole result that [`Client::call`](super::Client::call) keeps. Default 64 MiB.
    pub max_result: usize,
    /// How long to wait before the server is tried again. It has no say in the first connect.
    pub backoff: Backoff,
    /// Whether a task is sent once more when its connection was lost.
    pub repeat: Repeat,
}

/// Whether a task is sent once more when its connection was lost, or the server was too busy. One that was
/// certainly not begun always is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Repeat {
    /// Never: it may have been begun, and that must not happen twice.
    Never,
    /// As long as nothing of its result was handed to the caller.
    #[default]
    Unanswered,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            session: Config::default(),
            server: PeerPolicy::same_user().allow_root(),
            deadline: Some(Duration::from_secs(30)),
            stream_deadline: None,
            max_result: 64 * 1024 * 1024,
            backoff: Backoff::default(),
            repeat: Repeat::default(),
        }
    }
}
