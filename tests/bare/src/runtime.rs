//! What generated code calls; the messages of this crate's schema stand for those of any other.

use core::fmt::{self, Display, Formatter};
use core::ops::ControlFlow;

use eyelet_codec::runtime::{
    self, Descriptor, Encoding, ErrorClass, ErrorKind, Field, Iter, Limits, MessageError, Reader,
    Repeated, Scalar, Slots, Step, Tally, Wire, Writer,
};
use eyelet_codec::{Coverage, DetectionTask, FieldNote, Hello};

#[unsafe(no_mangle)]
pub fn message_error(
    error: &MessageError,
    f: &mut Formatter<'_>,
) -> (&'static str, u32, Option<&'static str>, ErrorKind, u64, u64, ErrorClass, fmt::Result) {
    (
        MessageError::message(error),
        MessageError::field(error),
        MessageError::field_name(error),
        MessageError::kind(error),
        MessageError::limit(error),
        MessageError::seen(error),
        MessageError::class(error),
        <MessageError as Display>::fmt(error, f),
    )
}

#[unsafe(no_mangle)]
pub fn error_kind(kind: ErrorKind) -> ErrorClass {
    ErrorKind::class(kind)
}

#[unsafe(no_mangle)]
pub fn descriptor(message: &Descriptor, number: u32) -> Option<&'static Field> {
    Descriptor::field(message, number)
}

#[unsafe(no_mangle)]
pub fn field(number: u32, name: &'static str) -> Field {
    Field::new(number, name)
}

#[unsafe(no_mangle)]
pub fn limits(limits: &Limits) -> Limits {
    Limits::lowered(&<Limits as Default>::default(), limits)
}

#[unsafe(no_mangle)]
pub fn utf8(bytes: &[u8]) -> (Option<&str>, Option<&str>) {
    (runtime::utf8::check(bytes), runtime::utf8::portable(bytes))
}

#[unsafe(no_mangle)]
pub fn decode_by(
    bytes: &[u8],
    limits: &Limits,
    read: fn(&mut Reader<'_, '_>) -> Step<()>,
) -> Result<(), MessageError> {
    runtime::decode_by::<DetectionTask>(bytes, limits, read)
}

#[unsafe(no_mangle)]
pub fn reader_fields<'a>(
    reader: &mut Reader<'a, '_>,
    field: &Field,
    encoding: Encoding,
    empty: bool,
) -> Step<(u32, f32, bool, &'a str, &'a [u8])> {
    if Reader::field(reader)?.is_none() {
        Reader::skip(reader)?;
    }
    Reader::once(reader, empty)?;
    Reader::opaque(reader, empty)?;
    Reader::require(reader, field, empty)?;
    let numbers = (Reader::scalar(reader, encoding)?, Reader::scalar(reader, encoding)?);
    let truth = Reader::scalar(reader, encoding)?;
    Ok((numbers.0, numbers.1, truth, Reader::text(reader, field)?, Reader::bytes(reader, field)?))
}

#[unsafe(no_mangle)]
pub fn reader_messages<'a>(
    reader: &mut Reader<'a, '_>,
    field: &Field,
    tally: &mut Tally,
    before: &Option<Coverage>,
) -> Step<(Coverage, Hello<'a>, FieldNote)> {
    Ok((
        Reader::message(reader, before)?,
        Reader::nested(reader)?,
        Reader::item_message(reader, field, tally)?,
    ))
}

#[unsafe(no_mangle)]
pub fn reader_each<'a>(
    reader: &mut Reader<'a, '_>,
    field: &Field,
    tally: &mut Tally,
    see: fn(&Hello<'a>) -> ControlFlow<()>,
) -> Step<()> {
    Reader::each(reader, field, tally, see)
}

#[unsafe(no_mangle)]
pub fn reader_each_kept<'a>(
    reader: &mut Reader<'a, '_>,
    field: &Field,
    tally: &mut Tally,
    slots: Slots<'_, Hello<'a>>,
) -> Step<()> {
    Reader::each_kept(reader, field, tally, slots)
}

#[unsafe(no_mangle)]
pub fn reader_repeated<'a>(
    reader: &mut Reader<'a, '_>,
    field: &Field,
    tally: &mut Tally,
    encoding: Encoding,
) -> Step<(Repeated<'a, &'a str>, Repeated<'a, &'a [u8]>, Repeated<'a, i64>, Repeated<'a, f64>)> {
    Ok((
        Reader::texts(reader, field, tally)?,
        Reader::byte_strings(reader, field, tally)?,
        Reader::scalars(reader, field, tally, encoding)?,
        Reader::so_far(reader, tally, encoding),
    ))
}

