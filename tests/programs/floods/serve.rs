//! The collector that is attacked.

use std::future::pending;
use std::io::Read;
use std::path::Path;
use std::thread;

use eyelet_codec::DetectionTask;
use eyelet_tests::attacked::raise_descriptors;
use eyelet_tests::server::runtime;
use eyelet_tests::synthetic::{Collector, Synthetic};
use eyelet_transport::endpoint::Endpoint;
use eyelet_transport::server::{Options, Producer, serve_with};
use eyelet_transport::{Fault, Handler, Outcome, Sink};
use tokio::sync::oneshot;

/// Records that a task gets which asks for nothing else.
const RECORDS: u32 = 3;

/// Does what a task's id says.
struct Moody;

impl Handler for Moody {
    async fn handle(&self, task: DetectionTask<'_>, sink: &mut Sink<'_>) -> Result<Outcome, Fault> {
        match task.task_id {
            "wait" => pending().await,
            "panic" => panic!("as the task wants"),
            "thread" => sink.blocking(produce).await,
            "deaf thread" => sink.blocking(|_| -> Result<Outcome, Fault> { sleep() }).await,
            _ => Collector { records: RECORDS }.handle(task, sink).await,
        }
    }
}

fn produce(producer: &mut Producer) -> Result<Outcome, Fault> {
    for index in 0..RECORDS {
        producer.send(&Synthetic::new(index).record())?;
    }
    Ok(Outcome::success())
}

/// Hears nobody, until the process ends.
fn sleep() -> ! {
    loop {
        thread::park();
    }
}

/// Prints its endpoint and serves up to so many connections, 0 being what is the default, until its
/// standard input ends.
pub(crate) fn run(connections: usize, directory: &Path) {
    let (stop, stopped) = oneshot::channel::<()>();
    thread::spawn(move || {
        // Ends with who has started it, however that ends.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        drop(stop);
    });
    raise_descriptors();
    std::panic::set_hook(Box::new(|_| {}));
    let runtime = runtime();
    runtime.block_on(async {
        let listener = Endpoint::private_in(directory, "eyelet-").bind().expect("listening");
        println!("{}", listener.path().display());
        let stopped = async { drop(stopped.await) };
        serve_with(listener, Moody, options(connections), stopped).await.expect("served");
    });
    // Deaf threads do not end.
    runtime.shutdown_background();
}

fn options(connections: usize) -> Options {
    let options = Options::default();
    match connections {
        0 => options,
        most => Options { max_connections: most, max_incomplete: most, ..options },
    }
}
