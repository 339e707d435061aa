use std::future::{Future, poll_fn};
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::thread;

use eyelet_codec::FaultCode;
use futures_util::future::FutureExt;

use super::core::Shared;
use super::raw::{Handler, Sink, Task};
use super::sink::internal;
use super::waiters::Awaited;
use crate::Fault;
use crate::lock::lock;

/// One task, from its bytes to its last packet. It owns the bytes and lends them to the handler.
pub(super) async fn run<H: Handler>(handler: Arc<H>, core: Shared, stream: u32, bytes: Vec<u8>) {
    let mut sink = Sink::new(core.clone(), stream);
    let outcome = {
        // Within a future, so that a handler which panics before it has made its own is caught as well.
        let work = async { handler.handle(Task::new(&bytes, &core), &mut sink).await };
        // Pinned here, since a future that is handed on by value takes its room once more.
        until_ended(&core, stream, pin!(AssertUnwindSafe(work).catch_unwind())).await
    };
    sink.stopped().await;
    let fault = match outcome {
        Ok(()) => match finish(&core, stream, &mut sink).await {
            Ok(()) => return,
            Err(fault) => fault,
        },
        Err(fault) => fault,
    };
    poll_fn(|cx| lock(&core).poll_fail(stream, &fault, cx)).await;
}

/// The handler's future, dropped when its stream or the line ends. A panic is a fault of its own.
async fn until_ended(
    core: &Shared,
    stream: u32,
    mut work: Pin<&mut impl Future<Output = thread::Result<Result<(), Fault>>>>,
) -> Result<(), Fault> {
    poll_fn(|cx| {
        if let Some(fault) = ending(core, stream) {
            return Poll::Ready(Err(fault));
        }
        if let Poll::Ready(done) = work.as_mut().poll(cx) {
            return Poll::Ready(done.unwrap_or_else(|_| Err(internal("the handler panicked"))));
        }
        lock(core).waiters.wait(stream, Awaited::End, cx.waker());
        Poll::Pending
    })
    .await
}

async fn finish(core: &Shared, stream: u32, sink: &mut Sink) -> Result<(), Fault> {
    poll_fn(|cx| match ending(core, stream) {
        Some(fault) => Poll::Ready(Err(fault)),
        None => sink.poll_finish(cx).map(|fits| {
            let text = "the end of the result is too large for a frame of this agent";
            if fits { Ok(()) } else { Err(internal(text)) }
        }),
    })
    .await
}

fn ending(shared: &Shared, stream: u32) -> Option<Fault> {
    let guard = lock(shared);
    let code = if guard.dead { FaultCode::CANCELLED } else { guard.ending(stream)? };
    let text = match code {
        FaultCode::TIMEOUT => "the task is over its deadline",
        FaultCode::GOING_AWAY => "the collector is going away",
        _ => "cancelled",
    };
    Some(Fault::new(code, text))
}
