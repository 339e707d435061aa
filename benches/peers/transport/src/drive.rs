//! A client's part: does what the workload says, and says what it took.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::{Pid, getpid};

use crate::peer::{Connection, Peer, Result, check, share};
use crate::place::{most_resident, processor_time, resident};
use crate::wish::Wish;
use crate::workload::Workload;

/// What to do, and with whom.
pub(crate) struct Order {
    pub(crate) workload: Workload,
    pub(crate) socket: PathBuf,
    pub(crate) server: Pid,
    /// How long to measure, about, where that is for the caller to say.
    pub(crate) effort: Duration,
}

/// Something that was measured, in what unit.
pub(crate) struct Measured {
    pub(crate) measure: &'static str,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
}

/// Does it.
pub(crate) async fn drive<P: Peer>(order: Order) -> Result<Vec<Measured>> {
    match order.workload {
        Workload::RoundTrip | Workload::RoundTripOnThreads => round_trip::<P>(&order).await,
        Workload::InFlight(width) | Workload::InFlightOnThreads(width) => {
            in_flight::<P>(&order, width.into()).await
        }
        Workload::Clients(count) => clients::<P>(&order, count).await,
        Workload::Connect => connect::<P>(&order).await,
        Workload::Stream(count) => stream::<P>(&order, count).await,
        Workload::Idle(count) => idle::<P>(&order, count).await,
        Workload::Calls(count) => calls::<P>(&order, count).await,
        Workload::SystemCalls => Err("a client cannot count its own system calls".into()),
    }
}

async fn round_trip<P: Peer>(order: &Order) -> Result<Vec<Measured>> {
    let mut connection = P::connect(&order.socket).await?;
    warm_up::<P>(&mut connection, 1_000).await?;
    let calls = affordable(order, 1_000, warm_up::<P>(&mut connection, 1_000).await?);
    let mut taken = Vec::with_capacity(usize::try_from(calls)?);
    for (wish, expected) in Wish::in_turn().take(usize::try_from(calls)?) {
        let started = Instant::now();
        let seen = connection.call(wish).await?;
        taken.push(started.elapsed());
        check::<P>(seen, expected)?;
    }
    Ok(vec![Measured { measure: "p50", value: nanoseconds(middle(taken)), unit: "ns" }])
}

async fn in_flight<P: Peer>(order: &Order, width: usize) -> Result<Vec<Measured>> {
    let mut connection = P::connect(&order.socket).await?;
    warm_up::<P>(&mut connection, 200).await?;
    connection.in_flight(width, 5_000).await?;
    let started = Instant::now();
    connection.in_flight(width, 5_000).await?;
    let calls = affordable(order, 5_000, started.elapsed());
    let watch = Watch::start(order)?;
    connection.in_flight(width, calls).await?;
    watch.stop(order, calls)
}

async fn clients<P: Peer>(order: &Order, count: u16) -> Result<Vec<Measured>> {
    let mut connections = Vec::new();
    for _ in 0..count {
        let mut connection = P::connect(&order.socket).await?;
        warm_up::<P>(&mut connection, 1).await?;
        connections.push(connection);
    }
    let connections = share::<P>(connections, 5_000).await?;
    let started = Instant::now();
    let connections = share::<P>(connections, 5_000).await?;
    let calls = affordable(order, 5_000, started.elapsed());
    let watch = Watch::start(order)?;
    let _open = share::<P>(connections, calls).await?;
    watch.stop(order, calls)
}

async fn connect<P: Peer>(order: &Order) -> Result<Vec<Measured>> {
    for_each::<P>(order, 300).await?;
    let count = affordable(order, 300, for_each::<P>(order, 300).await?);
    let watch = Watch::start(order)?;
    for_each::<P>(order, count).await?;
    watch.stop(order, count)
}

/// A connection for each call.
async fn for_each<P: Peer>(order: &Order, count: u64) -> Result<Duration> {
    let started = Instant::now();
    for (wish, expected) in Wish::in_turn().take(usize::try_from(count)?) {
        let mut connection = P::connect(&order.socket).await?;
        check::<P>(connection.call(wish).await?, expected)?;
        connection.close().await?;
    }
    Ok(started.elapsed())
}

