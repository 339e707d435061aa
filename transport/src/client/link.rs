use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use eyelet_codec::session::{Role, Session};
use tokio::sync::Mutex as Turn;

use super::error::{ClientError, Failure};
use super::handle::Handle;
use super::state::State;
use super::{Options, driver};
use crate::endpoint;
use crate::line::{Clock, Io};
use crate::lock::lock;
use crate::peer::Peer;

/// What all clones of a client share: the connection there is at the moment, and how to make another.
pub(super) struct Link {
    /// None: the line was given, and there is no other.
    endpoint: Option<PathBuf>,
    pub(super) options: Options,
    current: Mutex<Option<Current>>,
    /// Held while a connection is made, so that only one is.
    turn: Turn<()>,
}

#[derive(Clone)]
struct Current {
    handle: Arc<Handle>,
    peer: Option<Peer>,
}

impl Link {
    /// To the server at `endpoint`, which is not tried yet.
    pub(super) fn to(endpoint: &Path, options: Options) -> Self {
        let (endpoint, current) = (Some(endpoint.to_owned()), Mutex::default());
        Self { endpoint, options, current, turn: Turn::default() }
    }

    /// Over a line that is there.
    pub(super) fn over(io: Box<dyn Io>, options: Options) -> Self {
        let current = Current { handle: drive(io, None, &options), peer: None };
        let current = Mutex::new(Some(current));
        Self { endpoint: None, options, current, turn: Turn::default() }
    }

    /// The connection, which is made if there is none that takes tasks.
    pub(super) async fn handle(&self) -> Result<Arc<Handle>, Failure> {
        if let Some(handle) = self.usable() {
            return Ok(handle);
        }
        let _turn = self.turn.lock().await;
        // Somebody else may have been first.
        if let Some(handle) = self.usable() {
            return Ok(handle);
        }
        self.connect().await
    }

    /// A line without an endpoint is used to its end, whose reason is then told.
    fn usable(&self) -> Option<Arc<Handle>> {
        let current = self.current()?;
        (self.endpoint.is_none() || current.handle.takes_tasks()).then_some(current.handle)
    }

    async fn connect(&self) -> Result<Arc<Handle>, Failure> {
        let Some(path) = &self.endpoint else { return Err(Failure::Cut) };
        let connected = endpoint::connect(path, &self.options.server).await;
        let (stream, peer) = connected.map_err(|error| Failure::Connect(Arc::new(error)))?;
        let handle = drive(Box::new(stream), Some(path.clone()), &self.options);
        let current = Current { handle: handle.clone(), peer: Some(peer) };
        *lock(&self.current) = Some(current);
        Ok(handle)
    }

    /// Until the collector has said who it is. A connection that has just been made says how that went,
    /// even if it has ended by now.
    pub(super) async fn greet(&self) -> Result<(), Failure> {
        let fresh = self.current().map(|current| current.handle);
        match fresh.filter(|handle| !handle.is_greeted()) {
            Some(handle) => handle.greeted().await,
            None => self.handle().await?.greeted().await,
        }
    }

    pub(super) fn peer(&self) -> Option<Peer> {
        self.current().and_then(|current| current.peer)
    }

    pub(super) fn is_fixed(&self) -> bool {
        self.endpoint.is_none()
    }

    pub(super) fn error(&self, failure: Failure) -> ClientError {
        ClientError::new(self.endpoint.as_deref(), failure)
    }

    /// Ends the connection there is.
    pub(super) async fn close(&self) {
        if let Some(current) = self.current() {
            current.handle.close().await;
        }
    }

    fn current(&self) -> Option<Current> {
        lock(&self.current).clone()
    }
}

fn drive(io: Box<dyn Io>, endpoint: Option<PathBuf>, options: &Options) -> Arc<Handle> {
    let clock = Clock::start();
    let session = Session::new(Role::Agent, options.session, Vec::new(), clock.now());
    let handle = Arc::new(Handle::new(State::new(io, session, clock), endpoint));
    tokio::spawn(driver::drive(handle.shared()));
    handle
}
