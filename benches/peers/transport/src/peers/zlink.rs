//! zlink: Varlink, which is JSON. A client reads texts where they lie, but for those of a stream, which
//! zlink hands out owned.

use std::collections::VecDeque;
use std::path::Path;
use std::pin::pin;

use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;
use zlink::tokio::unix;
use zlink::{Call, Reply, ReplyError, Server, introspect, proxy, service};

use crate::glance::Glance;
use crate::messages::{json, plain};
use crate::peer::{Connection, Kind, Peer, Result, check};
use crate::wish::Wish;
use crate::workload::{ON_ONE_THREAD, Workload};

pub(crate) struct Zlink;

/// Records of one message of a stream; about 90 KB.
const CHUNK: u32 = 256;

impl Peer for Zlink {
    const NAME: &'static str = "zlink";
    const KIND: Kind = Kind::Library;
    const WORKLOADS: &'static [Workload] = ON_ONE_THREAD;
    const CRATES: &'static [&'static str] = &["zlink", "serde_json"];

    type Connection = unix::Connection;

    async fn serve(socket: &Path, ready: impl FnOnce()) -> Result<()> {
        let listener = unix::bind(socket)?;
        ready();
        Ok(Server::new(listener, Detector).run().await?)
    }

    async fn connect(socket: &Path) -> Result<unix::Connection> {
        Ok(unix::connect(socket).await?)
    }
}

#[derive(Debug, ReplyError, introspect::ReplyError)]
#[zlink(interface = "dev.eyelet.Detection")]
enum DetectionError {
    Unsupported,
}

#[proxy("dev.eyelet.Detection")]
trait Detection {
    async fn detect(
        &mut self,
        task: &json::Task<'_>,
    ) -> zlink::Result<std::result::Result<json::Reply<'_>, DetectionError>>;

    #[zlink(more)]
    async fn watch(
        &mut self,
        task: &json::Task<'_>,
    ) -> zlink::Result<
        impl Stream<Item = zlink::Result<std::result::Result<plain::Reply, DetectionError>>>,
    >;
}

struct Detector;

#[service(interface = "dev.eyelet.Detection")]
impl Detector {
    async fn detect(&self, task: json::OwnedTask) -> json::Reply<'static> {
        let wish = task.wish();
        json::Reply::new(task.task_id, true, wish)
    }

    #[zlink(more)]
    async fn watch(
        &self,
        _more: bool,
        task: json::OwnedTask,
    ) -> impl Stream<Item = Reply<json::Reply<'static>>> + Unpin {
        let wish = task.wish();
        let end = wish.first + wish.count;
        stream::iter((wish.first..end).step_by(CHUNK as usize).map(move |first| {
            let part = Wish { first, count: CHUNK.min(end - first) };
            let last = first + part.count == end;
            let task_id = if last { task.task_id.clone() } else { String::new() };
            Reply::new(Some(json::Reply::new(task_id, last, part))).set_continues(Some(!last))
        }))
    }
}

impl Connection for unix::Connection {
    async fn call(&mut self, wish: Wish) -> Result<Glance> {
        let pids = wish.pids();
        let reply = self.detect(&json::Task::new(&pids)).await?;
        let mut glance = Glance::default();
        reply.map_err(|error| format!("{error:?}"))?.see(&mut glance);
        Ok(glance)
    }

    async fn stream(&mut self, wish: Wish) -> Result<Glance> {
        let pids = wish.pids();
        let task = json::Task::new(&pids);
        let mut chunks = pin!(self.watch(&task).await?);
        let mut glance = Glance::default();
        while let Some(chunk) = chunks.next().await {
            chunk?.map_err(|error| format!("{error:?}"))?.see(&mut glance);
        }
        Ok(glance)
    }

    /// Calls are sent ahead, as Varlink has it; answers come in their order.
    async fn in_flight(&mut self, width: usize, calls: u64) -> Result<()> {
        let mut wishes = Wish::in_turn().take(usize::try_from(calls)?);
        let mut under_way = VecDeque::with_capacity(width);
        loop {
            // A few at once, which take one write.
            while under_way.len() < width {
                let Some((wish, expected)) = wishes.next() else { break };
                let pids = wish.pids();
                let task = json::Task::new(&pids);
                self.enqueue_call(&Call::new(Methods::Detect { task: &task }))?;
                under_way.push_back(expected);
            }
            self.flush().await?;
            if under_way.is_empty() {
                return Ok(());
            }
            for expected in under_way.drain(..under_way.len().div_ceil(4)) {
                let (reply, _) = self.receive_reply::<json::Reply<'_>, DetectionError>().await?;
                let reply = reply.map_err(|error| format!("{error:?}"))?;
                let mut glance = Glance::default();
                reply.into_parameters().ok_or("an empty reply")?.see(&mut glance);
                check::<Zlink>(glance, expected)?;
            }
        }
    }
}

/// A call that is not waited for, which the proxy does not offer.
#[derive(Debug, Serialize)]
#[serde(tag = "method", content = "parameters")]
enum Methods<'a> {
    #[serde(rename = "dev.eyelet.Detection.Detect")]
    Detect { task: &'a json::Task<'a> },
}
