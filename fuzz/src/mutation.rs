//! Plain mutation of seeds, for where libFuzzer is not: the same entries, no coverage to go by. The input of
//! a number depends on the seeds and that number alone, so that a run can be repeated from any point.

use std::fmt::{self, Display, Formatter};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::{fs, iter, thread};

use crate::Target;

/// Inputs made of the seeds of a target.
#[derive(Debug)]
pub struct Mutations {
    seeds: Vec<Vec<u8>>,
    /// Another one makes others of the same seeds.
    start: u64,
}

/// What became of the inputs.
#[derive(Debug)]
pub struct Report {
    pub name: &'static str,
    pub inputs: u64,
    pub accepted: u64,
}

impl Target {
    /// Tries so many mutated inputs, on all processors.
    ///
    /// # Panics
    /// If an input makes the entry panic, after it was printed.
    pub fn try_mutations(&self, start: u64, inputs: u64) -> Report {
        let mutations = Mutations::of(self.name, start);
        let (next, accepted) = (AtomicU64::new(0), AtomicU64::new(0));
        let work = || {
            while let Some(number) = Some(next.fetch_add(1, Relaxed)).filter(|&n| n < inputs) {
                let is_accepted = self.try_one(&mutations.input(number), number);
                accepted.fetch_add(u64::from(is_accepted), Relaxed);
            }
        };
        let threads = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
        Report { name: self.name, inputs, accepted: accepted.into_inner() }
    }

    fn try_one(&self, input: &[u8], number: u64) -> bool {
        catch_unwind(AssertUnwindSafe(|| (self.entry)(input))).unwrap_or_else(|panic| {
            let bytes: String = input.iter().map(|byte| format!("{byte:02x}")).collect();
            eprintln!("{}: input {number} is {bytes}", self.name);
            resume_unwind(panic)
        })
    }
}

impl Mutations {
    /// Of the checked-in seeds of a target.
    ///
    /// # Panics
    /// If it has none.
    pub fn of(target: &str, start: u64) -> Self {
        let directory: PathBuf = [env!("CARGO_MANIFEST_DIR"), "seeds", target].iter().collect();
        let entries = fs::read_dir(&directory);
        let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        assert!(!files.is_empty(), "{target} has no seeds");
        files.sort();
        Self::new(files.iter().map(|file| fs::read(file).unwrap()).collect(), start)
    }

    /// Of any seeds, of which there is one at least.
    pub fn new(seeds: Vec<Vec<u8>>, start: u64) -> Self {
        Self { seeds, start }
    }

    /// What the inputs are made of.
    pub fn seeds(&self) -> &[Vec<u8>] {
        &self.seeds
    }

    /// Mostly a seed with a change or two, now and then with many.
    pub fn input(&self, number: u64) -> Vec<u8> {
        let mut random =
            Random(self.start.wrapping_add(number).wrapping_mul(0xd134_2543_de82_ef95));
        let mut input = self.seed(&mut random).clone();
        let changes = [1, 1, 1, 1, 2, 2, 3, 8][random.below(8)];
        for _ in 0..changes {
            self.change(&mut input, &mut random);
        }
        input
    }

    fn seed(&self, random: &mut Random) -> &Vec<u8> {
        &self.seeds[random.below(self.seeds.len())]
    }

    fn change(&self, input: &mut Vec<u8>, random: &mut Random) {
        let at = random.below(input.len().max(1));
        match (random.below(20), input.get_mut(at)) {
            (0..5, Some(byte)) => *byte ^= 1 << random.below(8),
            (5..8, Some(byte)) => *byte = random.byte(),
            (8..10, Some(byte)) => *byte = EDGES[random.below(EDGES.len())],
            (10, Some(byte)) => *byte = byte.wrapping_add(1),
            (11, Some(byte)) => *byte = byte.wrapping_sub(1),
            (12, Some(_)) => drop(input.remove(at)),
            (13, Some(_)) => input.extend_from_within(at..(at + random.below(24)).min(input.len())),
            (14, Some(_)) => {
                let other = self.seed(random);
                let from = random.below(other.len().max(1)).min(other.len());
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            (15..19, Some(_)) => resize(input, at, random),
            _ => input.insert(at.min(input.len()), random.byte()),
        }
    }
}

/// Takes a byte for a length, as many are, and gives it and what follows another one: a byte more or less,
/// nothing at all, or about as much as it can say. Limits are found so, which single bytes do not reach.
fn resize(input: &mut Vec<u8>, at: usize, random: &mut Random) {
    let (start, len) = (at + 1, usize::from(input[at]));
    let Some(content) = input.get(start..start + len).filter(|_| len < 0x80) else { return };
    let new = match random.below(4) {
        0 => len.saturating_sub(1),
        1 => (len + 1).min(0x7f),
        2 => 0,
        _ => 0x7f - random.below(0x60),
    };
    let filler = content.last().copied().unwrap_or(b'x');
    let content: Vec<u8> = content.iter().copied().chain(iter::repeat(filler)).take(new).collect();
    input[at] = u8::try_from(new).unwrap();
    input.splice(start..start + len, content);
}

/// Where varints, lengths and characters change their kind.
const EDGES: [u8; 8] = [0x00, 0x01, 0x02, 0x7f, 0x80, 0xc0, 0xf0, 0xff];

/// SplitMix64 (Steele, Lea and Flood, 2014): good enough to make inputs of, and three lines.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }
}

impl Report {
    /// Of all inputs, in percent.
    pub fn share(&self) -> u64 {
        self.accepted * 100 / self.inputs.max(1)
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { name, inputs, accepted } = self;
        write!(f, "{name:<10}{inputs:>12} inputs{accepted:>12} accepted{:>5} %", self.share())
    }
}
