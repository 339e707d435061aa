use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::watch;

use crate::ask::Ending;
use crate::tally::{Tally, What, Who};

/// Clients by their numbers.
pub(crate) const ASYNC: Range<usize> = 0..4;
pub(crate) const BLOCKING: usize = 4;
pub(crate) const HASTY: usize = 5;
const CLIENTS: usize = 6;

/// For a client to work again. Its longest wait between two attempts is 2 s.
const PATIENCE: Duration = Duration::from_secs(60);

/// What clients and the one who kills know of each other.
pub(crate) struct Scene {
    path: PathBuf,
    state: Mutex<State>,
    changed: Condvar,
    is_up: watch::Sender<bool>,
    is_over: AtomicBool,
}

#[derive(Default)]
struct State {
    /// The number of the server that is up.
    server: Option<u64>,
    records: u64,
    under_way: u64,
    /// By client, the number of the last server that was asked by it and answered in full.
    worked: [u64; CLIENTS],
    tally: Tally,
}

/// A task that was begun.
pub(crate) struct Begun {
    client: usize,
    what: What,
    /// What was up then.
    server: Option<u64>,
}

impl Scene {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path,
            state: Mutex::default(),
            changed: Condvar::new(),
            is_up: watch::Sender::new(false),
            is_over: AtomicBool::new(false),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A server listens.
    pub(crate) fn come(&self, number: u64) {
        self.state().server = Some(number);
        self.is_up.send_replace(true);
    }

    /// It is about to be killed; `worked`: it has been seen to serve everyone.
    pub(crate) fn going(&self, worked: bool) {
        self.is_up.send_replace(false);
        let mut state = self.state();
        state.server = None;
        let under_way = state.under_way;
        state.tally.killed(worked, under_way);
    }

    pub(crate) fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Waits until a server is up.
    pub(crate) async fn server(&self) {
        let mut is_up = self.is_up.subscribe();
        is_up.wait_for(|is_up| *is_up).await.expect("the sender is ours");
    }

    /// Until each client has had a whole answer of server `number`, to a task begun since it came.
    pub(crate) fn wait_until_all_work(&self, number: u64) {
        self.wait_until(|state| state.worked.iter().all(|worked| *worked == number));
    }

    /// Until so many more have come.
    pub(crate) fn wait_for_records(&self, more: u64) {
        let enough = self.state().records + more;
        self.wait_until(|state| state.records >= enough);
    }

    pub(crate) fn begin(&self, client: usize, what: What) -> Begun {
        let mut state = self.state();
        state.under_way += 1;
        Begun { client, what, server: state.server }
    }

    /// So many records have come of a stream.
    pub(crate) fn saw(&self, records: u64) {
        self.state().records += records;
        self.changed.notify_one();
    }

    pub(crate) fn ended(&self, begun: &Begun, ending: &Ending) {
        let mut state = self.state();
        state.under_way -= 1;
        if let (Ok(records), What::Call) = (ending, begun.what) {
            state.records += records;
        }
        if let (Ok(_), Some(server)) = (ending, begun.server)
            && state.server == begun.server
        {
            state.worked[begun.client] = server;
        }
        state.tally.add(Who::of(begun.client), begun.what, begun.server.is_some(), ending);
        self.changed.notify_one();
    }

    pub(crate) fn tally(&self) -> Tally {
        self.state().tally.clone()
    }

    fn wait_until(&self, holds: impl Fn(&State) -> bool) {
        let waited = self.changed.wait_timeout_while(self.state(), PATIENCE, |state| !holds(state));
        let (state, timeout) = waited.expect("no panic under the lock");
        let State { server, worked, records, .. } = &*state;
        assert!(
            !timeout.timed_out(),
            "server {server:?}: it has answered {worked:?}, {records} records"
        );
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic under the lock")
    }
}
