//! A server of eyelet's own on the other end.

use std::future::pending;
use std::sync::mpsc;

use eyelet_codec::{DetectionTask, FaultCode, ProcessRecord};
use eyelet_tests::peer::Peer;
use eyelet_tests::server::Server;
use eyelet_tests::synthetic::{Collector, Synthetic};
use eyelet_transport::blocking::{Backoff, Client, Failure, Options};
use eyelet_transport::peer::PeerPolicy;
use eyelet_transport::{Fault, Handler, Outcome, Sink, server};

use crate::{asking, read};

#[test]
fn every_record_arrives_once_and_in_order_whatever_the_credit() {
    let server = Server::start(Collector { records: 20_000 });
    for credit in [1, 4096, 256 * 1024, 1 << 40] {
        for max_frame in [1024, 64 * 1024] {
            let mut options = Options::default();
            (options.session.credit, options.session.max_frame) = (credit, max_frame);
            let mut client = Client::connect_with(server.path(), options).expect("connected");
            let mut stream = client.stream(&DetectionTask::default()).expect("sent");
            let mut index = 0;
            while let Some(mut chunk) = stream.next().expect("a chunk") {
                let each = |record: &ProcessRecord<'_>| {
                    assert_eq!(*record, Synthetic::new(index).record());
                    index += 1;
                };
                chunk.for_each(each).expect("a result");
            }
            assert_eq!((index, stream.records()), (20_000, 20_000), "{credit}, {max_frame}");
            assert!(stream.next().expect("the end stays").is_none());
            drop(stream);
            client.close();
        }
    }
    server.end();
}

#[test]
fn a_whole_result_is_what_its_chunks_are() {
    let server = Server::start(Collector { records: 0 });
    let mut client = Client::connect(server.path()).expect("connected");
    for count in [0, 1, 5000] {
        let result = client.call(&asking(&count.to_string())).expect("a result");
        assert!(result.success);
        assert_eq!(result.coverage.expect("coverage").seen, count);
        assert_eq!(result.processes.len() as u64, count);
    }
    let peer = client.peer().expect("a socket's");
    assert_eq!(peer.pid, Some(std::process::id()));
    client.close();
    server.end();
}

#[test]
fn a_stream_that_is_dropped_ends_its_handler_and_what_still_comes_is_read_past() {
    let (tell, told) = mpsc::channel();
    let server = Server::start(Endless(tell));
    let mut client = Client::connect(server.path()).expect("connected");
    for chunks in 1..=20 {
        let mut stream = client.stream(&asking("endless")).expect("sent");
        for _ in 0..chunks {
            stream.next().expect("a chunk").expect("a chunk");
        }
        drop(stream);
        let mut next = client.stream(&asking("3")).expect("sent");
        assert_eq!(read(&mut next).expect("a result"), 3, "after {chunks} chunks");
    }
    client.close();
    server.end();
    assert_eq!(told.iter().count(), 20, "each has ended");
}

#[test]
fn a_task_waits_for_the_only_place_until_the_cancelled_one_has_left_it() {
    let (tell, told) = mpsc::channel();
    let mut options = server::Options::default();
    options.session.max_streams = 1;
    let server = Server::start_with(Endless(tell), options, PeerPolicy::same_user());
    let mut client = Client::connect(server.path()).expect("connected");
    for _ in 0..20 {
        let mut stream = client.stream(&asking("endless")).expect("sent");
        stream.next().expect("a chunk").expect("a chunk");
        drop(stream);
        assert_eq!(client.call(&asking("3")).expect("a result").processes.len(), 3);
    }
    client.close();
    server.end();
    assert_eq!(told.iter().count(), 20);
}

#[test]
fn a_server_that_will_not_have_us_is_heard_whatever_we_have_sent_already() {
    let full = server::Options { max_connections: 1, ..server::Options::default() };
    for (options, policy, code) in [
        (full, PeerPolicy::same_user(), FaultCode::BUSY),
        (server::Options::default(), PeerPolicy::nobody(), FaultCode::UNAUTHORIZED),
    ] {
        let server = Server::start_with(Collector { records: 3 }, options, policy);
        let _first = (code == FaultCode::BUSY).then(|| Peer::agent(server.path()));
        for call in 0..100 {
            let at_once = Options { backoff: Backoff::none(), ..Options::default() };
            let mut client = Client::connect_with(server.path(), at_once).expect("connected");
            let error = client.call(&DetectionTask::default()).expect_err("refused");
            let Failure::Refused(fault) = error.failure() else { panic!("call {call}: {error}") };
            assert_eq!(fault.code, code, "call {call}");
        }
    }
}

#[test]
fn closing_waits_for_what_was_cancelled() {
    let (tell, told) = mpsc::channel();
    let server = Server::start(Endless(tell));
    for task in ["endless", "silent"] {
        let mut client = Client::connect(server.path()).expect("connected");
        drop(client.stream(&asking(task)).expect("sent"));
        client.close();
    }
    server.end();
    // The first may have been cancelled before it began.
    assert!(told.iter().count() <= 2);
}

#[test]
fn a_client_goes_to_another_thread_with_its_stream() {
    let server = Server::start(Collector { records: 5000 });
    let mut client = Client::connect(server.path()).expect("connected");
    let mut stream = client.stream(&DetectionTask::default()).expect("sent");
    std::thread::scope(|scope| {
        let mut chunk = stream.next().expect("a chunk").expect("a chunk");
        let first = scope.spawn(move || chunk.for_each(|_| {}).map(|rest| rest.success));
        first.join().expect("read").expect("a result");
    });
    let rest = std::thread::scope(|scope| scope.spawn(|| read(&mut stream)).join());
    assert_eq!(rest.expect("read").expect("a result"), 5000);
}

/// Sends for ever, or nothing, or as many records as it is asked for; tells when one of the first two
/// ends.
struct Endless(mpsc::Sender<()>);

struct Guard(mpsc::Sender<()>);

impl Drop for Guard {
    fn drop(&mut self) {
        // The test may have ended.
        let _ = self.0.send(());
    }
}

impl Handler for Endless {
    async fn handle(&self, task: DetectionTask<'_>, sink: &mut Sink<'_>) -> Result<Outcome, Fault> {
        match task.metadata {
            Some("endless") => {
                let _guard = Guard(self.0.clone());
                for index in 0.. {
                    sink.send(&Synthetic::new(index).record()).await?;
                }
                unreachable!("the loop has no end")
            }
            Some("silent") => {
                let _guard = Guard(self.0.clone());
                pending().await
            }
            _ => Collector { records: 0 }.handle(task, sink).await,
        }
    }
}
