//! One figure of the table: a workload, what is done with it, and by whom.

use std::hint::black_box;

use crate::codecs::prost::Prost;
use crate::codecs::{Decode, Encode, Validate};
use crate::observer::{Digest, Glance};
use crate::workload::{Messages, Workload};

/// Room for the longest message.
pub(crate) const BUFFER: usize = 128 * 1024;

/// Does something so many times; what it returns depends on everything that was read or written.
pub(crate) type Run = Box<dyn FnMut(u64) -> u64>;

/// Something that can be done many times.
pub(crate) struct Cell {
    pub(crate) workload: &'static str,
    pub(crate) measure: &'static str,
    pub(crate) who: &'static str,
    pub(crate) run: Run,
    /// A part of `run` that is not to be counted.
    pub(crate) overhead: Option<Run>,
    /// Steps until all of the workload has been done once.
    pub(crate) round: u64,
    /// What prost sees of what was decoded or encoded; `None` where nothing is.
    pub(crate) proof: Option<u64>,
}

impl Cell {
    /// One that cannot be proved otherwise than by what its run returns.
    pub(crate) fn new(
        workload: &'static str,
        measure: &'static str,
        who: &'static str,
        run: Run,
    ) -> Self {
        Self { workload, measure, who, run, overhead: None, round: 1, proof: None }
    }

    fn of(workload: &Workload, measure: &'static str, who: &'static str, run: Run) -> Self {
        let round = (workload.encoded.len() / workload.step) as u64;
        Self { round, ..Self::new(workload.name, measure, who, run) }
    }

    /// Whether it is this project's.
    pub(crate) fn is_ours(&self) -> bool {
        self.who.starts_with("eyelet")
    }

    /// Whether it only shows how fast such a thing could be.
    pub(crate) fn is_floor(&self) -> bool {
        self.who.starts_with("floor")
    }
}

/// Takes `step` items of a list a time, in turn.
fn in_turn<T: 'static>(
    items: Vec<T>,
    step: usize,
    mut each: impl FnMut(&T) -> u64 + 'static,
) -> Run {
    let mut next = 0;
    Box::new(move |times| {
        let mut sum = 0_u64;
        for _ in 0..times * step as u64 {
            sum = sum.wrapping_add(each(black_box(&items[next])));
            next += 1;
            if next == items.len() {
                next = 0;
            }
        }
        sum
    })
}

/// Decodes, and reads every field.
#[inline(never)]
pub(crate) fn decode<D: Decode + 'static>(workload: &Workload) -> Cell {
    let (mut decoder, mut prover) = (D::default(), D::default());
    let (items, step) = (workload.encoded.to_vec(), workload.step);
    let mut proof = Digest::default();
    let run = match workload.messages {
        Messages::Tasks(_) => {
            items.iter().for_each(|bytes| prover.decode_task(bytes, &mut proof));
            in_turn(items, step, move |bytes| {
                let mut seen = Glance::default();
                decoder.decode_task(bytes, &mut seen);
                seen.0
            })
        }
        Messages::Chunks(_) => {
            items.iter().for_each(|bytes| prover.decode_chunk(bytes, &mut proof));
            in_turn(items, step, move |bytes| {
                let mut seen = Glance::default();
                decoder.decode_chunk(bytes, &mut seen);
                seen.0
            })
        }
    };
    Cell { proof: Some(proof.0), ..Cell::of(workload, "decode", D::WHO, run) }
}

/// Encodes into a buffer that stands ready.
#[inline(never)]
pub(crate) fn encode<E: Encode + 'static>(workload: &Workload) -> Cell {
    let (mut buf, step) = (vec![0xa5; BUFFER], workload.step);
    let mut proof = Digest::default();
    let run = match &workload.messages {
        Messages::Tasks(tasks) => {
            let items: Vec<_> = tasks.iter().map(E::task).collect();
            for task in &items {
                let len = E::encode_task(task, &mut buf);
                Prost.decode_task(buf[..len].to_vec().leak(), &mut proof);
            }
            in_turn(items, step, move |task| E::encode_task(task, black_box(&mut buf)) as u64)
        }
        Messages::Chunks(chunks) => {
            let items: Vec<_> = chunks.iter().map(E::chunk).collect();
            for chunk in &items {
                let len = E::encode_chunk(chunk, &mut buf);
                Prost.decode_chunk(buf[..len].to_vec().leak(), &mut proof);
            }
            in_turn(items, step, move |chunk| E::encode_chunk(chunk, black_box(&mut buf)) as u64)
        }
    };
    Cell { proof: Some(proof.0), ..Cell::of(workload, "encode", E::WHO, run) }
}

/// Checks, and reads nothing.
#[inline(never)]
pub(crate) fn validate<V: Validate + 'static>(workload: &Workload) -> Cell {
    let mut validator = V::default();
    let (items, step) = (workload.encoded.to_vec(), workload.step);
    let run = match workload.messages {
        Messages::Tasks(_) => in_turn(items, step, move |bytes| validator.check_task(bytes).into()),
        Messages::Chunks(_) => {
            in_turn(items, step, move |bytes| validator.check_chunk(bytes).into())
        }
    };
    Cell::of(workload, "validate", V::WHO, run)
}

/// Does something with all texts of a message, of which there are this many bytes.
pub(crate) fn texts(
    workload: &Workload,
    measure: &'static str,
    who: &'static str,
    mut each: impl FnMut(&'static str) -> u64 + 'static,
) -> Cell {
    let step = workload.step;
    let run =
        in_turn(workload.texts(), step, move |texts| texts.iter().map(|text| each(text)).sum());
    Cell::of(workload, measure, who, run)
}

/// Does something with the bytes of a message.
pub(crate) fn bytes(
    workload: &Workload,
    measure: &'static str,
    who: &'static str,
    mut each: impl FnMut(&'static [u8]) -> u64 + 'static,
) -> Cell {
    let run = in_turn(workload.encoded.to_vec(), workload.step, move |message| each(message));
    Cell::of(workload, measure, who, run)
}
