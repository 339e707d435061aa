use std::time::Duration;

use eyelet_codec::session::Config;

use crate::peer::PeerPolicy;

/// What a client accepts, and from whom.
#[derive(Clone, Debug)]
pub struct Options {
    /// Limits of the connection.
    pub session: Config,
    /// Whose server this may be. Default: this process's own user, or root.
    pub server: PeerPolicy,
    /// For each task, from its submission to the end of its result; then it is cancelled. Default 30 s.
    pub deadline: Option<Duration>,
    /// Bytes in memory, about, of a whole result that [`Client::call`](super::Client::call) keeps. Default 64 MiB.
    pub max_result: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            session: Config::default(),
            server: PeerPolicy::same_user().allow_root(),
            deadline: Some(Duration::from_secs(30)),
            max_result: 64 * 1024 * 1024,
        }
    }
}
