//! Who is let in, who is told to come later, and who makes room for others.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use eyelet_codec::FaultCode;
use eyelet_codec::session::{CONTROL_FRAME, Departure, Refusal, write_fault};
use tokio::task::{Id, JoinError, JoinSet, yield_now};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::Options;
use super::connection::Connection;
use super::core::Core;
use super::greeting::Greetings;
use super::raw::Handler;
use crate::endpoint::Listener;
use crate::line::{Io, LINGER, hang_up};
use crate::lock::lock;
use crate::peer::{Peer, Refusal as PeerRefusal};

/// Connections that are being told why they are refused, and as many that are leaving for others, at once.
const OVER: usize = 16;
/// For what is under way to end after `shutdown`; longer than the two steps of a session's own drain.
const DRAIN: Duration = Duration::from_secs(12);
/// Before accepting again when the system has no descriptors or memory left.
const PAUSE: Duration = Duration::from_millis(100);
/// Whoever holds a connection without a task, or has not said who it is, for so long may have to make room.
const IDLE: Duration = Duration::from_secs(1);
/// The same for whoever does not read.
const STALLED: Duration = Duration::from_secs(5);

/// Connections that are accepted before those there are have their turn.
const AT_ONCE: u32 = 4;

pub(super) async fn serve<H: Handler>(
    listener: Listener,
    handler: Arc<H>,
    options: Options,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let share = options.share(listener.policy().users().len());
    let mut server = Server::new(handler, options, share);
    let mut shutdown = pin!(shutdown);
    let mut pause = None;
    let result = loop {
        let is_full = server.greetings.count() >= server.options.max_incomplete;
        tokio::select! {
            biased;
            () = &mut shutdown => break Ok(()),
            Some(ended) = server.connections.join_next_with_id() => server.ended(ended),
            Some(_) = server.refusals.join_next() => {}
            () = until(pause), if pause.is_some() => pause = None,
            // Others wait in the system's queue meanwhile.
            () = server.greetings.fewer(), if is_full => {}
            () = async { sleep(IDLE / 4).await }, if is_full => server.cut_the_silent(),
            accepted = listener.accept(), if pause.is_none() && !is_full => match accepted {
                Ok((stream, verdict)) => {
                    server.welcome(Box::new(stream), verdict);
                    server.give_way().await;
                }
                Err(error) if is_passing(&error) => {
                    server.cannot_accept(&error);
                    pause = Some(Instant::now() + PAUSE);
                }
                Err(error) => break Err(error),
            },
        }
    };
    drop(listener);
    server.drain().await;
    result
}

async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

struct Server<H> {
    handler: Arc<H>,
    options: Options,
    /// Connections of one user, at most.
    share: usize,
    connections: JoinSet<()>,
    members: HashMap<Id, Member>,
    by_user: HashMap<u32, usize>,
    /// Members that were asked to leave.
    leaving: usize,
    greetings: Arc<Greetings>,
    refusals: JoinSet<()>,
    /// Since those there are had their turn.
    accepted: u32,
}

struct Member {
    uid: u32,
    core: Weak<Mutex<Core>>,
    leaving: bool,
}

impl<H: Handler> Server<H> {
    fn new(handler: Arc<H>, options: Options, share: usize) -> Self {
        Self {
            handler,
            options,
            share,
            connections: JoinSet::new(),
            members: HashMap::new(),
            by_user: HashMap::new(),
            leaving: 0,
            greetings: Arc::default(),
            refusals: JoinSet::new(),
            accepted: 0,
        }
    }

    fn welcome(&mut self, io: Box<dyn Io>, verdict: Result<Peer, PeerRefusal>) {
        let peer = match verdict {
            Ok(peer) => peer,
            Err(refusal) => {
                self.options.counters.log(|| log::warn!("refused a connection: {refusal}"));
                let text = "this user may not connect";
                return self.refuse(io, Refusal::new(FaultCode::UNAUTHORIZED, text));
            }
        };
        if self.has_room(peer.uid) {
            log::debug!("connected: {peer}");
            return self.connect(io, peer.uid);
        }
        let say = || log::warn!("too many connections, {peer} is told to come later");
        self.options.counters.log(say);
        let text = "too many connections, try again later";
        self.refuse(io, Refusal::new(FaultCode::BUSY, text));
    }

    /// However many come, those there are have their turn in between.
    async fn give_way(&mut self) {
        self.accepted = (self.accepted + 1) % AT_ONCE;
        if self.accepted == 0 {
            yield_now().await;
        }
    }

    /// Whether one more of this user's can be let in, if need be for another that has nothing to do.
    fn has_room(&mut self, uid: u32) -> bool {
        let of_user = self.by_user.get(&uid).copied().unwrap_or(0);
        if of_user >= self.share {
            return self.make_room(|member| member.uid == uid);
        }
        if self.members.len() - self.leaving < self.options.max_connections {
            return true;
        }
        self.make_room(|_| true)
    }

