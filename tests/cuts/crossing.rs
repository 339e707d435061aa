//! A task that crosses the end of its line.

use std::os::unix::net::UnixStream;
use std::time::Duration;

use eyelet_codec::DetectionTask;
use eyelet_tests::peer::Peer;
use eyelet_tests::wire::{Greeting, body};
use eyelet_transport::Client;
use eyelet_transport::client::{Failure, Options};
use tokio::runtime::Builder;
use tokio::task::yield_now;
use tokio::time::Instant;

use crate::alone;

#[test]
fn a_task_that_meets_a_cut_line_keeps_nobody_else_waiting() {
    let _alone = alone();
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let (near, far) = UnixStream::pair().expect("a pair");
        near.set_nonblocking(true).expect("a socket");
        let near = tokio::net::UnixStream::from_std(near).expect("a socket");
        let mut collector = Peer::over(far);
        collector.say(&Greeting::collector().framed());
        let client = Client::over(near, Options::default());
        client.greet().await.expect("greeted");
        let mut stream = client.stream(&DetectionTask::default()).await.expect("sent");
        let reader = tokio::spawn(async move { stream.next().await.map(|_| ()) });
        yield_now().await;
        let heard = [(); 2].map(|()| collector.packet().expect("a Hello and a task").body);
        assert_eq!(heard, [body::HELLO, body::TASK]);

        let cut = Instant::now();
        drop(collector);
        // Nobody has looked at the line since.
        let _other = client.stream(&DetectionTask::default()).await.expect("taken");
        let error = reader.await.expect("no panic").expect_err("the line is cut");
        assert!(matches!(error.failure(), Failure::Cut), "{error}");
        // The clock goes on only when nobody else does.
        assert_eq!(cut.elapsed(), Duration::ZERO);
    });
}
