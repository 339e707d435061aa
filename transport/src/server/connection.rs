use std::future::{Future, poll_fn};
use std::io;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use eyelet_codec::session::{Event, Refusal, Role, Session};
use eyelet_codec::{DetectionTask, FaultCode, Message, TaskType};
use futures_util::future::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::sink::{Sink, internal};
use super::state::{Core, Shared, lock, report};
use super::waiters::Awaited;
use super::{Handler, Options, Outcome};
use crate::Fault;
use crate::line::{ANSWERS_AT_ONCE, Clock, Io, Timer, hang_up};

type Tasks = FuturesUnordered<Pin<Box<dyn Future<Output = ()> + Send>>>;

/// Serves one agent until it is done, it goes, or `stop` is ready and what is under way has ended.
///
/// A wake-up is three steps: read and understand, poll the handlers that were woken, write and look at
/// the one timer.
pub(super) async fn serve<H: Handler>(
    io: Box<dyn Io>,
    handler: Arc<H>,
    options: &Options,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let clock = Clock::start();
    let session = Session::new(Role::Collector, options.session, Vec::new(), clock.now());
    let core = Arc::new(Mutex::new(Core::new(io, session, clock)));
    let mut connection = Connection {
        core: core.clone(),
        handler,
        known: options.session.tasks,
        tasks: Tasks::new(),
        timer: Timer::default(),
    };
    let mut stop = pin!(stop.fuse());
    poll_fn(|cx| {
        if stop.as_mut().poll(cx).is_ready() {
            lock(&connection.core).shutdown();
        }
        connection.poll(cx)
    })
    .await;
    drop(connection);
    // The connection held the only other reference; its tasks are gone with it.
    let Some(core) = Arc::into_inner(core) else { return Ok(()) };
    let mut core = core.into_inner().unwrap_or_else(PoisonError::into_inner);
    if core.dead {
        return Ok(());
    }
    core.outgoing.take_owed(&mut core.session);
    hang_up(&mut *core.io, core.outgoing.unsent()).await
}

struct Connection<H> {
    core: Shared,
    handler: Arc<H>,
    known: &'static [TaskType],
    tasks: Tasks,
    timer: Timer,
}

/// Before other connections have their turn.
const ROUNDS: usize = 64;

