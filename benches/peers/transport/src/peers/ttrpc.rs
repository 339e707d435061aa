//! ttrpc, async, with a unary and a streaming method; tasks and results are prost's.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use eyelet_codec::proto::{DetectionResult, DetectionTask};
use prost::Message as _;
use ttrpc::r#async::{
    Client, MethodHandler, Server, Service, StreamHandler, StreamInner, TtrpcContext,
};
use ttrpc::proto::{Code, Request, Response};

use crate::glance::Glance;
use crate::messages::protobuf;
use crate::peer::{Connection, Kind, Peer, Result, share};
use crate::wish::Wish;
use crate::workload::{EVERYTHING, Workload};

pub(crate) struct Ttrpc;

const SERVICE: &str = "eyelet.v1.Detection";
const DETECT: &str = "Detect";
const WATCH: &str = "Watch";

impl Peer for Ttrpc {
    const NAME: &'static str = "ttrpc";
    const KIND: Kind = Kind::Library;
    const WORKLOADS: &'static [Workload] = EVERYTHING;
    const CRATES: &'static [&'static str] = &["ttrpc", "protobuf", "prost"];

    type Connection = Client;

    async fn serve(socket: &Path, ready: impl FnOnce()) -> Result<()> {
        let detect: Box<dyn MethodHandler + Send + Sync> = Box::new(Detect);
        let watch: Arc<dyn StreamHandler + Send + Sync> = Arc::new(Watch);
        let service = Service {
            methods: HashMap::from([(DETECT.to_owned(), detect)]),
            streams: HashMap::from([(WATCH.to_owned(), watch)]),
        };
        let services = HashMap::from([(SERVICE.to_owned(), service)]);
        let mut server = Server::new().bind(&address(socket))?.register_service(services);
        server.start().await?;
        ready();
        std::future::pending().await
    }

    async fn connect(socket: &Path) -> Result<Client> {
        Ok(Client::connect(&address(socket)).await?)
    }
}

fn address(socket: &Path) -> String {
    format!("unix://{}", socket.display())
}

struct Detect;

#[async_trait]
impl MethodHandler for Detect {
    async fn handler(&self, _: TtrpcContext, request: Request) -> ttrpc::Result<Response> {
        let task = decode(&request.payload)?;
        let wish = protobuf::wish(&task);
        let payload = protobuf::result(task, wish).encode_to_vec();
        let status = Some(ttrpc::get_status(Code::OK, "")).into();
        Ok(Response { payload, status, ..Default::default() })
    }
}

struct Watch;

#[async_trait]
impl StreamHandler for Watch {
    async fn handler(
        &self,
        _: TtrpcContext,
        mut stream: StreamInner,
    ) -> ttrpc::Result<Option<Response>> {
        let task = decode(&stream.recv().await?)?;
        let wish = protobuf::wish(&task);
        for chunk in protobuf::chunks(task, wish) {
            stream.send(chunk.encode_to_vec()).await?;
        }
        Ok(None)
    }
}

fn decode(payload: &[u8]) -> ttrpc::Result<DetectionTask> {
    DetectionTask::decode(payload).map_err(|error| ttrpc::Error::Others(error.to_string()))
}

fn request(method: &str, wish: Wish) -> Request {
    Request {
        service: SERVICE.to_owned(),
        method: method.to_owned(),
        payload: protobuf::task(wish).encode_to_vec(),
        ..Default::default()
    }
}

impl Connection for Client {
    async fn call(&mut self, wish: Wish) -> Result<Glance> {
        let response = self.request(request(DETECT, wish)).await?;
        let mut glance = Glance::default();
        protobuf::see(&DetectionResult::decode(&*response.payload)?, &mut glance);
        Ok(glance)
    }

    async fn stream(&mut self, wish: Wish) -> Result<Glance> {
        let mut stream = self.new_stream(request(WATCH, wish), false, true).await?;
        let mut glance = Glance::default();
        loop {
            match stream.recv().await {
                Ok(payload) => protobuf::see(&DetectionResult::decode(&*payload)?, &mut glance),
                Err(ttrpc::Error::Eof) => return Ok(glance),
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn in_flight(&mut self, width: usize, calls: u64) -> Result<()> {
        share::<Ttrpc>(vec![self.clone(); width], calls).await?;
        Ok(())
    }
}
