use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use eyelet_codec::{DetectionTask, FaultCode};
use eyelet_tests::footprint::{descriptors, settles};
use eyelet_tests::peer::Peer;
use eyelet_tests::server::Server;
use eyelet_tests::synthetic::{Synthetic, wanted};
use eyelet_tests::wire::{Packet, body, bytes, framed};
use eyelet_transport::peer::PeerPolicy;
use eyelet_transport::server::{Counters, Options, Producer};
use eyelet_transport::{Fault, Handler, Outcome, Sink};
use log::LevelFilter;

use crate::Cut;
use crate::script::{self, Script};

/// A server that has one place, and what of it is in use.
pub(crate) struct Served {
    server: Server,
    counters: Arc<Counters>,
    live: Arc<AtomicUsize>,
    /// With nobody connected.
    descriptors: usize,
    connections: u64,
}

impl Served {
    pub(crate) fn start() -> Self {
        let (counters, live) = (Arc::new(Counters::default()), Arc::new(AtomicUsize::new(0)));
        let options = Options {
            max_connections: 1,
            max_incomplete: 1,
            counters: counters.clone(),
            ..Options::default()
        };
        let server = Server::start_with(Counted(live.clone()), options, PeerPolicy::same_user());
        // What it logs would be memory in use.
        log::set_max_level(LevelFilter::Off);
        let mut this = Self { server, counters, live, descriptors: 0, connections: 0 };
        this.serves_another();
        assert!(settles(|| this.counters.read().open == 0));
        this.descriptors = descriptors();
        this
    }

    /// What is in use while someone is there is seen.
    pub(crate) fn control(&mut self) {
        let mut agent = Peer::agent(self.server.path());
        agent.say(&framed(1, body::TASK, &bytes(5, b"silent")));
        assert!(settles(|| self.live.load(Ordering::Relaxed) == 1));
        // One for either end.
        assert_eq!(descriptors(), self.descriptors + 2);
        self.connections += 1;
        let counts = self.counters.read();
        assert_eq!((counts.accepted, counts.open), (self.connections, 1));
        drop(agent);
        self.assert_nothing_left("the control");
    }

    /// Says what lies before `offset`, and cuts.
    pub(crate) fn cut(&mut self, offset: usize, cut: Cut) {
        // Who is silent goes on for an agent that may still read.
        let script = &script::agent(if cut == Cut::Shut { "000003" } else { "silent" });
        let case = format!("{cut:?} at {offset}");
        let before = self.counters.read().tasks;
        let mut agent = Peer::connect(self.server.path());
        for (_, said) in script.until(offset) {
            agent.say(said);
        }
        self.connections += 1;
        if cut == Cut::Unread {
            // So that work is under way.
            let begun = script.whole(offset).filter(|part| part.body == body::TASK).count() as u64;
            assert!(settles(|| self.counters.read().tasks == before + begun), "{case}");
        }
        let heard = cut.end(agent, true);
        if cut == Cut::Shut {
            assert_answered(&case, script, offset, &heard);
        }
        self.assert_nothing_left(&case);
        self.serves_another();
        self.assert_nothing_left(&case);
    }

    pub(crate) fn end(self) {
        self.server.end();
    }

    /// With one place, a permit that was lost would be the last.
    fn serves_another(&mut self) {
        let mut agent = Peer::agent(self.server.path());
        self.connections += 1;
        agent.say(&framed(1, body::TASK, &bytes(5, b"3")));
        assert_eq!(agent.result(1).1, 3);
        agent.say(&framed(0, body::GO_AWAY, &[]));
        assert_eq!(agent.rest(), []);
    }

    fn assert_nothing_left(&self, case: &str) {
        let left = || {
            let counts = self.counters.read();
            (counts.accepted, counts.open, self.live.load(Ordering::Relaxed), descriptors())
        };
        let nothing = (self.connections, 0, 0, self.descriptors);
        assert!(settles(|| left() == nothing), "{case}: {:?}, not {nothing:?}", left());
    }
}

/// An agent that has shut its sending half gets one answer to each task, or the fault that ends its line.
fn assert_answered(case: &str, script: &Script, offset: usize, heard: &[Packet]) {
    if !script.is_between_frames(offset) {
        let last = heard.last().and_then(Packet::fault);
        let last = last.unwrap_or_else(|| panic!("{case}: {heard:?}"));
        assert_eq!((last.stream, last.code), (0, FaultCode::MALFORMED), "{case}");
        return;
    }
    for task in script.whole(offset).filter(|part| part.body == body::TASK) {
        let of_it = heard.iter().filter(|packet| packet.stream == u64::from(task.stream));
        let last = of_it.filter(|packet| !packet.more).count();
        assert_eq!(last, 1, "{case}: stream {}", task.stream);
    }
}

/// Counts its tasks that are under way.
struct Counted(Arc<AtomicUsize>);

struct Live(Arc<AtomicUsize>);

impl Live {
    fn begin(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count.clone())
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Handler for Counted {
    async fn handle(&self, task: DetectionTask<'_>, sink: &mut Sink<'_>) -> Result<Outcome, Fault> {
        let live = Live::begin(&self.0);
        match task.metadata {
            Some("silent") => pending().await,
            Some("thread") => sink.blocking(move |producer| endless(producer, &live)).await,
            _ => {
                for index in 0..wanted(&task)? {
                    sink.send(&Synthetic::new(index).record()).await?;
                }
                Ok(Outcome::success())
            }
        }
    }
}

fn endless(producer: &mut Producer, _live: &Live) -> Result<Outcome, Fault> {
    for index in 0.. {
        producer.send(&Synthetic::new(index).record())?;
    }
    unreachable!("there is always another record")
}
