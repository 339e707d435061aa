//! What generated code calls in the fast lane, and what tells the lanes apart.

use eyelet_codec::runtime::{
    self, Encoding, FastReader, FastWriter, Field, Repeated, Run, Step, WriteFields, Writer,
};
use eyelet_codec::{
    Coverage, DetectionTask, FieldNote, Hello, Limits, MessageError, NoteKind, ProcessEvent,
    ProcessRecord,
};

#[unsafe(no_mangle)]
pub fn decode<'a>(
    bytes: &'a [u8],
    limits: &Limits,
) -> (Option<DetectionTask<'a>>, Result<DetectionTask<'a>, MessageError>) {
    (runtime::decode_fast(bytes, limits), runtime::decode_careful(bytes, limits))
}

#[unsafe(no_mangle)]
pub fn encode(
    record: &ProcessRecord<'_>,
    field: &Field,
    buf: &mut [u8],
) -> (Option<usize>, Result<usize, MessageError>, Result<usize, MessageError>) {
    (
        runtime::encode_fast(record, buf),
        runtime::encode_careful(record, buf),
        runtime::encode_field::<ProcessEvent<'_>, _>(field, record, buf),
    )
}

#[unsafe(no_mangle)]
pub fn fast_reader_fields<'a>(
    fast: &mut FastReader<'a, '_>,
    field: &Field,
    encoding: Encoding,
) -> Step<(Option<u32>, Option<f32>, Option<bool>, Option<&'a str>, [Option<&'a [u8]>; 2])> {
    FastReader::refuse(fast, FastReader::has_long_key(fast))?;
    let numbers =
        (FastReader::scalar(fast, field, encoding)?, FastReader::scalar(fast, field, encoding)?);
    let truth = FastReader::scalar(fast, field, encoding)?;
    let bytes = [FastReader::bytes(fast, field)?, FastReader::opaque(fast, field)?];
    Ok((numbers.0, numbers.1, truth, FastReader::text(fast, field)?, bytes))
}

#[unsafe(no_mangle)]
pub fn fast_reader_run<'a>(
    fast: &mut FastReader<'a, '_>,
    one: &Field,
    many: &Field,
) -> Step<(Option<&'a str>, Repeated<'a, &'a str>)> {
    let start = FastReader::run(fast);
    let (span, spans) = (FastReader::span(fast, one)?, FastReader::spans(fast, many)?);
    let mut run = FastReader::texts(fast, start)?;
    Ok((Run::text(&mut run, span)?, Run::texts(&mut run, spans)?))
}

#[unsafe(no_mangle)]
pub fn run<'a>(
    run: &mut Run<'a>,
    span: Option<usize>,
    spans: usize,
) -> Step<(Option<&'a str>, Repeated<'a, &'a str>)> {
    Ok((Run::text(run, span)?, Run::texts(run, spans)?))
}

#[unsafe(no_mangle)]
pub fn fast_reader_repeated<'a>(
    fast: &mut FastReader<'a, '_>,
    field: &Field,
    encoding: Encoding,
) -> Step<(Option<Hello<'a>>, Repeated<'a, FieldNote>, Repeated<'a, i64>, Repeated<'a, f64>)> {
    Ok((
        FastReader::message(fast, field)?,
        FastReader::messages(fast, field)?,
        FastReader::scalars(fast, field, encoding)?,
        FastReader::scalars(fast, field, encoding)?,
    ))
}

#[unsafe(no_mangle)]
pub fn writer_fields(
    writer: &mut Writer<'_>,
    field: &Field,
    encoding: Encoding,
    number: u64,
    text: &str,
) -> Step<()> {
    <Writer<'_> as WriteFields>::scalar(writer, field, encoding, number)?;
    <Writer<'_> as WriteFields>::text(writer, field, text)?;
    <Writer<'_> as WriteFields>::bytes(writer, field, text.as_bytes())
}

#[unsafe(no_mangle)]
pub fn writer_repeated<'a>(
    writer: &mut Writer<'_>,
    field: &Field,
    texts: Repeated<'a, &'a str>,
    strings: Repeated<'a, &'a [u8]>,
    numbers: (Encoding, Repeated<'a, f32>),
) -> Step<()> {
    <Writer<'_> as WriteFields>::texts(writer, field, texts)?;
    <Writer<'_> as WriteFields>::byte_strings(writer, field, strings)?;
    <Writer<'_> as WriteFields>::scalars(writer, field, numbers.0, numbers.1)
}

#[unsafe(no_mangle)]
pub fn writer_messages<'a>(
    writer: &mut Writer<'_>,
    field: &Field,
    message: &Hello<'_>,
    all: Repeated<'a, Coverage>,
    notes: Repeated<'a, FieldNote>,
) -> Step<()> {
    <Writer<'_> as WriteFields>::message(writer, field, message)?;
    <Writer<'_> as WriteFields>::messages(writer, field, all)?;
    <Writer<'_> as WriteFields>::notes(writer, field, notes, |field| FieldNote {
        field,
        kind: NoteKind::CUT,
    })
}

#[unsafe(no_mangle)]
pub fn fast_writer_fields(
    writer: &mut FastWriter<'_>,
    field: &Field,
    encoding: Encoding,
    number: u64,
    text: &str,
) -> Step<()> {
    <FastWriter<'_> as WriteFields>::scalar(writer, field, encoding, number)?;
    <FastWriter<'_> as WriteFields>::text(writer, field, text)?;
    <FastWriter<'_> as WriteFields>::bytes(writer, field, text.as_bytes())
}

#[unsafe(no_mangle)]
pub fn fast_writer_repeated<'a>(
    writer: &mut FastWriter<'_>,
    field: &Field,
    texts: Repeated<'a, &'a str>,
    strings: Repeated<'a, &'a [u8]>,
    numbers: (Encoding, Repeated<'a, f32>),
) -> Step<()> {
    <FastWriter<'_> as WriteFields>::texts(writer, field, texts)?;
    <FastWriter<'_> as WriteFields>::byte_strings(writer, field, strings)?;
    <FastWriter<'_> as WriteFields>::scalars(writer, field, numbers.0, numbers.1)
}

#[unsafe(no_mangle)]
pub fn fast_writer_messages<'a>(
    writer: &mut FastWriter<'_>,
    field: &Field,
    message: &Hello<'_>,
    all: Repeated<'a, Coverage>,
    notes: Repeated<'a, FieldNote>,
) -> Step<()> {
    <FastWriter<'_> as WriteFields>::message(writer, field, message)?;
    <FastWriter<'_> as WriteFields>::messages(writer, field, all)?;
    <FastWriter<'_> as WriteFields>::notes(writer, field, notes, |field| FieldNote {
        field,
        kind: NoteKind::CUT,
    })
}
