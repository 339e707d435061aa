//! The borrowed codec beside prost, on the same bytes: `cargo bench -p eyelet-benches --bench codec`.

use std::hint::black_box;
use std::ops::ControlFlow;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use eyelet_benches::{record, task};
use eyelet_codec::{
    DetectionResult, DetectionResultVisitor, DetectionTask, Limits, Message, ProcessRecord, Pushed,
    ResultWriter, frame, proto,
};
use prost::Message as _;

/// Reads every text's length and two of its bytes, and every number.
#[derive(Default)]
struct Reader(u64);

impl Reader {
    fn text(&mut self, text: &str) {
        let bytes = text.as_bytes();
        self.0 += bytes.len() as u64;
        self.0 += bytes.first().copied().map_or(0, u64::from);
        self.0 += bytes.last().copied().map_or(0, u64::from);
    }
}

impl<'a> DetectionResultVisitor<'a> for Reader {
    fn processes(&mut self, record: &ProcessRecord<'a>) -> ControlFlow<()> {
        self.0 += u64::from(record.pid) + u64::from(record.ppid.unwrap_or(0));
        self.0 += record.memory_usage.unwrap_or(0);
        self.text(record.name);
        self.text(record.executable_path.unwrap_or(""));
        self.text(record.user_id.unwrap_or(""));
        self.text(record.entity_id);
        record.command_line.iter().for_each(|argument| self.text(argument));
        ControlFlow::Continue(())
    }
}

fn read_owned(result: &proto::DetectionResult) -> u64 {
    let mut reader = Reader::default();
    for record in &result.processes {
        reader.0 += u64::from(record.pid) + u64::from(record.ppid.unwrap_or(0));
        reader.0 += record.memory_usage.unwrap_or(0);
        reader.text(&record.name);
        reader.text(record.executable_path.as_deref().unwrap_or(""));
        reader.text(record.user_id.as_deref().unwrap_or(""));
        reader.text(&record.entity_id);
        record.command_line.iter().for_each(|argument| reader.text(argument));
    }
    reader.0
}

fn chunk(buf: &mut [u8]) -> usize {
    let mut writer = ResultWriter::new(buf);
    for index in 0.. {
        if writer.push(&record(index)).expect("a valid record") == Pushed::Full {
            break;
        }
    }
    writer.len()
}

fn decode(criterion: &mut Criterion) {
    let mut buf = vec![0; 60 * 1024];
    let len = chunk(&mut buf);
    let bytes = &buf[..len];
    let mut group = criterion.benchmark_group("decode and read a chunk of 60 KiB");
    group.throughput(Throughput::Bytes(len as u64));
    group.bench_function("eyelet", |bench| {
        bench.iter(|| {
            let mut reader = Reader::default();
            DetectionResult::decode_each(black_box(bytes), &Limits::SCHEMA, &mut reader)
                .expect("a valid result");
            reader.0
        });
    });
    group.bench_function("prost", |bench| {
        bench.iter(|| {
            read_owned(&proto::DetectionResult::decode(black_box(bytes)).expect("a valid result"))
        });
    });
    group.finish();
}

fn encode(criterion: &mut Criterion) {
    let mut buf = vec![0; 60 * 1024];
    let len = chunk(&mut buf);
    let owned = proto::DetectionResult::decode(&buf[..len]).expect("a valid result");
    let mut group = criterion.benchmark_group("encode a chunk of 60 KiB");
    group.throughput(Throughput::Bytes(len as u64));
    group.bench_function("eyelet", |bench| bench.iter(|| chunk(black_box(&mut buf))));
    group.bench_function("prost", |bench| {
        let mut out = Vec::with_capacity(len);
        bench.iter(|| {
            out.clear();
            black_box(&owned).encode(&mut out).expect("room");
            out.len()
        });
    });
    group.finish();
}

fn small(criterion: &mut Criterion) {
    let (mut body, mut bytes) = ([0; 512], [0; 512]);
    let len = task().encode(&mut body).expect("a valid task");
    let framed = frame::encode(&body[..len], &mut bytes).expect("room");
    let mut group = criterion.benchmark_group("a task");
    group.bench_function("encode", |bench| {
        bench.iter(|| black_box(task()).encode(black_box(&mut [0; 512])));
    });
    group.bench_function("decode", |bench| {
        bench.iter(|| DetectionTask::decode(black_box(&body[..len])).is_ok());
    });
    group.bench_function("frame", |bench| {
        bench.iter(|| frame::decode(black_box(&bytes[..framed]), frame::MAX_BODY).is_ok());
    });
    group.finish();
}

criterion_group!(codec, decode, encode, small);
criterion_main!(codec);