impl<H: Handler> Connection<H> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        for _ in 0..ROUNDS {
            let read = self.read(cx);
            self.run_handlers(cx);
            let more = self.write(cx);
            if self.is_done() {
                return Poll::Ready(());
            }
            if !read && !more {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Reads once and understands what has come. True: there may be more.
    fn read(&mut self, cx: &mut Context<'_>) -> bool {
        let mut guard = lock(&self.core);
        let core = &mut *guard;
        core.now = core.clock.now();
        if !core.waker.will_wake(cx.waker()) {
            core.waker = cx.waker().clone();
        }
        if core.ended || core.dead {
            return false;
        }
        match core.incoming.poll_fill(&mut *core.io, cx) {
            Poll::Pending => return false,
            Poll::Ready(Ok(1..)) => {}
            Poll::Ready(Ok(0)) => {
                core.input_ended(cx);
                return false;
            }
            Poll::Ready(Err(error)) => {
                log::debug!("the line gives no more bytes: {error}");
                core.dead = true;
                return false;
            }
        }
        let new = understand(core);
        drop(guard);
        for (stream, task) in new {
            let (handler, core) = (self.handler.clone(), self.core.clone());
            self.tasks.push(Box::pin(run(handler, core, self.known, stream, task)));
        }
        true
    }

    /// Polls the handlers that are new or were woken; others cost nothing here.
    fn run_handlers(&mut self, cx: &mut Context<'_>) {
        lock(&self.core).new_turn();
        while let Poll::Ready(Some(())) = self.tasks.poll_next_unpin(cx) {}
    }

    /// Nothing more is ready, so what is there goes. True: look again.
    fn write(&mut self, cx: &mut Context<'_>) -> bool {
        let mut guard = lock(&self.core);
        let core = &mut *guard;
        core.take_owed();
        if core.flush() {
            core.outgoing.release();
            core.incoming.release();
        }
        if !self.timer.poll(core.clock, core.now, core.next_look(), cx) {
            return false;
        }
        core.now = core.clock.now();
        while core.session.poll_timeout().is_some_and(|at| at <= core.now) {
            let event = core.session.handle_timeout(core.now);
            core.handle(&event);
        }
        if core.ended {
            core.probe(cx);
        }
        true
    }

    fn is_done(&self) -> bool {
        let core = lock(&self.core);
        core.dead
            || (core.session.is_done() && !core.still_reads())
            || (core.ended && self.tasks.is_empty() && core.outgoing.waiting() == 0)
    }
}

/// Every whole frame that has come; the tasks among them.
fn understand(core: &mut Core) -> Vec<(u32, Vec<u8>)> {
    let (mut new, mut answers) = (Vec::new(), 0);
    loop {
        let event = match core.incoming.next_frame(core.session.max_frame()) {
            Ok(None) => break,
            Ok(Some(body)) => core.session.handle_frame(core.now, body),
            Err(error) => core.session.handle_frame_error(error),
        };
        report(&event);
        match event {
            Event::Task { stream, task } => new.push((stream, task.to_vec())),
            Event::Credit { stream } => core.waiters.wake(stream),
            Event::Cancel { stream } => core.end(stream, FaultCode::CANCELLED),
            Event::Closed(_) | Event::Broken(_) => {
                core.waiters.wake_all();
                break;
            }
            _ => {}
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
    new
}

/// One task, from its bytes to its last packet. It owns the bytes and lends the decoded task.
async fn run<H: Handler>(
    handler: Arc<H>,
    core: Shared,
    known: &'static [TaskType],
    stream: u32,
    bytes: Vec<u8>,
) {
    let task = match DetectionTask::decode(&bytes) {
        Ok(task) => task,
        Err(error) => return refuse(&core, stream, Refusal::of_task(error)).await,
    };
    if let Err(fault) = check(&task, known) {
        return fail(&core, stream, &fault).await;
    }
    if let Some(millis) = task.deadline_ms {
        let mut core = lock(&core);
        let deadline = core.now.saturating_add(Duration::from_millis(millis.into()));
        core.session.set_deadline(stream, deadline);
    }
    let mut sink = Sink::new(core.clone(), stream, task.task_id);
    // Within the future, so that a handler which panics before it has made its own is caught as well.
    let work = async { handler.handle(task, &mut sink).await };
    let outcome = until_ended(&core, stream, work).await;
    sink.stopped().await;
    finish(&core, stream, &mut sink, outcome).await;
}

/// The handler's future, dropped when its stream or the line ends. A panic is a fault of its own.
async fn until_ended(
    core: &Shared,
    stream: u32,
    work: impl Future<Output = Result<Outcome, Fault>>,
) -> Result<Outcome, Fault> {
    let mut work = pin!(AssertUnwindSafe(work).catch_unwind());
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

async fn finish(core: &Shared, stream: u32, sink: &mut Sink<'_>, outcome: Result<Outcome, Fault>) {
    let fault = match outcome {
        Err(fault) => fault,
        Ok(outcome) => {
            let last = poll_fn(|cx| match ending(core, stream) {
                Some(fault) => Poll::Ready(Err(fault)),
                None => sink.poll_finish(&outcome, cx).map_err(|error| internal(error.to_string())),
            });
            match last.await {
                Ok(()) => return,
                Err(fault) => fault,
            }
        }
    };
    fail(core, stream, &fault).await;
}

async fn fail(core: &Shared, stream: u32, fault: &Fault) {
    poll_fn(|cx| lock(core).poll_fail(stream, fault, cx)).await;
}

/// A task that this collector does not know is refused before a handler sees it.
fn check(task: &DetectionTask<'_>, known: &[TaskType]) -> Result<(), Fault> {
    if known.is_empty() || known.contains(&task.task_type) {
        return Ok(());
    }
    let message = format!("no such task here: {:?}", task.task_type);
    let seen = u64::try_from(task.task_type.0).ok();
    Err(Fault { seen, ..Fault::new(FaultCode::UNSUPPORTED, message) })
}

async fn refuse(core: &Shared, stream: u32, refusal: Refusal) {
    if refusal.code == FaultCode::MALFORMED {
        return lock(core).break_off(refusal);
    }
    let fault = refusal.with_fault(|fault| Fault::from(fault));
    fail(core, stream, &fault).await;
}
