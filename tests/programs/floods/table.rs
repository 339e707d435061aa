//! One row for each attack: windows of the honest client without it and with it, in turn.

use std::env::current_exe;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use eyelet_tests::attacked::Attacked;

use crate::attack::{self, Attack};

/// Windows without an attack, and as many with it.
const WINDOWS: usize = 5;
/// How many times as long an honest client may wait in the worst hundredth, beside who does nothing.
const TIMES: f64 = 3.0;
/// Microseconds that it may wait beside who has the collector at work all the time.
const SHARED: f64 = 10_000.0;
/// For an attacker to be cut, behind its last window: the collector's longest deadline of those that are
/// met here is 10 s.
const CUT_WAIT: Duration = Duration::from_secs(12);

/// Prints the rows of the attacks whose names contain `part`, with windows of so many seconds.
pub(crate) fn print(seconds: f64, part: &str) -> ExitCode {
    println!(
        "{:<27}{:>17}{:>17}{:>7}{:>18}  cut",
        "an honest client's", "alone, us", "beside, us", "p99", "server's peak, KiB"
    );
    println!(
        "{:<27}{:>8}{:>9}{:>8}{:>9}{:>7}{:>9}{:>9}",
        "", "p50", "p99", "p50", "p99", "times", "alone", "beside"
    );
    let chosen: Vec<_> = attack::all().filter(|attack| attack.name.contains(part)).collect();
    let rows = chosen.iter().map(|attack| row(attack, seconds));
    let harmful = rows.filter(|held| !held).count();
    if chosen.is_empty() || harmful > 0 {
        println!(
            "{harmful} of {} attacks make the honest client wait, or cost memory, or are not cut",
            chosen.len()
        );
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Prints the row of an attack; whether the honest client was served in time, the collector held no more
/// memory than it may, and cut the attacker where it has to.
fn row(attack: &Attack, seconds: f64) -> bool {
    let program = current_exe().expect("this program");
    let room = attack.room.to_string();
    let collector = Attacked::start(&program, &["serve", &room]);
    let mut honest = Honest::start(&program, collector.endpoint());
    let window = Duration::from_secs_f64(seconds);
    honest.window(window);
    let calm = collector.peak();
    let (mut alone, mut beside, mut cut) = (Vec::new(), Vec::new(), None);
    for index in 1..=WINDOWS {
        alone.push(honest.window(window));
        let attacker = Attacker::start(&program, attack, collector.endpoint());
        beside.push(honest.window(window));
        let wait = if attack.is_cut() && index == WINDOWS { CUT_WAIT } else { Duration::ZERO };
        cut = cut.or_else(|| attacker.told(wait));
    }
    let (alone, beside) = (Figures::median(&alone), Figures::median(&beside));
    let ratio = beside.p99 / alone.p99;
    println!(
        "{:<27}{:>8.0}{:>9.0}{:>8.0}{:>9.0}{:>7.1}{:>9}{:>9}  {}",
        attack.name,
        alone.p50,
        alone.p99,
        beside.p50,
        beside.p99,
        ratio,
        calm,
        collector.peak(),
        cut.as_deref().unwrap_or("-")
    );
    let in_time = ratio <= TIMES || (attack.is_busy && beside.p99 <= SHARED);
    let in_bounds = collector.peak() <= calm + attack.may_cost();
    in_time && in_bounds && (cut.is_some() || !attack.is_cut())
}

/// Microseconds.
#[derive(Clone, Copy)]
struct Figures {
    p50: f64,
    p99: f64,
}

impl Figures {
    /// Of each figure by itself.
    fn median(windows: &[Self]) -> Self {
        let median = |of: fn(&Self) -> f64| {
            let mut sorted: Vec<_> = windows.iter().map(of).collect();
            sorted.sort_by(f64::total_cmp);
            sorted[sorted.len() / 2]
        };
        Self { p50: median(|window| window.p50), p99: median(|window| window.p99) }
    }
}

/// The honest client's process.
struct Honest {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Honest {
    fn start(program: &PathBuf, endpoint: &Path) -> Self {
        let mut child = Command::new(program)
            .arg("honest")
            .arg(endpoint)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let input = child.stdin.take().expect("its input");
        let output = BufReader::new(child.stdout.take().expect("its output")).lines();
        Self { child, input, output }
    }

    fn window(&mut self, length: Duration) -> Figures {
        writeln!(self.input, "{}", length.as_millis()).expect("it listens");
        let line = self.output.next().expect("it had all its answers").expect("a line");
        let figures: Vec<f64> =
            line.split(' ').map(|part| part.parse().expect("a figure")).collect();
        let [p50, p99] = figures[..] else { panic!("two figures and not {line}") };
        Figures { p50, p99 }
    }
}

impl Drop for Honest {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// An attacker's process.
struct Attacker {
    child: Child,
    said: mpsc::Receiver<String>,
}

impl Attacker {
    /// Returns when the attack has begun.
    fn start(program: &PathBuf, attack: &Attack, endpoint: &Path) -> Self {
        let mut child = Command::new(program)
            .args(["attack", attack.name])
            .arg(endpoint)
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let (say, said) = mpsc::channel();
        let output = BufReader::new(child.stdout.take().expect("its output"));
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                // Nobody waits for it any more.
                let _ = say.send(line);
            }
        });
        assert_eq!(said.recv().as_deref(), Ok("begun"), "{}", attack.name);
        Self { child, said }
    }

    /// What it was told when it was cut, if it was by now or is in so much time.
    fn told(&self, wait: Duration) -> Option<String> {
        self.said.recv_timeout(wait).ok()
    }
}

impl Drop for Attacker {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    // It may have ended on its own.
    let _ = child.kill();
    let _ = child.wait();
}
