//! tarpc over a Unix socket, with bincode: the fastest of its formats.

use std::path::Path;

use futures_util::StreamExt;
use tarpc::server::{BaseChannel, Channel};
use tarpc::{client, context, serde_transport};
use tokio_serde::formats::Bincode;

use crate::glance::Glance;
use crate::messages::plain::{Reply, Task};
use crate::peer::{Connection, Kind, Peer, Result, share};
use crate::wish::Wish;
use crate::workload::{WITHOUT_STREAMS, Workload};

pub(crate) struct Tarpc;

#[tarpc::service]
pub(crate) trait Detection {
    async fn detect(task: Task) -> Reply;
}

#[derive(Clone)]
struct Detector;

impl Detection for Detector {
    async fn detect(self, _: context::Context, task: Task) -> Reply {
        task.answer()
    }
}

impl Peer for Tarpc {
    const NAME: &'static str = "tarpc";
    const KIND: Kind = Kind::Library;
    const WORKLOADS: &'static [Workload] = WITHOUT_STREAMS;
    const CRATES: &'static [&'static str] = &["tarpc", "tokio-serde", "bincode"];

    type Connection = DetectionClient;

    async fn serve(socket: &Path, ready: impl FnOnce()) -> Result<()> {
        let mut incoming = serde_transport::unix::listen(socket, Bincode::default).await?;
        ready();
        while let Some(transport) = incoming.next().await {
            let requests = BaseChannel::with_defaults(transport?).execute(Detector.serve());
            tokio::spawn(requests.for_each(async |request| {
                tokio::spawn(request);
            }));
        }
        Ok(())
    }

    async fn connect(socket: &Path) -> Result<DetectionClient> {
        let transport = serde_transport::unix::connect(socket, Bincode::default).await?;
        Ok(DetectionClient::new(client::Config::default(), transport).spawn())
    }
}

impl Connection for DetectionClient {
    async fn call(&mut self, wish: Wish) -> Result<Glance> {
        let mut glance = Glance::default();
        self.detect(context::current(), Task::new(wish)).await?.see(&mut glance);
        Ok(glance)
    }

    async fn in_flight(&mut self, width: usize, calls: u64) -> Result<()> {
        share::<Tarpc>(vec![self.clone(); width], calls).await?;
        Ok(())
    }
}
