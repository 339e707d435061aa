//! A collector of made-up processes, for tests that look at it from outside:
//! `synthetic_collector HOW PLACE` prints its endpoint, and serves until its standard input ends. The place
//! is a directory for a private endpoint, or the path of a given one.

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use eyelet_codec::DetectionTask;
use eyelet_tests::server::runtime;
use eyelet_tests::synthetic::{Synthetic, wanted};
use eyelet_transport::endpoint::Endpoint;
use eyelet_transport::server::Producer;
use eyelet_transport::{Fault, Handler, Outcome, Sink, serve};
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::oneshot;

/// How a handler hands over its records.
#[derive(Clone, Copy)]
enum How {
    /// Each as it is made.
    Send,
    /// From a thread that blocks.
    Thread,
    /// As servers without backpressure do: first into a queue without bounds.
    Queue,
}

impl Handler for How {
    async fn handle(&self, task: DetectionTask<'_>, sink: &mut Sink<'_>) -> Result<Outcome, Fault> {
        let count = wanted(&task)?;
        match self {
            Self::Send => {
                for index in 0..count {
                    sink.send(&Synthetic::new(index).record()).await?;
                }
                Ok(Outcome::success())
            }
            Self::Thread => sink.blocking(move |producer| produce(producer, count)).await,
            Self::Queue => {
                let (queue, mut queued) = unbounded_channel();
                for index in 0..count {
                    // The other end is in this function.
                    let _ = queue.send(Synthetic::new(index));
                }
                drop(queue);
                while let Some(process) = queued.recv().await {
                    sink.send(&process.record()).await?;
                }
                Ok(Outcome::success())
            }
        }
    }
}

fn produce(producer: &mut Producer, count: u32) -> Result<Outcome, Fault> {
    for index in 0..count {
        producer.send(&Synthetic::new(index).record())?;
    }
    Ok(Outcome::success())
}

fn endpoint(place: &str) -> Endpoint {
    if Path::new(place).is_dir() {
        Endpoint::private_in(place, "eyelet-")
    } else {
        Endpoint::at(place)
    }
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let (how, place) = match &arguments[..] {
        [how, place] if how == "send" => (How::Send, place),
        [how, place] if how == "thread" => (How::Thread, place),
        [how, place] if how == "queue" => (How::Queue, place),
        _ => {
            eprintln!("usage: synthetic_collector send|thread|queue DIRECTORY|PATH");
            return ExitCode::from(2);
        }
    };
    let (stop, stopped) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        // Ends with the test, however that ends.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        drop(stop);
    });
    runtime().block_on(async {
        let listener = endpoint(place).bind().expect("listening");
        println!("{}", listener.path().display());
        serve(listener, how, async { drop(stopped.await) }).await.expect("served");
    });
    ExitCode::SUCCESS
}
