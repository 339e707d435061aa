//! Decoding takes no memory from the heap where it borrows, and a bounded share of the input where it owns,
//! whatever the bytes; prost alone takes over two hundred times a million empty records.

use std::fmt::{self, Display, Formatter};

use eyelet_codec::frame::{self, MAX_BODY};
use eyelet_codec::proto::Owned;
use eyelet_codec::{Limits, Message as _, ProcessRecord, proto};
use eyelet_fuzz::NAMES;
use eyelet_fuzz::mutation::Mutations;
use peak_alloc::PeakAlloc;

/// Counts every byte of this process that is in use.
#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// So many times the input, and so much besides, may an owned message take at its peak. A record with
/// nothing in it takes two to five bytes on the wire and 112 to 368 in memory.
const SHARE: usize = 4;
const BESIDES: usize = 1024 * 1024;

/// Mutated inputs of the golden vectors, and of the hostile ones.
const MUTATED: u64 = 20_000;
const MUTATED_HOSTILE: u64 = 1_000;

/// One message, in bytes that mean no good.
struct Case {
    name: String,
    message: &'static str,
    bytes: Vec<u8>,
}

/// Peak bytes of the heap, for an input.
#[derive(Clone, Copy, Default)]
struct Peaks {
    input: usize,
    borrowed: usize,
    owned: usize,
    by_prost: usize,
}

/// One test alone in this process: what another one sets aside would count, too.
#[test]
fn memory_is_bounded_whatever_is_decoded() {
    assert!(peak(|| vec![0_u8; 4096]) >= 4096, "the control: what is allocated is counted");
    for case in hostile() {
        let peaks = case.measure();
        println!("{:<52}{peaks}", case.name);
        assert_bounded(&case, peaks);
        if case.name == MILLION {
            assert!(peaks.by_prost > 50 * peaks.input, "the control: what prost alone takes");
        }
    }
    for (inputs, count) in [(golden(), MUTATED), (hostile_seeds(), MUTATED_HOSTILE)] {
        let mut worst = Peaks::default();
        for number in 0..count {
            let case = Case::of_a_seed(&inputs.input(number), number);
            let peaks = case.measure();
            assert_bounded(&case, peaks);
            worst = if worst.excess() < peaks.excess() { peaks } else { worst };
        }
        println!("{:<52}{worst}", format!("the worst of {count} mutated inputs"));
    }
}

fn assert_bounded(case: &Case, peaks: Peaks) {
    let Peaks { input, borrowed, owned, .. } = peaks;
    assert_eq!(borrowed, 0, "{}, borrowed", case.name);
    assert!(owned <= SHARE * input + BESIDES, "{}: {owned} for {input} bytes", case.name);
}

const MILLION: &str = "DetectionResult: 1,000,000 empty records";

fn hostile() -> Vec<Case> {
    let mut cases = vec![
        Case::new(MILLION, "DetectionResult", b"\x22\x00".repeat(1_000_000)),
        Case::new("1,000,000 empty arguments", "ProcessRecord", b"\x2a\x00".repeat(1_000_000)),
        Case::new("1,000,000 unknown fields", "DetectionResult", b"\x78\x01".repeat(1_000_000)),
        Case::new("500,000 of them", "DetectionResult", b"\x78\x01".repeat(500_000)),
        Case::new("1,000,000 numbers", "ProcessFilter", delimited(0x12, &[1; 1_000_000])),
        Case::new("a text of 1 MiB", "DetectionTask", delimited(0x2a, &[b'x'; 1 << 20])),
        Case::new(
            "as many records as may be",
            "DetectionResult",
            b"\x22\x03\x1a\x01x".repeat(4096),
        ),
        Case::new("as many events", "DetectionResult", b"\x4a\x00".repeat(4096)),
        Case::new("as many findings", "DetectionResult", b"\x5a\x00".repeat(4096)),
        Case::new("as many hash results", "DetectionResult", b"\x62\x00".repeat(4096)),
        Case::new("as many of all four", "DetectionResult", of_all_four(4096)),
        Case::new("as many of all four, the first padded", "DetectionResult", padded_of_all_four()),
        Case::new("as many arguments as may be", "DetectionResult", arguments()),
    ];
    for message in NAMES {
        for bytes in
            [b"\x0a\xff\xff\xff\xff\x07", b"\x22\xff\xff\xff\xff\x07", b"\x2a\xff\xff\xff\xff\x07"]
        {
            cases.push(Case::new("a length of 2 GiB", message, bytes.to_vec()));
        }
        cases.push(Case::new("a group in a group", message, b"\x0b".repeat(100_000)));
        cases.push(Case::new("a message in a message", message, nested()));
    }
    cases
}

/// Records with as many empty arguments as there may be elements in all.
fn arguments() -> Vec<u8> {
    let record = [&b"\x1a\x01x"[..], &b"\x2a\x00".repeat(1023)].concat();
    delimited(0x22, &record).repeat(64)
}

fn of_all_four(count: usize) -> Vec<u8> {
    [&b"\x22\x03\x1a\x01x"[..], b"\x4a\x00", b"\x5a\x00", b"\x62\x00"]
        .map(|one| one.repeat(count))
        .concat()
}