#[unsafe(no_mangle)]
pub fn reader_stop(reader: &mut Reader<'_, '_>) -> Step<()> {
    Reader::stop(reader)
}

#[unsafe(no_mangle)]
pub fn repeated_new<'a>(
    numbers: &'a [u32],
    many: &'a [u32; 5],
    text: &'a str,
    bytes: &'a [u8],
) -> [(Repeated<'a, u32>, Repeated<'a, &'a str>, Repeated<'a, &'a [u8]>); 4] {
    let texts = Repeated::nul_terminated(text);
    let strings = Repeated::nul_terminated_bytes(bytes);
    [
        Repeated::new(numbers),
        <Repeated<'_, u32> as From<&[u32]>>::from(numbers),
        <Repeated<'_, u32> as From<&[u32; 5]>>::from(many),
        <Repeated<'_, u32> as Default>::default(),
    ]
    .map(|numbers| (numbers, texts, strings))
}

#[unsafe(no_mangle)]
pub fn repeated_read<'a>(
    texts: Repeated<'a, &'a str>,
    strings: Repeated<'a, &'a [u8]>,
    messages: Repeated<'a, FieldNote>,
    numbers: Repeated<'a, bool>,
) -> (bool, bool, usize, bool, Iter<'a, FieldNote>, Iter<'a, bool>) {
    (
        Repeated::is_empty(texts),
        Repeated::as_slice(&numbers).is_some(),
        Repeated::count(strings),
        <Repeated<'_, &str> as PartialEq>::eq(&texts, &texts),
        Repeated::iter(messages),
        <Repeated<'_, bool> as IntoIterator>::into_iter(numbers),
    )
}

#[unsafe(no_mangle)]
pub fn iter<'a>(
    texts: &mut Iter<'a, &'a str>,
    strings: &mut Iter<'a, &'a [u8]>,
    messages: &mut Iter<'a, Hello<'a>>,
    numbers: &mut Iter<'a, i32>,
) -> (Option<&'a str>, Option<&'a [u8]>, Option<Hello<'a>>, Option<i32>) {
    (
        <Iter<'_, &str> as Iterator>::next(texts),
        <Iter<'_, &[u8]> as Iterator>::next(strings),
        <Iter<'_, Hello<'_>> as Iterator>::next(messages),
        <Iter<'_, i32> as Iterator>::next(numbers),
    )
}

#[unsafe(no_mangle)]
pub fn wire<'a>(wire: &mut Wire<'a>) -> (Option<&'a [u8]>, Option<u64>, Option<f32>) {
    (Wire::delimited(wire), Wire::scalar(wire), Wire::scalar(wire))
}

#[unsafe(no_mangle)]
pub fn scalars_from_wire(
    raw: u64,
) -> (Option<bool>, Option<u32>, Option<u64>, Option<i32>, Option<i64>, Option<f32>, Option<f64>) {
    (
        <bool as Scalar>::from_wire(raw),
        <u32 as Scalar>::from_wire(raw),
        <u64 as Scalar>::from_wire(raw),
        <i32 as Scalar>::from_wire(raw),
        <i64 as Scalar>::from_wire(raw),
        <f32 as Scalar>::from_wire(raw),
        <f64 as Scalar>::from_wire(raw),
    )
}

#[unsafe(no_mangle)]
pub fn scalars_to_wire(numbers: (bool, u32, u64, i32, i64, f32, f64)) -> [u64; 7] {
    [
        <bool as Scalar>::to_wire(numbers.0),
        <u32 as Scalar>::to_wire(numbers.1),
        <u64 as Scalar>::to_wire(numbers.2),
        <i32 as Scalar>::to_wire(numbers.3),
        <i64 as Scalar>::to_wire(numbers.4),
        <f32 as Scalar>::to_wire(numbers.5),
        <f64 as Scalar>::to_wire(numbers.6),
    ]
}

#[unsafe(no_mangle)]
pub fn writer_ends<'b>(
    buf: &'b mut [u8],
    writer: Writer<'_>,
    step: Step<()>,
) -> (Writer<'b>, Result<usize, MessageError>) {
    (Writer::new::<DetectionTask>(buf), Writer::finish(writer, step))
}