    fn connect(&mut self, io: Box<dyn Io>, uid: u32) {
        let greeting = self.greetings.begin();
        let connection = Connection::new(io, &self.options, Some(greeting));
        let core = connection.watch();
        let (handler, counters) = (self.handler.clone(), self.options.counters.clone());
        counters.accepted();
        let task = self.connections.spawn(async move {
            if let Err(error) = connection.serve(handler).await {
                log::debug!("connection closed badly: {error}");
            }
            counters.closed();
        });
        self.members.insert(task.id(), Member { uid, core, leaving: false });
        *self.by_user.entry(uid).or_default() += 1;
    }

    fn ended(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = match &ended {
            Ok((id, ())) => *id,
            Err(error) => error.id(),
        };
        if let Err(error) = ended {
            log::error!("a connection ended badly: {error}");
        }
        let Some(member) = self.members.remove(&id) else { return };
        self.leaving -= usize::from(member.leaving);
        if let Some(count) = self.by_user.get_mut(&member.uid) {
            *count -= 1;
            if *count == 0 {
                self.by_user.remove(&member.uid);
            }
        }
    }

    /// Exactly one fault, and nothing that the peer has sent is looked at (WIRE.md, rule 1). Beyond a
    /// bound even that is spared.
    fn refuse(&mut self, mut io: Box<dyn Io>, refusal: Refusal) {
        if self.refusals.len() >= OVER {
            return self.options.counters.refused(None);
        }
        self.options.counters.refused(Some(refusal.code));
        self.refusals.spawn(async move {
            let mut frame = [0; CONTROL_FRAME];
            let len = refusal.with_fault(|fault| write_fault(0, fault, &mut frame)).unwrap_or(0);
            // The peer may be gone already, and there is nobody else to tell.
            let _ = hang_up(&mut *io, &frame[..len], true).await;
        });
    }

    fn cannot_accept(&mut self, error: &io::Error) {
        self.options.counters.accept_error();
        self.options.counters.log(|| log::warn!("cannot accept just now: {error}"));
        self.make_room(|_| true);
    }

    /// Has the longest idle connection leave, or ends the one that has not read for longest (WIRE.md,
    /// rule 10). False: all have something to do, or enough are leaving.
    fn make_room(&mut self, whose: impl Fn(&Member) -> bool) -> bool {
        if self.leaving >= OVER {
            return false;
        }
        let expendable =
            self.members.values_mut().filter(|member| !member.leaving && whose(member));
        let timed = expendable.filter_map(|member| {
            let core = member.core.upgrade()?;
            let spent = lock(&core).spent();
            Some((spent?, member, core))
        });
        let longest = timed.max_by_key(|(spent, ..)| *spent);
        let Some((_, member, core)) = longest else { return false };
        lock(&core).make_room();
        (member.leaving, self.leaving) = (true, self.leaving + 1);
        true
    }

    /// Ends connections that have not said who they are, when there are as many as may be.
    fn cut_the_silent(&mut self) {
        for core in self.members.values().filter_map(|member| member.core.upgrade()) {
            lock(&core).cut_if_silent(IDLE);
        }
    }

    /// Lets what is under way end, and cuts what does not.
    async fn drain(&mut self) {
        for core in self.members.values().filter_map(|member| member.core.upgrade()) {
            lock(&core).leave(Departure::Shutdown);
        }
        let drained = async { while self.connections.join_next().await.is_some() {} };
        if timeout(DRAIN, drained).await.is_err() {
            log::warn!("{} connections cut at the end of the drain", self.connections.len());
            self.connections.shutdown().await;
        }
        let told = async { while self.refusals.join_next().await.is_some() {} };
        // Who has not read by then why it was refused will not.
        let _ = timeout(LINGER, told).await;
    }
}

impl Core {
    /// How long this connection has had nothing to do, or has not been read; `None`: not long enough to be
    /// given up for another. Idle ones come before all others.
    fn spent(&self) -> Option<(bool, Duration)> {
        let since = |time: Option<Duration>| time.map(|time| self.clock.now().saturating_sub(time));
        let idle = since(self.session.idle_since()).filter(|idle| *idle >= IDLE);
        let stalled = || since(self.session.stalled_since()).filter(|stalled| *stalled >= STALLED);
        idle.map(|idle| (true, idle)).or_else(|| stalled().map(|stalled| (false, stalled)))
    }

    fn make_room(&mut self) {
        if self.session.idle_since().is_some() {
            return self.leave(Departure::Scarce);
        }
        let text = "not read for long, and others need the place";
        self.break_off(Refusal::new(FaultCode::TIMEOUT, text));
        self.waker.wake_by_ref();
    }

    fn cut_if_silent(&mut self, wait: Duration) {
        if self.is_greeting() && self.clock.now() >= wait {
            let text = "no Hello, and others need the place";
            self.break_off(Refusal::new(FaultCode::TIMEOUT, text));
            self.waker.wake_by_ref();
        }
    }
}

/// Whether accepting may work again later: a peer that went first, or descriptors and memory spent.
fn is_passing(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let errno = error.raw_os_error().map(Errno::from_raw_os_error);
    matches!(
        errno,
        Some(
            Errno::MFILE
                | Errno::NFILE
                | Errno::NOBUFS
                | Errno::NOMEM
                | Errno::CONNABORTED
                | Errno::INTR
                | Errno::PERM
                | Errno::PROTO
        )
    )
}
