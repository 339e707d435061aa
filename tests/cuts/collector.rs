use std::path::Path;
use std::sync::Arc;

use eyelet_codec::DetectionTask;
use eyelet_tests::footprint::{descriptors, settles};
use eyelet_tests::peer::{FakeCollector, Peer};
use eyelet_tests::server::runtime;
use eyelet_tests::wire::body;
use eyelet_transport::client::{Backoff, ClientError, Failure, Options, Repeat};
use eyelet_transport::{Client, blocking};
use futures_util::future::join;
use tokio::runtime::Runtime;
use tokio::task::yield_now;

use crate::Cut;
use crate::script::{self, Script};

/// One of our clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Async,
    Blocking,
}

/// A client's side of many cut lines.
pub(crate) struct Asked {
    kind: Kind,
    runtime: Runtime,
    descriptors: usize,
}

/// How one task came out: records that were read, and the error if it has one.
type Ending = (u64, Option<ClientError>);

impl Asked {
    pub(crate) fn new(kind: Kind) -> Self {
        let runtime = runtime();
        Self { kind, runtime, descriptors: descriptors() }
    }

    pub(crate) fn script(&self) -> Arc<Script> {
        Arc::new(script::collector(self.kind == Kind::Async))
    }

    /// Has a collector say what lies before `offset` and cut; both tasks are then asked for.
    pub(crate) fn cut(&self, script: &Arc<Script>, offset: usize, cut: Cut) {
        let case = format!("{cut:?} at {offset}");
        let said = script.clone();
        let collector = FakeCollector::start(move |agent| converse(agent, &said, offset, cut));
        let endings = match self.kind {
            Kind::Async => self.ask(collector.path(), cut),
            Kind::Blocking => ask_blocking(collector.path(), cut),
        };
        collector.join();
        for (stream, ending) in [1, 3].into_iter().zip(&endings) {
            assert_honest(&format!("{case}, stream {stream}"), script, offset, stream, ending);
        }
        let left = || descriptors();
        assert!(settles(|| left() == self.descriptors), "{case}: {} descriptors", left());
    }

    /// Two tasks side by side; afterwards no task of the runtime's is left.
    fn ask(&self, path: &Path, cut: Cut) -> [Ending; 2] {
        self.runtime.block_on(async {
            let client = Client::connect_with(path, options()).await.expect("connected");
            let (first, second) = join(read(&client), read(&client)).await;
            if cut == Cut::Shut {
                client.close().await;
            } else {
                drop(client);
            }
            let metrics = self.runtime.metrics();
            while metrics.num_alive_tasks() > 0 {
                yield_now().await;
            }
            [first, second]
        })
    }
}

/// One after the other.
fn ask_blocking(path: &Path, cut: Cut) -> [Ending; 2] {
    let mut client = blocking::Client::connect_with(path, options()).expect("connected");
    let endings = [(); 2].map(|()| read_blocking(&mut client));
    if cut == Cut::Shut {
        client.close();
    }
    endings
}

fn options() -> Options {
    Options { backoff: Backoff::none(), repeat: Repeat::Never, ..Options::default() }
}

async fn read(client: &Client) -> Ending {
    let mut stream = match client.stream(&DetectionTask::default()).await {
        Ok(stream) => stream,
        Err(error) => return (0, Some(error)),
    };
    let mut seen = 0;
    loop {
        match stream.next().await {
            Ok(Some(mut chunk)) => drop(chunk.for_each(|_| seen += 1).expect("a result")),
            Ok(None) => return (seen, None),
            Err(error) => return (seen, Some(error)),
        }
    }
}

fn read_blocking(client: &mut blocking::Client) -> Ending {
    let mut stream = match client.stream(&DetectionTask::default()) {
        Ok(stream) => stream,
        Err(error) => return (0, Some(error)),
    };
    let mut seen = 0;
    loop {
        match stream.next() {
            Ok(Some(mut chunk)) => drop(chunk.for_each(|_| seen += 1).expect("a result")),
            Ok(None) => return (seen, None),
            Err(error) => return (seen, Some(error)),
        }
    }
}

/// The collector's side.
fn converse(mut agent: Peer, script: &Script, offset: usize, cut: Cut) {
    let mut tasks = 0;
    for (part, said) in script.until(offset) {
        while tasks < part.tasks {
            let packet = agent.packet().expect("a task");
            tasks += usize::from(packet.body == body::TASK);
        }
        agent.say(said);
    }
    // Its `Hello`, or a pong.
    let pinged = script.whole(offset).any(|part| part.body == body::PING);
    cut.end(agent, tasks == 0 || (pinged && tasks == 1));
}

/// All that came whole was read, and an error has its count.
fn assert_honest(case: &str, script: &Script, offset: usize, stream: u32, ending: &Ending) {
    let whole = || script.whole(offset).filter(|part| part.stream == stream);
    let (seen, error) = ending;
    assert_eq!(*seen, whole().map(|part| part.records).sum::<u64>(), "{case}");
    let is_whole = whole().any(|part| part.is_last);
    assert_eq!(error.is_none(), is_whole, "{case}: {error:?}");
    if let Some(error) = error {
        assert_eq!(error.records(), *seen, "{case}: {error}");
        // The next task may find nobody to connect to.
        let is_cut = matches!(error.failure(), Failure::Cut)
            || (*seen == 0 && stream == 3 && matches!(error.failure(), Failure::Connect(_)));
        assert!(is_cut, "{case}: {error}");
    }
}
