//! This project's async client and server: records are read in place while a chunk is decoded.

use std::future::pending;
use std::mem;
use std::path::Path;

use eyelet_codec::DetectionTask;
use eyelet_transport::client::Chunk;
use eyelet_transport::endpoint::Endpoint;
use eyelet_transport::server::{Options, serve_with};
use eyelet_transport::{Client, Fault, Handler, Outcome, Sink};

use crate::glance::{Glance, see_record, see_result, see_task};
use crate::peer::{Connection, Kind, Peer, Result, share};
use crate::wish::Wish;
use crate::workload::{EVERYTHING, Workload};

pub(crate) struct Eyelet;

impl Peer for Eyelet {
    const NAME: &'static str = "eyelet";
    const KIND: Kind = Kind::Ours;
    const WORKLOADS: &'static [Workload] = EVERYTHING;
    const CRATES: &'static [&'static str] = &["eyelet-transport", "tokio"];

    type Connection = Client;

    async fn serve(socket: &Path, ready: impl FnOnce()) -> Result<()> {
        let listener = Endpoint::at(socket).bind()?;
        ready();
        let options = Options { max_connections: 2_000, ..Options::default() };
        Ok(serve_with(listener, Records, options, pending()).await?)
    }

    async fn connect(socket: &Path) -> Result<Client> {
        Ok(Client::connect(socket).await?)
    }
}

impl Connection for Client {
    async fn call(&mut self, wish: Wish) -> Result<Glance> {
        let pids = wish.pids();
        let mut stream = Client::stream(self, &Wish::task(&pids)).await?;
        let (mut glance, mut named) = (Glance::default(), false);
        while let Some(mut chunk) = stream.next().await? {
            see(&mut chunk, &mut named, &mut glance)?;
        }
        Ok(glance)
    }

    async fn in_flight(&mut self, width: usize, calls: u64) -> Result<()> {
        share::<Eyelet>(vec![self.clone(); width], calls).await?;
        Ok(())
    }
}

/// Reads all of a chunk. They may all name their task; that is looked at once.
pub(super) fn see(chunk: &mut Chunk<'_>, named: &mut bool, glance: &mut Glance) -> Result<()> {
    let mut rest = chunk.for_each(|record| see_record!(*record, glance))?;
    if mem::replace(named, true) {
        rest.task_id = "";
    }
    see_result!(rest, glance);
    Ok(())
}

/// Sends what the task asks for.
pub(crate) struct Records;

impl Handler for Records {
    async fn handle(
        &self,
        task: DetectionTask<'_>,
        sink: &mut Sink<'_>,
    ) -> std::result::Result<Outcome, Fault> {
        let mut glance = Glance::default();
        see_task!(task, &mut glance);
        std::hint::black_box(glance);
        let filter = task.process_filter.expect("a filter");
        for record in Wish::of(filter.pids.iter()).records() {
            sink.send(record).await?;
        }
        Ok(Outcome::success())
    }
}
