use std::sync::Arc;
use std::thread::JoinHandle;

use eyelet_tests::random::Random;
use eyelet_transport::client::{Backoff, Options, Repeat};
use eyelet_transport::{Client, blocking};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle as Worker;

use crate::ask::{call, call_blocking, some, stream, stream_blocking};
use crate::scene::{ASYNC, BLOCKING, HASTY, Scene};
use crate::tally::What;

/// Each async client has so many of either under way, all the time.
const CALLS: usize = 6;
const STREAMS: usize = 3;

/// Clients that ask all the time.
pub(crate) struct Load {
    runtime: Runtime,
    clients: Vec<Client>,
    workers: Vec<Worker<()>>,
    blocking: JoinHandle<()>,
}

impl Load {
    /// Connects all; a server is up.
    pub(crate) fn start(scene: &Arc<Scene>, random: &mut Random) -> Self {
        let runtime = runtime();
        let hasty =
            Options { repeat: Repeat::Never, backoff: Backoff::none(), ..Options::default() };
        let (mut clients, mut workers) = (Vec::new(), Vec::new());
        for number in ASYNC.chain([HASTY]) {
            let options = if number == HASTY { hasty.clone() } else { Options::default() };
            let client = runtime.block_on(Client::connect_with(scene.path(), options));
            let client = client.expect("connected");
            for what in [What::Call; CALLS].into_iter().chain([What::Stream; STREAMS]) {
                let random = Random::new(random.number());
                workers.push(runtime.spawn(work(
                    client.clone(),
                    scene.clone(),
                    number,
                    what,
                    random,
                )));
            }
            clients.push(client);
        }
        let client = blocking::Client::connect(scene.path()).expect("connected");
        let (scene, random) = (scene.clone(), Random::new(random.number()));
        let blocking = std::thread::spawn(move || work_blocking(client, &scene, random));
        Self { runtime, clients, workers, blocking }
    }

    /// Waits until all have had what they asked for last, and have gone.
    pub(crate) fn join(self) {
        let Self { runtime, clients, workers, blocking } = self;
        blocking.join().expect("the client without a runtime");
        runtime.block_on(async {
            for worker in workers {
                worker.await.expect("a client");
            }
            for client in clients {
                client.close().await;
            }
        });
    }
}

/// What the clients run on.
pub(crate) fn runtime() -> Runtime {
    let mut runtime = Builder::new_multi_thread();
    runtime.worker_threads(2).enable_all().build().expect("a runtime")
}

async fn work(client: Client, scene: Arc<Scene>, number: usize, what: What, mut random: Random) {
    while !scene.is_over() {
        if number == HASTY {
            // It does not wait itself.
            scene.server().await;
        }
        let count = some(&mut random);
        let begun = scene.begin(number, what);
        let ending = match what {
            What::Call => call(&client, count).await,
            What::Stream => stream(&client, count, &scene).await,
        };
        scene.ended(&begun, &ending);
    }
}

fn work_blocking(mut client: blocking::Client, scene: &Scene, mut random: Random) {
    while !scene.is_over() {
        for what in [What::Call, What::Stream] {
            let count = some(&mut random);
            let begun = scene.begin(BLOCKING, what);
            let ending = match what {
                What::Call => call_blocking(&mut client, count),
                What::Stream => stream_blocking(&mut client, count, scene),
            };
            scene.ended(&begun, &ending);
        }
    }
    client.close();
}
