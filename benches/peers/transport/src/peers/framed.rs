//! What one writes by hand: tokio-util's frames, prost in them, and a number in front that says whose
//! answer it is. A task of its own reads, another writes, and channels lead to them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use eyelet_codec::proto::{DetectionResult, DetectionTask};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use prost::Message;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::task::spawn_local;
use tokio_util::bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio_util::codec::{Framed, LengthDelimitedCodec};

use crate::glance::Glance;
use crate::messages::protobuf;
use crate::peer::{Connection, Kind, Peer, Result, share};
use crate::wish::{RESULT, Wish};
use crate::workload::{ON_ONE_THREAD, Workload};

pub(crate) struct FramedProst;

type Frames = Framed<UnixStream, LengthDelimitedCodec>;
type Waiting = Rc<RefCell<HashMap<u32, mpsc::Sender<Answer>>>>;

/// A result, or a chunk of one; whether more of it follows.
type Answer = (DetectionResult, bool);

/// Requests, or chunks of an answer, that may wait for their task.
const QUEUE: usize = 64;

impl Peer for FramedProst {
    const NAME: &'static str = "Framed + prost";
    const KIND: Kind = Kind::ByHand;
    const WORKLOADS: &'static [Workload] = ON_ONE_THREAD;
    const CRATES: &'static [&'static str] = &["tokio-util", "prost"];

    type Connection = Client;

    async fn serve(socket: &Path, ready: impl FnOnce()) -> Result<()> {
        let listener = UnixListener::bind(socket)?;
        ready();
        loop {
            let (stream, _) = listener.accept().await?;
            spawn_local(answer(frames(stream)));
        }
    }

    async fn connect(socket: &Path) -> Result<Client> {
        let (to_server, from_server) = frames(UnixStream::connect(socket).await?).split();
        let (requests, queue) = mpsc::channel(QUEUE);
        let waiting = Waiting::default();
        spawn_local(write(to_server, queue));
        spawn_local(read(from_server, waiting.clone()));
        Ok(Client { requests, waiting, last: Rc::default() })
    }
}

fn frames(stream: UnixStream) -> Frames {
    Framed::new(stream, LengthDelimitedCodec::new())
}

/// Until the client goes.
async fn answer(mut frames: Frames) -> Result<()> {
    while let Some(frame) = frames.next().await {
        let mut frame = frame?;
        let id = frame.try_get_u32()?;
        let task = DetectionTask::decode(frame)?;
        let wish = protobuf::wish(&task);
        if wish.count == RESULT {
            let result = protobuf::result(task, wish);
            frames.send(frame_of(id, false, &result)).await?;
        } else {
            for chunk in protobuf::chunks(task, wish) {
                // Only the last says so.
                frames.send(frame_of(id, !chunk.success, &chunk)).await?;
            }
        }
    }
    Ok(())
}

fn frame_of(id: u32, more: bool, result: &DetectionResult) -> Bytes {
    let mut frame = BytesMut::with_capacity(5 + result.encoded_len());
    frame.put_u32(id);
    frame.put_u8(more.into());
    result.encode_raw(&mut frame);
    frame.freeze()
}

/// Until the last client has gone.
async fn write(
    mut to: SplitSink<Frames, Bytes>,
    mut queue: mpsc::Receiver<Bytes>,
) -> std::io::Result<()> {
    while let Some(frame) = queue.recv().await {
        to.send(frame).await?;
    }
    Ok(())
}

/// Hands each answer to whoever waits for it.
async fn read(mut from: SplitStream<Frames>, waiting: Waiting) -> Result<()> {
    while let Some(frame) = from.next().await {
        let mut frame = frame?;
        let (id, more) = (frame.try_get_u32()?, frame.try_get_u8()? != 0);
        let result = DetectionResult::decode(frame)?;
        let to = if more {
            waiting.borrow().get(&id).cloned()
        } else {
            waiting.borrow_mut().remove(&id)
        };
        if let Some(to) = to {
            to.send((result, more)).await?;
        }
    }
    Ok(())
}

/// One of several that share a connection.
#[derive(Clone)]
pub(crate) struct Client {
    requests: mpsc::Sender<Bytes>,
    waiting: Waiting,
    last: Rc<RefCell<u32>>,
}

impl Connection for Client {
    async fn call(&mut self, wish: Wish) -> Result<Glance> {
        let id = {
            let mut last = self.last.borrow_mut();
            *last += 1;
            *last
        };
        let (to, mut answers) = mpsc::channel(QUEUE);
        self.waiting.borrow_mut().insert(id, to);
        let task = protobuf::task(wish);
        let mut frame = BytesMut::with_capacity(4 + task.encoded_len());
        frame.put_u32(id);
        task.encode_raw(&mut frame);
        self.requests.send(frame.freeze()).await?;
        let mut glance = Glance::default();
        loop {
            let (result, more) = answers.recv().await.ok_or("the server has gone")?;
            protobuf::see(&result, &mut glance);
            if !more {
                return Ok(glance);
            }
        }
    }

    async fn in_flight(&mut self, width: usize, calls: u64) -> Result<()> {
        share::<FramedProst>(vec![self.clone(); width], calls).await?;
        Ok(())
    }
}
