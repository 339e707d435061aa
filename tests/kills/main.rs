//! A server is killed at any moment, under load, and started again: whatever was asked of it ends with every
//! record once and in order, or with an error that has their exact count; the same clients go on, and
//! nothing is left behind.

mod ask;
mod collector;
mod load;
mod scene;
mod tally;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use eyelet_tests::footprint::{can_be_counted, descriptors, settles, threads};
use eyelet_tests::random::Random;

use collector::Collector;
use load::Load;
use scene::Scene;
use tally::Tally;

/// Unless `EYELET_KILLS` says otherwise.
const KILLS: u64 = if cfg!(debug_assertions) { 10 } else { 100 };

/// One test alone in this process: descriptors of another one would count, too.
#[test]
fn whoever_asks_a_server_that_is_killed_has_every_record_once_or_is_told_how_many_came() {
    const NAME: &str =
        "whoever_asks_a_server_that_is_killed_has_every_record_once_or_is_told_how_many_came";
    if !can_be_counted(NAME) {
        return;
    }
    let kills = number("EYELET_KILLS").unwrap_or(KILLS);
    let seed = number("EYELET_SEED").unwrap_or(1);
    // Tokio keeps what it listens for signals with for good, once there was a runtime.
    drop(load::runtime());
    let before = (descriptors(), threads());
    let tally = run(kills, &mut Random::new(seed));
    println!("\n{kills} kills, seed {seed}\n{tally}");
    for line in tally.figures() {
        println!("figure: {line}");
    }
    let left = || (descriptors(), threads());
    assert!(settles(|| left() == before), "descriptors, threads: {before:?}, now {:?}", left());
    tally.judge();
}

fn run(kills: u64, random: &mut Random) -> Tally {
    let ground = tempfile::tempdir().expect("a directory");
    let path = ground.path().join("eyelet.sock");
    let scene = Arc::new(Scene::new(path.clone()));
    let mut load = None;
    for kill in 1..=kills {
        let collector = start(&scene, kill);
        load.get_or_insert_with(|| Load::start(&scene, random));
        let patient = kill == 1 || random.chance(750);
        if patient {
            scene.wait_until_all_work(kill);
        }
        scene.wait_for_records(random.below(if patient { 10_000 } else { 100 }) as u64);
        // No moment is special.
        std::thread::sleep(Duration::from_micros(random.below(3000) as u64));
        scene.going(patient);
        collector.kill();
        let left = names(ground.path());
        assert_eq!(left, ["eyelet.sock", "eyelet.sock.lock"], "kill {kill}");
    }
    let last = start(&scene, kills + 1);
    scene.wait_until_all_work(kills + 1);
    scene.end();
    load.into_iter().for_each(Load::join);
    last.end();
    assert_eq!(names(ground.path()), ["eyelet.sock.lock"]);
    scene.tally()
}

fn start(scene: &Scene, number: u64) -> Collector {
    let how = if number.is_multiple_of(2) { "thread" } else { "send" };
    let collector = Collector::start(how, scene.path());
    scene.come(number);
    collector
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).expect("a directory");
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("an entry").file_name();
    let mut names: Vec<_> =
        entries.map(|entry| name(entry).into_string().expect("a name of ours")).collect();
    names.sort();
    names
}

fn number(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{variable} is no number: {value}")))
}
