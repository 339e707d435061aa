//! Who there is, and how each is called.

use std::path::Path;

use tokio::runtime::{Builder, LocalOptions};
use tokio::task::LocalSet;

use crate::drive::{Measured, Order, drive};
use crate::peer::{Kind, Peer, Result};
use crate::peers::{
    capnp_rpc, eyelet, eyelet_blocking, framed, iceoryx2, raw_blocking_echo, raw_echo, tarpc,
    tonic, ttrpc, zlink,
};
use crate::place::Place;
use crate::workload::Workload;

/// One that can be measured.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) workloads: &'static [Workload],
    pub(crate) crates: &'static [&'static str],
    pub(crate) serve: fn(Place, &Path, fn()) -> Result<()>,
    pub(crate) drive: fn(Place, Order) -> Result<Vec<Measured>>,
}

/// All of them, ours first.
pub(crate) const ALL: &[Entry] = &[
    of::<eyelet::Eyelet>(),
    of::<eyelet_blocking::EyeletBlocking>(),
    of::<raw_echo::RawEcho>(),
    of::<raw_blocking_echo::RawBlockingEcho>(),
    of::<tarpc::Tarpc>(),
    of::<ttrpc::Ttrpc>(),
    of::<tonic::Tonic>(),
    of::<capnp_rpc::CapnpRpc>(),
    of::<zlink::Zlink>(),
    of::<framed::FramedProst>(),
    of::<iceoryx2::Iceoryx2>(),
];

/// By name.
pub(crate) fn find(name: &str) -> Result<&'static Entry> {
    let found = ALL.iter().find(|entry| entry.name == name);
    found.ok_or_else(|| format!("nobody here is called {name}").into())
}

const fn of<P: Peer>() -> Entry {
    Entry {
        name: P::NAME,
        kind: P::KIND,
        workloads: P::WORKLOADS,
        crates: P::CRATES,
        serve: |place, socket, ready| block_on(place, P::serve(socket, ready)),
        drive: |place, order| block_on(place, run::<P>(order)),
    }
}

/// In a task of its own: waking the future that a runtime was given to block on costs a system call.
async fn run<P: Peer>(order: Order) -> Result<Vec<Measured>> {
    tokio::task::spawn_local(drive::<P>(order)).await?
}

fn block_on<T>(place: Place, future: impl Future<Output = Result<T>>) -> Result<T> {
    match place {
        Place::Cpu(_) => {
            let mut builder = Builder::new_current_thread();
            builder.enable_all().build_local(LocalOptions::default())?.block_on(future)
        }
        Place::Threads => {
            let runtime = Builder::new_multi_thread().enable_all().build()?;
            LocalSet::new().block_on(&runtime, future)
        }
    }
}
