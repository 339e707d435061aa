//! The ways to read a result's records, shown during the walk, laid into slots, iterated afterwards, and
//! the way to write them, in chunks.

use std::ops::ControlFlow;

use eyelet_codec::{
    DetectionResult, DetectionResultVisitor, ErrorKind, Finding, HashResult, Limits, Message as _,
    MessageError, ProcessEvent, ProcessRecord, Progress, Pushed, ResultWriter, proto,
};
use prost::Message as _;

use super::decoders::Owned;

/// Records as they were shown, with their fields' numbers, and how many more are wanted.
struct Shown {
    order: Vec<u64>,
    result: proto::DetectionResult,
    wanted: usize,
}

/// All ways show what prost has read of `bytes`, in the order of `records`, the fields' numbers.
pub fn all_ways_agree(bytes: &[u8], limits: &Limits, records: &[u64]) {
    let by_prost = proto::DetectionResult::decode(bytes).unwrap();
    shown_as_they_come(bytes, limits, records, &by_prost);
    a_break_ends_the_walk(bytes, limits, records);
    laid_into_slots(bytes, limits, &by_prost);
    counted(bytes, limits, &by_prost);
    written_in_chunks(bytes, limits, &by_prost);
}

fn shown_as_they_come(
    bytes: &[u8],
    limits: &Limits,
    records: &[u64],
    by_prost: &proto::DetectionResult,
) {
    let mut shown = Shown::new(usize::MAX);
    let whole = DetectionResult::decode_each(bytes, limits, &mut shown).unwrap();
    assert_eq!(shown.order, records);
    assert_eq!(Owned::new(&proto::DetectionResult::from(whole)), Owned::new(by_prost));
    let once = proto::DetectionResult {
        processes: vec![],
        events: vec![],
        findings: vec![],
        hash_results: vec![],
        ..by_prost.clone()
    };
    let shown = proto::DetectionResult {
        processes: shown.result.processes,
        events: shown.result.events,
        findings: shown.result.findings,
        hash_results: shown.result.hash_results,
        ..once
    };
    assert_eq!(Owned::new(&shown), Owned::new(by_prost));
}

fn a_break_ends_the_walk(bytes: &[u8], limits: &Limits, records: &[u64]) {
    let Some((_, wanted)) = records.split_last() else { return };
    let mut shown = Shown::new(wanted.len());
    let stopped = DetectionResult::decode_each(bytes, limits, &mut shown).unwrap_err();
    assert_eq!((stopped.kind(), shown.order.len()), (ErrorKind::Stopped, records.len()));
}

fn laid_into_slots(bytes: &[u8], limits: &Limits, by_prost: &proto::DetectionResult) {
    let count = by_prost.processes.len();
    let mut slots = vec![ProcessRecord::default(); count];
    let result = DetectionResult::decode_into(bytes, limits, &mut slots).unwrap();
    assert_eq!(Owned::new(&proto::DetectionResult::from(result)), Owned::new(by_prost));
    if let Some(too_few) = count.checked_sub(1) {
        let slots = &mut slots_of(too_few)[..];
        let stopped = DetectionResult::decode_into(bytes, limits, slots).unwrap_err();
        assert_eq!((stopped.kind(), stopped.field()), (ErrorKind::Stopped, 4));
    }
}

fn counted(bytes: &[u8], limits: &Limits, by_prost: &proto::DetectionResult) {
    let result = DetectionResult::decode_with(bytes, limits).unwrap();
    assert_eq!(result.processes.count(), by_prost.processes.len());
    assert_eq!(result.processes.is_empty(), by_prost.processes.is_empty());
    for (record, of_prost) in result.processes.iter().zip(&by_prost.processes) {
        let texts = of_prost.command_line.iter().map(String::as_str).collect::<Vec<_>>();
        assert_eq!(record.command_line, (&texts[..]).into());
        let bytes = of_prost.command_line_raw.iter().map(Vec::as_slice).collect::<Vec<_>>();
        assert_eq!(record.command_line_raw, (&bytes[..]).into());
    }
}