/// The first of each has more unknown fields than it might have if it stood alone.
fn padded_of_all_four() -> Vec<u8> {
    let unknown = b"\x78\x01".repeat(3200);
    let first = |key, name: &[u8]| delimited(key, &[name, &unknown].concat());
    let record = [first(0x22, b"\x1a\x01x"), b"\x22\x03\x1a\x01x".repeat(4095)].concat();
    let others = [0x4a, 0x5a, 0x62].map(|key| [first(key, b""), [key, 0].repeat(4095)].concat());
    [record, others.concat()].concat()
}

/// Field 1, 64 times within itself.
fn nested() -> Vec<u8> {
    (0..64).fold(Vec::new(), |within, _| delimited(0x0a, &within))
}

fn delimited(key: u8, content: &[u8]) -> Vec<u8> {
    let (mut bytes, mut len) = (vec![key], content.len());
    while len > 0x7f {
        bytes.push(len.to_le_bytes()[0] | 0x80);
        len >>= 7;
    }
    bytes.push(len.to_le_bytes()[0]);
    bytes.extend_from_slice(content);
    bytes
}

fn golden() -> Mutations {
    Mutations::of("messages", 0)
}

/// Those of a size that is soon mutated, in the form of the seeds.
fn hostile_seeds() -> Mutations {
    let seeds = hostile().into_iter().filter(|case| case.bytes.len() <= 1 << 16).map(|case| {
        let message = NAMES.iter().position(|name| *name == case.message).unwrap();
        [&[u8::try_from(message).unwrap()][..], &case.bytes].concat()
    });
    Mutations::new(seeds.collect(), 0)
}

impl Case {
    fn new(name: &str, message: &'static str, bytes: Vec<u8>) -> Self {
        let name = if name == MILLION { name.to_owned() } else { format!("{message}: {name}") };
        Self { name, message, bytes }
    }

    fn of_a_seed(seed: &[u8], number: u64) -> Self {
        let (choice, bytes) = seed.split_first().unwrap_or((&0, &[]));
        let message = NAMES[usize::from(*choice) % NAMES.len()];
        Self { name: format!("{message}: input {number}"), message, bytes: bytes.to_vec() }
    }

    fn measure(&self) -> Peaks {
        measure(self.message, &self.bytes)
    }
}

macro_rules! measures {
    ($($name:ident),*) => {
        fn measure(message: &str, bytes: &[u8]) -> Peaks {
            let input = bytes.len();
            let framed = peak(|| frame::decode(bytes, MAX_BODY));
            match message {
                $(stringify!($name) => if let Ok(message) = eyelet_codec::$name::decode(bytes) {
                    takes_what_it_says::<proto::$name>(message);
                },)*
                _ => {}
            }
            let (borrowed, owned, by_prost) = match message {
                "Packet" => (
                    peak(|| eyelet_codec::Packet::decode(bytes)),
                    0,
                    peak(|| <proto::Packet as prost::Message>::decode(bytes)),
                ),
                $(stringify!($name) => (
                    peak(|| eyelet_codec::$name::decode(bytes)),
                    peak(|| proto::decode::<proto::$name>(bytes)),
                    peak(|| <proto::$name as prost::Message>::decode(bytes)),
                ),)*
                name => panic!("there is no message {name}"),
            };
            let borrowed = framed + borrowed + if message == "DetectionResult" { record_by_record(bytes) } else { 0 };
            Peaks { input, borrowed, owned, by_prost }
        }
    };
}

eyelet_fuzz::messages!(measures);

/// What an owned message takes is known before it is made.
fn takes_what_it_says<T: Owned>(message: T::Borrowed<'_>) {
    assert_eq!(peak(|| T::of(message)), T::heap(&message), "{message:?}");
}

/// The other ways to read a result.
fn record_by_record(bytes: &[u8]) -> usize {
    let mut slots = [ProcessRecord::default(); 4];
    peak(|| {
        eyelet_codec::DetectionResult::decode_into(bytes, &Limits::SCHEMA, &mut slots).map(drop)
    }) + peak(|| eyelet_codec::DetectionResult::decode_each(bytes, &Limits::SCHEMA, &mut ()))
        + peak(|| {
            eyelet_codec::DetectionResult::decode(bytes).map(|read| read.processes.iter().count())
        })
}

impl Peaks {
    /// Over the share of the input, as far as there is any.
    fn excess(&self) -> usize {
        self.owned.saturating_sub(SHARE * self.input)
    }
}

impl Display for Peaks {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { input, borrowed, owned, by_prost } = self;
        let times = by_prost / (*input).max(1);
        write!(
            f,
            "{input:>9} bytes: {borrowed} borrowed,{owned:>9} owned,{by_prost:>11} by prost"
        )?;
        write!(f, " alone, x{times}")
    }
}

/// The most that was in use while `work` ran and its result was there, beyond what was in use before.
fn peak<T>(work: impl FnOnce() -> T) -> usize {
    HEAP.reset_peak_usage();
    let before = HEAP.current_usage();
    let result = work();
    let peak = HEAP.peak_usage();
    drop(result);
    peak - before
}
