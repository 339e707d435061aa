//! eyelet's codec beside others, on the same bytes, in one binary: how long each takes, or what to count
//! instructions of. `cargo xtask bench codec` runs it; benches/README.md says what is measured and how.

mod cell;
mod codecs;
mod field;
mod floors;
mod framing;
mod observer;
mod processor;
mod report;
mod rounds;
mod workload;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use crate::cell::{Cell, decode, encode, validate};
use crate::codecs::{eyelet, prost};
use crate::rounds::Effort;
use crate::workload::Workload;

const USAGE: &str = "usage: eyelet-peers count | time ROUNDS SAMPLE_MICROSECONDS SEED";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["count"] => count(),
        ["time", rounds, sample, seed] => effort(rounds, sample, seed).and_then(|e| time(&e)),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn effort(rounds: &str, sample: &str, seed: &str) -> Result<Effort, String> {
    let number = |text: &str| text.parse::<u64>().map_err(|_| USAGE.to_owned());
    Ok(Effort {
        rounds: number(rounds)?,
        sample: Duration::from_micros(number(sample)?),
        seed: number(seed)?,
    })
}

fn time(effort: &Effort) -> Result<(), String> {
    let (small, large) = (workload::small(), workload::large());
    let mut cells: Vec<_> = small.iter().chain(&large).flat_map(of_workload).collect();
    cells.extend(framing::cells(&large));
    agree(&mut cells)?;
    report::times(&rounds::run(cells, effort));
    Ok(())
}

/// Does each thing twice, the second time in a function that callgrind can be told to look at. The
/// figures are callgrind's to fill in, in the same order.
fn count() -> Result<(), String> {
    println!("{}", processor::features());
    let mut cells: Vec<_> = workload::small().iter().flat_map(of_workload).collect();
    agree(&mut cells)?;
    for cell in cells.iter_mut().filter(|cell| cell.measure != "validate" && !cell.is_floor()) {
        black_box(counted(cell));
        report::line(cell, 0.0, "instructions");
    }
    Ok(())
}

#[inline(never)]
fn counted(cell: &mut Cell) -> u64 {
    (cell.run)(1)
}

fn of_workload(workload: &Workload) -> Vec<Cell> {
    let mut cells = vec![
        decode::<eyelet::Visitor>(workload),
        decode::<prost::Prost>(workload),
        encode::<eyelet::Borrowed>(workload),
        encode::<prost::Prost>(workload),
        validate::<eyelet::Walk>(workload),
        validate::<prost::Prost>(workload),
    ];
    if workload.has_records() {
        cells.push(decode::<eyelet::Slots>(workload));
        cells.push(decode::<eyelet::Walk>(workload));
        cells.push(encode::<eyelet::Writer>(workload));
    }
    cells.extend(floors::decode(workload));
    cells.extend(floors::encode(workload));
    #[cfg(feature = "others")]
    cells.extend(others(workload));
    cells
}

#[cfg(feature = "others")]
fn others(workload: &Workload) -> Vec<Cell> {
    use crate::codecs::{buffa, femtopb, micropb, quick_protobuf};
    let mut cells = vec![
        decode::<quick_protobuf::QuickProtobuf>(workload),
        decode::<femtopb::Femtopb>(workload),
        decode::<buffa::View>(workload),
        decode::<buffa::Lazy>(workload),
        decode::<micropb::Heap>(workload),
        encode::<quick_protobuf::QuickProtobuf>(workload),
        encode::<femtopb::Femtopb>(workload),
        encode::<buffa::Owned>(workload),
        encode::<micropb::Heap>(workload),
        validate::<quick_protobuf::QuickProtobuf>(workload),
        validate::<buffa::View>(workload),
        validate::<micropb::Heap>(workload),
    ];
    // Every record takes its full capacity: for more of them the figures are those of the cache.
    if workload.encoded.len() == 1 {
        cells.push(decode::<micropb::Fixed>(workload));
        cells.push(encode::<micropb::Fixed>(workload));
        cells.push(validate::<micropb::Fixed>(workload));
    }
    cells
}

/// Those that are compared have read the same and written the same, or nothing is measured.
fn agree(cells: &mut [Cell]) -> Result<(), String> {
    let mut seen = std::collections::BTreeMap::new();
    for cell in cells.iter_mut().filter(|cell| !cell.is_floor()) {
        let sum = (cell.run)(cell.round);
        let (first, who) =
            seen.entry((cell.workload, cell.measure)).or_insert(((sum, cell.proof), cell.who));
        if *first != (sum, cell.proof) {
            let Cell { workload, measure, .. } = cell;
            return Err(format!("{workload}, {measure}: {} and {who} differ", cell.who));
        }
    }
    Ok(())
}