async fn stream<P: Peer>(order: &Order, count: u32) -> Result<Vec<Measured>> {
    let mut connection = P::connect(&order.socket).await?;
    let (some, all) = (Wish::stream(count / 10), Wish::stream(count));
    check::<P>(connection.stream(some).await?, some.expected())?;
    let expected = all.expected();
    let (watch, mut taken) = (Watch::start(order)?, Vec::new());
    while taken.iter().sum::<Duration>() < order.effort {
        let started = Instant::now();
        let seen = connection.stream(all).await?;
        taken.push(started.elapsed());
        check::<P>(seen, expected)?;
    }
    let records = u64::from(count) * taken.len() as u64;
    let bytes = |measure, value: u64| Measured { measure, value: value as f64, unit: "B" };
    let mut measured =
        vec![rate(count.into(), middle(taken)), watch.processor_time(order, records)?];
    measured.push(bytes("server, most resident", most_resident(order.server)?));
    measured.push(bytes("client, most resident", most_resident(getpid())?));
    Ok(measured)
}

/// What one more connection takes, on either side.
async fn idle<P: Peer>(order: &Order, count: u16) -> Result<Vec<Measured>> {
    let mut connections = Vec::with_capacity(usize::from(count) + 1);
    let mut more = async |count| -> Result<(u64, u64)> {
        for (wish, expected) in Wish::in_turn().take(count) {
            let mut connection = P::connect(&order.socket).await?;
            check::<P>(connection.call(wish).await?, expected)?;
            connections.push(connection);
        }
        Ok((resident(order.server)?, resident(getpid())?))
    };
    let before = more(1).await?;
    let after = more(count.into()).await?;
    let each = |measure, before: u64, after: u64| {
        let value = after.saturating_sub(before) as f64 / f64::from(count);
        Measured { measure, value, unit: "B" }
    };
    Ok(vec![
        each("server, a connection", before.0, after.0),
        each("client, a connection", before.1, after.1),
    ])
}

async fn calls<P: Peer>(order: &Order, count: u32) -> Result<Vec<Measured>> {
    let mut connection = P::connect(&order.socket).await?;
    warm_up::<P>(&mut connection, count.into()).await?;
    Ok(Vec::new())
}

/// So many calls one after the other, and how long they took.
async fn warm_up<P: Peer>(connection: &mut P::Connection, calls: u64) -> Result<Duration> {
    let started = Instant::now();
    for (wish, expected) in Wish::in_turn().take(usize::try_from(calls)?) {
        check::<P>(connection.call(wish).await?, expected)?;
    }
    Ok(started.elapsed())
}

/// How many calls there is time for, if so many took so long.
fn affordable(order: &Order, calls: u64, taken: Duration) -> u64 {
    let times = order.effort.as_secs_f64() / taken.as_secs_f64().max(1e-9);
    let affordable = (calls as f64 * times) as u64;
    affordable.max(calls)
}

/// Takes the time of something done many times, and what both processes have had of the processors
/// meanwhile.
struct Watch {
    started: Instant,
    processor_time: Duration,
}

impl Watch {
    fn start(order: &Order) -> Result<Self> {
        Ok(Self { processor_time: both(order)?, started: Instant::now() })
    }

    fn stop(&self, order: &Order, times: u64) -> Result<Vec<Measured>> {
        let rate = rate(times, self.started.elapsed());
        Ok(vec![rate, self.processor_time(order, times)?])
    }

    fn processor_time(&self, order: &Order, times: u64) -> Result<Measured> {
        let taken = both(order)?.saturating_sub(self.processor_time);
        Ok(Measured {
            measure: "processor time of both, each",
            value: nanoseconds(taken) / times as f64,
            unit: "ns",
        })
    }
}

fn both(order: &Order) -> Result<Duration> {
    Ok(processor_time(order.server)? + processor_time(getpid())?)
}

fn rate(count: u64, taken: Duration) -> Measured {
    Measured { measure: "rate", value: count as f64 / taken.as_secs_f64(), unit: "1/s" }
}

fn middle(mut taken: Vec<Duration>) -> Duration {
    taken.sort();
    taken[taken.len() / 2]
}

fn nanoseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
}
