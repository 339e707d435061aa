//! Round trips and streams over a Unix socket within one process:
//! `cargo bench -p eyelet-benches --bench transport`.

use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use eyelet_benches::{record, task};
use eyelet_codec::DetectionTask;
use eyelet_transport::endpoint::Endpoint;
use eyelet_transport::{Client, Fault, Handler, Outcome, Sink, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};

/// Sends so many records for every task.
struct Records(u32);

impl Handler for Records {
    async fn handle(&self, _: DetectionTask<'_>, sink: &mut Sink<'_>) -> Result<Outcome, Fault> {
        for index in 0..self.0 {
            sink.send(&record(index)).await?;
        }
        Ok(Outcome::success())
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

async fn connected(records: u32) -> Arc<Client> {
    let listener = Endpoint::private().bind().expect("an endpoint");
    let path = listener.path().to_owned();
    tokio::spawn(serve(listener, Records(records), std::future::pending()));
    Arc::new(Client::connect(path).await.expect("a connection"))
}

async fn read_all(client: &Client) -> u64 {
    let mut stream = client.stream(&task()).await.expect("a stream");
    while let Some(mut chunk) = stream.next().await.expect("a chunk") {
        chunk.for_each(|_| ()).expect("a valid chunk");
    }
    stream.records()
}

fn round_trip(criterion: &mut Criterion) {
    let runtime = runtime();
    let mut group = criterion.benchmark_group("200 B task, 2 KB result");
    let client = runtime.block_on(connected(10));
    group.bench_function("eyelet", |bench| {
        bench.iter(|| runtime.block_on(read_all(&client)));
    });
    let inside = runtime.enter();
    let mut echo = echo();
    drop(inside);
    group.bench_function("raw echo, the floor", |bench| {
        bench.iter(|| {
            runtime.block_on(async {
                echo.write_all(&[7; 200]).await.expect("written");
                echo.read_exact(&mut [0; 2000]).await.expect("read")
            })
        });
    });
    group.finish();
}

/// Answers 200 bytes with 2,000, without looking at them.
fn echo() -> tokio::net::UnixStream {
    let (near, mut far) = tokio::net::UnixStream::pair().expect("a pair");
    tokio::spawn(async move {
        while far.read_exact(&mut [0; 200]).await.is_ok() && far.write_all(&[7; 2000]).await.is_ok()
        {
        }
    });
    near
}

fn stream(criterion: &mut Criterion) {
    let runtime = runtime();
    let client = runtime.block_on(connected(10_000));
    let mut group = criterion.benchmark_group("10,000 records");
    group.throughput(Throughput::Elements(10_000));
    group.bench_function("eyelet", |bench| bench.iter(|| runtime.block_on(read_all(&client))));
    group.finish();
}

criterion_group!(transport, round_trip, stream);
criterion_main!(transport);