fn slots_of<'a>(count: usize) -> Vec<ProcessRecord<'a>> {
    vec![ProcessRecord::default(); count]
}

/// WIRE.md's rule 5: the chunks, one behind the other, are the encoding of the whole result.
fn written_in_chunks(bytes: &[u8], limits: &Limits, by_prost: &proto::DetectionResult) {
    let result = DetectionResult::decode_with(bytes, limits).unwrap();
    let mut chunks = Chunks { buf: vec![0xa5; bytes.len() / 3], ..Chunks::default() };
    let empty = DetectionResult::default();
    chunks.put(&DetectionResult { task_id: result.task_id, ..empty });
    result.processes.iter().for_each(|record| chunks.push(|chunk| chunk.push(&record)));
    result.events.iter().for_each(|event| chunks.push(|chunk| chunk.push_event(&event)));
    result.findings.iter().for_each(|finding| chunks.push(|chunk| chunk.push_finding(&finding)));
    result.hash_results.iter().for_each(|hash| chunks.push(|chunk| chunk.push_hash(&hash)));
    chunks.put(&DetectionResult {
        task_id: "",
        processes: empty.processes,
        events: empty.events,
        findings: empty.findings,
        hash_results: empty.hash_results,
        ..result
    });
    chunks.send();
    for chunk in &chunks.sent {
        DetectionResult::decode(chunk).unwrap();
    }
    let whole = proto::DetectionResult::decode(&chunks.sent.concat()[..]).unwrap();
    assert_eq!(Owned::new(&whole), Owned::new(by_prost));
}

/// A buffer that is sent when it is full, and grows where not even one record has room.
#[derive(Default)]
struct Chunks {
    buf: Vec<u8>,
    progress: Progress,
    sent: Vec<Vec<u8>>,
}

impl Chunks {
    fn put(&mut self, once: &DetectionResult<'_>) {
        self.push(|chunk| match chunk.put(once) {
            Ok(()) => Ok(Pushed::Done),
            Err(error) if error.kind() == ErrorKind::Buffer => Ok(Pushed::Full),
            Err(error) => Err(error),
        });
    }

    fn push(&mut self, add: impl Fn(&mut ResultWriter<'_>) -> Result<Pushed, MessageError>) {
        let mut chunk = ResultWriter::resume(&mut self.buf, self.progress);
        while add(&mut chunk).unwrap() == Pushed::Full {
            self.send();
            chunk = ResultWriter::new(&mut self.buf);
        }
        self.progress = chunk.progress();
    }

    fn send(&mut self) {
        let len = self.progress.len();
        self.sent.push(self.buf[..len].to_vec());
        self.progress = Progress::default();
        if len == 0 {
            self.buf.resize(2 * self.buf.len() + 1, 0xa5);
        }
    }
}

impl Shown {
    fn new(wanted: usize) -> Self {
        Self { order: Vec::new(), result: proto::DetectionResult::default(), wanted }
    }

    fn next(&mut self, field: u64) -> ControlFlow<()> {
        self.order.push(field);
        match self.wanted.checked_sub(1) {
            Some(wanted) => {
                self.wanted = wanted;
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(()),
        }
    }
}

impl<'a> DetectionResultVisitor<'a> for Shown {
    fn processes(&mut self, record: &ProcessRecord<'a>) -> ControlFlow<()> {
        self.result.processes.push((*record).into());
        self.next(4)
    }

    fn events(&mut self, record: &ProcessEvent<'a>) -> ControlFlow<()> {
        self.result.events.push((*record).into());
        self.next(9)
    }

    fn findings(&mut self, record: &Finding<'a>) -> ControlFlow<()> {
        self.result.findings.push((*record).into());
        self.next(11)
    }

    fn hash_results(&mut self, record: &HashResult<'a>) -> ControlFlow<()> {
        self.result.hash_results.push((*record).into());
        self.next(12)
    }
}
