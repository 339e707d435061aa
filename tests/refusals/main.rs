//! Whatever an agent says, the collector tells it what was wrong, says so in its own log, and serves
//! the next one.

mod connections;
mod frames;
mod packets;
mod tasks;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use eyelet_codec::{DetectionTask, FaultCode};
use eyelet_tests::peer::Peer;
use eyelet_tests::server::{Server, runtime};
use eyelet_tests::synthetic::Collector;
use eyelet_tests::wire::{self, Greeting};
use eyelet_transport::peer::PeerPolicy;
use eyelet_transport::server::Options;
use eyelet_transport::{Client, Fault, Handler, Outcome, Sink};

/// Records that a task gets which asks for nothing else.
const RECORDS: usize = 3;

/// A server, and a count of the tasks that its handler has seen.
struct Refusing {
    server: Server,
    tasks: Arc<AtomicU32>,
}

impl Refusing {
    fn start() -> Self {
        Self::start_with(Options::default(), PeerPolicy::same_user())
    }

    fn start_with(options: Options, policy: PeerPolicy) -> Self {
        let tasks = Arc::new(AtomicU32::new(0));
        Self { server: Server::start_with(Moody(tasks.clone()), options, policy), tasks }
    }

    /// A peer says `say` before all else, and is refused.
    fn refuses_first(&self, case: &str, say: &[u8], code: FaultCode, text: &str) -> wire::Fault {
        let mut peer = Peer::connect(self.path());
        peer.say(say);
        let fault = peer.last_words();
        assert_eq!(fault.code, code, "{case}: {fault:?}");
        assert!(!fault.message.is_empty() && fault.message.contains(text), "{case}: {fault:?}");
        assert!(self.has_logged(&["WARN", &fault.message]), "{case}: {fault:?}");
        self.goes_on(case);
        fault
    }

    /// A peer greets well and then says `say`, and is refused.
    fn refuses_then(&self, case: &str, say: &[u8], code: FaultCode, text: &str) {
        self.refuses_first(case, &[&Greeting::agent().framed(), say].concat(), code, text);
    }

    fn goes_on(&self, case: &str) {
        let before = self.tasks_seen();
        assert_eq!(self.serves(&DetectionTask::default()), RECORDS, "after {case}");
        self.tasks.store(before, Ordering::SeqCst);
    }

    /// Once the only connection has gone, which the server learns a little later than we.
    fn serves_in_the_end(&self) {
        runtime().block_on(async {
            loop {
                match Client::connect(self.path()).await {
                    Ok(client) => {
                        let result = client.call(&DetectionTask::default()).await.expect("served");
                        assert_eq!(result.processes.len(), RECORDS);
                        return;
                    }
                    Err(error) => assert!(error.to_string().contains("BUSY"), "{error}"),
                }
            }
        });
    }

    fn tasks_seen(&self) -> u32 {
        self.tasks.load(Ordering::SeqCst)
    }
}

impl std::ops::Deref for Refusing {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

/// Does what a task's id says.
struct Moody(Arc<AtomicU32>);

impl Handler for Moody {
    fn handle(
        &self,
        task: DetectionTask<'_>,
        sink: &mut Sink<'_>,
    ) -> impl Future<Output = Result<Outcome, Fault>> + Send {
        self.0.fetch_add(1, Ordering::SeqCst);
        assert_ne!(task.task_id, "panic at once");
        async move {
            match task.task_id {
                "wait" => std::future::pending().await,
                "panic" => panic!("as the task wants"),
                "panic on a thread" => sink.blocking(|_| panic!("as the task wants")).await,
                "fault" => Err(Fault::new(FaultCode::UNAUTHORIZED, "not for you")),
                "fail" => Ok(Outcome::failure("it did not work")),
                _ => Collector { records: 3 }.handle(task, sink).await,
            }
        }
    }
}

/// Up to 4 KiB, by xorshift.
fn garbage(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let len = next() % 4096 + 1;
    (0..len).map(|_| next().to_le_bytes()[0]).collect()
}
