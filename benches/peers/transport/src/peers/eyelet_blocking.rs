//! This project's client without a runtime, against the same server.

use std::path::Path;

use eyelet_transport::blocking::Client;

use super::eyelet::{self, Eyelet};
use crate::glance::Glance;
use crate::peer::{Connection, Kind, Peer, Result};
use crate::wish::Wish;
use crate::workload::{BLOCKING, Workload};

pub(crate) struct EyeletBlocking;

impl Peer for EyeletBlocking {
    const NAME: &'static str = "eyelet blocking";
    const KIND: Kind = Kind::Ours;
    const WORKLOADS: &'static [Workload] = BLOCKING;
    const CRATES: &'static [&'static str] = &["eyelet-transport"];

    type Connection = Client;

    async fn serve(socket: &Path, ready: impl FnOnce()) -> Result<()> {
        Eyelet::serve(socket, ready).await
    }

    async fn connect(socket: &Path) -> Result<Client> {
        Ok(Client::connect(socket)?)
    }
}

impl Connection for Client {
    async fn call(&mut self, wish: Wish) -> Result<Glance> {
        let pids = wish.pids();
        let mut stream = Client::stream(self, &Wish::task(&pids))?;
        let (mut glance, mut named) = (Glance::default(), false);
        while let Some(mut chunk) = stream.next()? {
            eyelet::see(&mut chunk, &mut named, &mut glance)?;
        }
        Ok(glance)
    }

    async fn in_flight(&mut self, _: usize, _: u64) -> Result<()> {
        Err("one task at a time".into())
    }
}
