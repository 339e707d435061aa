//! A client that asks once in a while, and says how long the answers took.

use std::io::stdin;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use eyelet_codec::DetectionTask;
use eyelet_transport::blocking::Client;

/// Milliseconds between two questions: far fewer than the collector could answer if it were shared by as many
/// agents as there may be.
const PACE: u32 = 4;

/// For each number of milliseconds that comes on standard input, prints the median and the 99th percentile
/// of the times of as many questions as are due in it, in microseconds.
pub(crate) fn run(endpoint: &Path) {
    let mut client = Client::connect(endpoint).expect("connected");
    for line in stdin().lines() {
        let millis: u32 = line.expect("a line").parse().expect("milliseconds");
        let mut times = ask(&mut client, millis / PACE);
        times.sort_unstable();
        let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e6;
        println!("{:.1} {:.1}", at(50), at(99));
    }
}

/// A question that is late, since the one before it was not answered in time, has waited since it was due:
/// else one long wait would count as a single one.
fn ask(client: &mut Client, count: u32) -> Vec<Duration> {
    let begin = Instant::now();
    let mut answered = begin;
    let mut time = |index: u32| {
        let due = begin + Duration::from_millis((PACE * index).into());
        let asked = if answered > due {
            due
        } else {
            sleep(due.saturating_duration_since(Instant::now()));
            Instant::now()
        };
        let result = client.call(&DetectionTask::default()).expect("an answer");
        assert_eq!(result.processes.len(), 3);
        answered = Instant::now();
        answered - asked
    };
    (1..=count.max(1)).map(&mut time).collect()
}
