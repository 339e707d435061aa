//! However many agents break their connections, a collector's log grows by a hundred lines at once and two
//! a second, and leaves nothing uncounted.

use std::time::{Duration, Instant};

use eyelet_codec::FaultCode;
use eyelet_tests::command::Collector;
use eyelet_tests::peer::Peer;
use eyelet_tests::wire::{Greeting, body, framed};

const CONNECTIONS: u64 = 3000;

#[test]
fn a_flood_of_broken_connections_does_not_fill_the_log() {
    let collector = Collector::start(None);
    let begin = Instant::now();
    let breaks = [
        (b"GET / HTTP/1.1\r\n".repeat(5), FaultCode::CHECKSUM),
        (vec![0xff, 0xff, 0xff, 0x7f], FaultCode::TOO_LARGE),
        ([Greeting::agent().framed(), Greeting::agent().framed()].concat(), FaultCode::STREAM),
        ([Greeting::agent().framed(), framed(0, body::CREDIT, &[])].concat(), FaultCode::STREAM),
    ];
    for (say, code) in breaks.iter().cycle().zip(0..CONNECTIONS).map(|(broken, _)| broken) {
        breaks_off(&collector, say, *code);
    }
    // Another line is allowed by then, and tells how many were not.
    std::thread::sleep(Duration::from_millis(1100));
    breaks_off(&collector, &breaks[0].0, breaks[0].1);
    let log = collector.end();
    let seconds = begin.elapsed().as_secs();

    let left_out = log.lines().filter_map(left_out);
    let (tellings, untold) = left_out.fold((0, 0), |(lines, sum), count| (lines + 1, sum + count));
    let told = log.lines().filter(|line| line.contains("connection ended")).count() as u64;
    assert_eq!(told + untold, CONNECTIONS + 1, "{log}");
    assert_eq!(log.lines().count() as u64, told + tellings, "{log}");
    assert!((100..=101 + seconds).contains(&told), "{told} in {seconds} s");
    assert!((1..=1 + seconds).contains(&tellings), "{tellings} in {seconds} s");
}

fn breaks_off(collector: &Collector, say: &[u8], code: FaultCode) {
    let mut peer = Peer::connect(collector.endpoint());
    peer.say(say);
    let fault = peer.last_words();
    assert_eq!(fault.code, code, "{fault:?}");
}

/// `warning: 17 lines like the next were left out`
fn left_out(line: &str) -> Option<u64> {
    let (before, _) = line.split_once(" lines like the next were left out")?;
    before.rsplit(' ').next()?.parse().ok()
}
