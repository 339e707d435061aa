//! What everyone has to be able to do to be measured.

use std::cell::Cell;
use std::error::Error;
use std::path::Path;
use std::rc::Rc;

use crate::glance::Glance;
use crate::wish::Wish;
use crate::workload::Workload;

pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// One way of asking another process for records.
pub(crate) trait Peer: 'static {
    const NAME: &'static str;
    /// Whom it may be compared with.
    const KIND: Kind;
    /// What it can be measured in.
    const WORKLOADS: &'static [Workload];
    /// Crates whose versions matter.
    const CRATES: &'static [&'static str];
    /// Whether what comes is decoded and read; a floor may only move bytes.
    const READS: bool = true;

    type Connection: Connection;

    /// Answers whoever connects, until the process is ended; calls `ready` once it listens.
    async fn serve(socket: &Path, ready: impl FnOnce()) -> Result<()>;

    /// Connects.
    async fn connect(socket: &Path) -> Result<Self::Connection>;
}

/// A client's end. Unless it says otherwise it has one task under way at a time.
pub(crate) trait Connection: Sized + 'static {
    /// One task and its whole result, all of which is read.
    async fn call(&mut self, wish: Wish) -> Result<Glance>;

    /// One task whose result comes in chunks, each of which is read and let go.
    async fn stream(&mut self, wish: Wish) -> Result<Glance> {
        self.call(wish).await
    }

    /// So many calls, of which `width` are under way at a time.
    async fn in_flight(&mut self, width: usize, calls: u64) -> Result<()>;

    /// Ends the connection, as far as letting go of it does not.
    async fn close(self) -> Result<()> {
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// This project's.
    Ours,
    /// Does a part of the work only: nobody can be faster.
    Floor,
    /// A library for remote calls.
    Library,
    /// What one writes without a library.
    ByHand,
    /// Something else, to show what there is.
    Aside,
}

/// Several tasks make so many calls together, each over a connection of its own or a clone.
pub(crate) async fn share<P: Peer>(
    connections: Vec<P::Connection>,
    calls: u64,
) -> Result<Vec<P::Connection>> {
    let left = Rc::new(Cell::new(calls));
    let tasks: Vec<_> = connections
        .into_iter()
        .map(|connection| tokio::task::spawn_local(until_done::<P>(connection, left.clone())))
        .collect();
    let mut connections = Vec::new();
    for task in tasks {
        connections.push(task.await?.map_err(|error| error.to_string())?);
    }
    Ok(connections)
}

async fn until_done<P: Peer>(
    mut connection: P::Connection,
    left: Rc<Cell<u64>>,
) -> Result<P::Connection> {
    for (wish, expected) in Wish::in_turn() {
        let Some(fewer) = left.get().checked_sub(1) else { break };
        left.set(fewer);
        check::<P>(connection.call(wish).await?, expected)?;
    }
    Ok(connection)
}

/// Who has not seen what there was to see must not be measured.
pub(crate) fn check<P: Peer>(seen: Glance, expected: Glance) -> Result<()> {
    if seen == expected || !P::READS {
        return Ok(());
    }
    Err(format!("{} saw another result than it should have: {seen:?}, {expected:?}", P::NAME)
        .into())
}
