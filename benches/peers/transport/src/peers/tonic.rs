//! tonic over a Unix socket: gRPC on HTTP/2.

use std::path::Path;
use std::pin::Pin;

use eyelet_codec::proto::{DetectionResult, DetectionTask};
use futures_util::{Stream, stream};
use tokio::net::UnixListener;
use tokio_stream::wrappers::UnixListenerStream;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Request, Response, Status};

use self::generated::detection_client::DetectionClient;
use self::generated::detection_server::{Detection, DetectionServer};
use crate::glance::Glance;
use crate::messages::protobuf;
use crate::peer::{Connection, Kind, Peer, Result, share};
use crate::wish::Wish;
use crate::workload::{EVERYTHING, Workload};

mod generated {
    #![allow(clippy::pedantic, reason = "generated")]
    include!(concat!(env!("OUT_DIR"), "/eyelet.v1.Detection.rs"));
}

pub(crate) struct Tonic;

type Client = DetectionClient<Channel>;

impl Peer for Tonic {
    const NAME: &'static str = "tonic";
    const KIND: Kind = Kind::Library;
    const WORKLOADS: &'static [Workload] = EVERYTHING;
    const CRATES: &'static [&'static str] = &["tonic", "hyper", "h2", "prost"];

    type Connection = Client;

    async fn serve(socket: &Path, ready: impl FnOnce()) -> Result<()> {
        let incoming = UnixListenerStream::new(UnixListener::bind(socket)?);
        ready();
        let server = Server::builder().add_service(DetectionServer::new(Detector));
        Ok(server.serve_with_incoming(incoming).await?)
    }

    async fn connect(socket: &Path) -> Result<Client> {
        let endpoint = Endpoint::from_shared(format!("unix://{}", socket.display()))?;
        Ok(DetectionClient::new(endpoint.connect().await?))
    }
}

struct Detector;

#[tonic::async_trait]
impl Detection for Detector {
    type WatchStream =
        Pin<Box<dyn Stream<Item = std::result::Result<DetectionResult, Status>> + Send>>;

    async fn detect(
        &self,
        request: Request<DetectionTask>,
    ) -> std::result::Result<Response<DetectionResult>, Status> {
        let task = request.into_inner();
        let wish = protobuf::wish(&task);
        Ok(Response::new(protobuf::result(task, wish)))
    }

    async fn watch(
        &self,
        request: Request<DetectionTask>,
    ) -> std::result::Result<Response<Self::WatchStream>, Status> {
        let task = request.into_inner();
        let wish = protobuf::wish(&task);
        let chunks = protobuf::chunks(task, wish).map(Ok);
        Ok(Response::new(Box::pin(stream::iter(chunks))))
    }
}

impl Connection for Client {
    async fn call(&mut self, wish: Wish) -> Result<Glance> {
        let response = self.detect(protobuf::task(wish)).await?;
        let mut glance = Glance::default();
        protobuf::see(response.get_ref(), &mut glance);
        Ok(glance)
    }

    async fn stream(&mut self, wish: Wish) -> Result<Glance> {
        let mut chunks = self.watch(protobuf::task(wish)).await?.into_inner();
        let mut glance = Glance::default();
        while let Some(chunk) = chunks.message().await? {
            protobuf::see(&chunk, &mut glance);
        }
        Ok(glance)
    }

    async fn in_flight(&mut self, width: usize, calls: u64) -> Result<()> {
        share::<Tonic>(vec![self.clone(); width], calls).await?;
        Ok(())
    }
}
