use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll};

use eyelet_codec::session::{Departure, Event, Role, Session};

use super::Options;
use super::core::{Core, Shared};
use super::greeting::Greeting;
use super::heard::Heard;
use super::raw::Handler;
use super::task::run;
use super::tasks::Tasks;
use crate::line::{ANSWERS_AT_ONCE, Clock, Io, Timer, give_way, hang_up};
use crate::lock::lock;

/// One agent's connection, not served yet.
pub(super) struct Connection(Shared);

impl Connection {
    pub(super) fn new(io: Box<dyn Io>, options: &Options, greeting: Option<Greeting>) -> Self {
        let clock = Clock::start();
        let session = Session::new(Role::Collector, options.session, Vec::new(), clock.now());
        let counters = options.counters.clone();
        Self(Arc::new(Mutex::new(Core::new(io, session, clock, counters, greeting))))
    }

    /// To look at the connection, and to end it, from elsewhere.
    pub(super) fn watch(&self) -> Weak<Mutex<Core>> {
        Arc::downgrade(&self.0)
    }

    /// Serves the agent until it is done, it goes, or this side leaves and what is under way has ended.
    pub(super) async fn serve<H: Handler>(self, handler: Arc<H>) -> io::Result<()> {
        self.serve_until(handler, std::future::pending()).await
    }

    /// As [`serve`](Self::serve); leaves when `stop` is ready.
    pub(super) async fn serve_until<H: Handler>(
        self,
        handler: Arc<H>,
        stop: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let Self(core) = self;
        let begin = |stream, task: &[u8]| run(handler.clone(), core.clone(), stream, task.to_vec());
        let mut driver =
            Driver { core: &core, begin, tasks: Tasks::new(), timer: Timer::default() };
        let mut stop = Some(pin!(stop));
        poll_fn(|cx| {
            if stop.as_mut().is_some_and(|stop| stop.as_mut().poll(cx).is_ready()) {
                lock(&core).leave(Departure::Shutdown);
                stop = None;
            }
            driver.poll(cx)
        })
        .await;
        drop(driver);
        // Apart, so that a connection that goes on holds no room for it.
        Box::pin(part(core)).await
    }
}

/// Says the last words.
async fn part(core: Shared) -> io::Result<()> {
    let words = lock(&core).last_words();
    // With it goes all that only a connection needs.
    drop(core);
    let Some((mut io, last, linger)) = words else { return Ok(()) };
    hang_up(&mut *io, &last, linger).await
}

/// Moves a connection's bytes and polls its handlers.
///
/// A wake-up is four steps: read and understand, poll the handlers that were woken, write, and look at the
/// one timer.
struct Driver<'c, F, B> {
    core: &'c Shared,
    /// Makes a future of a task.
    begin: B,
    tasks: Tasks<F>,
    timer: Timer,
}

/// Before other connections have their turn. An agent that has asked and waits needs two: to read, and to
/// find that there is no more.
const ROUNDS: usize = 2;
/// Bytes that are read at once. It takes the system longer to hand them out than us to understand them, where
/// each was sent by itself.
const READ: usize = 4 * 1024;

impl<F: Future<Output = ()>, B: Fn(u32, &[u8]) -> F> Driver<'_, F, B> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.wake_up(cx);
        for _ in 0..ROUNDS {
            let read = self.read(cx);
            self.run_handlers(cx);
            self.write();
            if self.is_done() {
                return Poll::Ready(());
            }
            // Time is looked at when what has come was understood: a process that stood still finds both.
            if !read && !self.look_at_time(cx) {
                return Poll::Pending;
            }
        }
        give_way(cx)
    }

    fn wake_up(&mut self, cx: &Context<'_>) {
        let core = &mut *lock(self.core);
        core.now = core.clock.now();
        core.waker.clone_from(cx.waker());
    }

    /// Reads once and understands what has come. True: there may be more.
    fn read(&mut self, cx: &mut Context<'_>) -> bool {
        let mut guard = lock(self.core);
        let core = &mut *guard;
        if core.ended || core.dead {
            return false;
        }
        match core.incoming.poll_fill(&mut *core.io, READ, cx) {
            Poll::Pending => return false,
            Poll::Ready(Ok(0)) => {
                core.input_ended(cx);
                return false;
            }
            Poll::Ready(Ok(len)) => core.tally.bytes_received += len as u64,
            Poll::Ready(Err(error)) => {
                log::debug!("the line gives no more bytes: {error}");
                core.dead = true;
                return false;
            }
        }
        self.understand(core);
        true
    }

    /// Takes in every whole frame that has come.
    fn understand(&mut self, core: &mut Core) {
        let mut answers = 0;
        while let Some(event) = core.incoming.next_event(&mut core.session, core.now) {
            let heard = if let Event::Task { stream, task } = event {
                self.tasks.push((self.begin)(stream, task));
                Heard::Task
            } else {
                Heard::of(&event)
            };
            let is_end = matches!(heard, Heard::Closed(_) | Heard::Broken(_));
            core.hear(heard);
            if is_end {
                break;
            }
            if core.session.owes() {
                core.take_owed();
                answers += 1;
                if answers % ANSWERS_AT_ONCE == 0 {
                    core.write();
                }
            }
        }
        core.session.reading(core.now, core.incoming.is_partial());
    }

    fn run_handlers(&mut self, cx: &mut Context<'_>) {
        if !self.tasks.is_empty() {
            lock(self.core).new_turn();
            self.tasks.poll(cx);
        }
    }

    /// Nothing more is ready, so what is there goes.
    fn write(&mut self) {
        let mut guard = lock(self.core);
        let core = &mut *guard;
        core.take_owed();
        if core.flush() {
            core.release();
        }
        core.count();
    }

    /// Looks at the one timer. True: look again.
    fn look_at_time(&mut self, cx: &mut Context<'_>) -> bool {
        let mut guard = lock(self.core);
        let core = &mut *guard;
        let fired = self.timer.poll(core.clock, core.next_look(), cx);
        if fired {
            core.look_at_time(cx);
        }
        fired
    }

    fn is_done(&self) -> bool {
        let core = lock(self.core);
        core.dead
            || (core.session.is_done() && !core.still_reads())
            || (core.ended && self.tasks.is_empty() && core.outgoing.waiting() == 0)
    }
}
