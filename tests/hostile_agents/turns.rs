//! Whose turn it is. The lines are in memory and the runtime has one thread, so that it is the same each
//! time.

use std::sync::Arc;

use eyelet_tests::flood::FLOODS;
use eyelet_tests::synthetic::Collector;
use eyelet_tests::wire::{Greeting, Packet, task};
use eyelet_transport::server::{Counters, Options, serve_line};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use crate::RECORDS;

/// What an agent has said before anybody listens.
const LINE: usize = 8 << 20;
/// Turns of 8 KiB, those before the honest agent's first and those between its own.
const AHEAD: u64 = 8 * 8 * 1024;

#[tokio::test]
async fn who_has_much_to_say_does_not_say_it_all_before_another_is_answered() {
    let long = FLOODS.iter().find(|flood| flood.name == "1,000 unknown fields");
    let much = long.expect("a long one").units(0, 900);
    assert!(much.len() as u64 > AHEAD, "the test could not fail");
    let counters = Arc::<Counters>::default();
    let _flooding = served(&much, counters.clone()).await;
    let mut honest = served(&task(1, ""), Arc::default()).await;

    while !is_result(&packet(&mut honest).await) {}
    let understood = counters.read().bytes_received;
    assert!(understood <= AHEAD, "{understood} of {} bytes went first", much.len());
}

fn is_result(packet: &Packet) -> bool {
    packet.stream == 1 && packet.all(4).count() == RECORDS
}

/// A connection on which this has been said behind a `Hello`.
async fn served(say: &[u8], counters: Arc<Counters>) -> DuplexStream {
    let (mut agent, line) = duplex(LINE);
    agent.write_all(&[&Greeting::agent().framed(), say].concat()).await.expect("there is room");
    tokio::spawn(async move {
        let options = Options { counters, ..Options::default() };
        let handler = Arc::new(Collector { records: 3 });
        serve_line(line, handler, &options, std::future::pending()).await.expect("served");
    });
    agent
}

async fn packet(line: &mut DuplexStream) -> Packet {
    let mut unread = Vec::new();
    loop {
        if let Some(packet) = Packet::take(&mut unread) {
            return packet;
        }
        unread.push(line.read_u8().await.expect("a byte"));
    }
}
