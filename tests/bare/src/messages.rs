//! Every message and enum of the schema.

use eyelet_codec::runtime::Scalar;
use eyelet_codec::{
    Cancel, Coverage, Credit, DetectionResult, DetectionTask, EventKind, EventSource, Fault,
    FaultCode, FieldNote, Finding, FindingKind, GoAway, HashCheck, HashResult, Hello, Limits,
    Message, MessageError, NoteKind, Packet, Ping, ProcessEvent, ProcessFilter, ProcessRecord,
    Role, TaskType,
};

/// One message decoded in both ways, and one encoded.
type Handled<M> = (Result<M, MessageError>, Result<M, MessageError>, Result<usize, MessageError>);

/// An enum's name, and its number there and back.
type Named<E> = (Option<&'static str>, Option<E>, u64);

#[unsafe(no_mangle)]
pub fn detection_task<'a>(
    bytes: &'a [u8],
    limits: &Limits,
    message: &DetectionTask<'_>,
    buf: &mut [u8],
) -> Handled<DetectionTask<'a>> {
    (
        <DetectionTask<'_> as Message>::decode(bytes),
        <DetectionTask<'_> as Message>::decode_with(bytes, limits),
        <DetectionTask<'_> as Message>::encode(message, buf),
    )
}

#[unsafe(no_mangle)]
pub fn detection_result<'a>(
    bytes: &'a [u8],
    limits: &Limits,
    message: &DetectionResult<'_>,
    buf: &mut [u8],
) -> Handled<DetectionResult<'a>> {
    (
        <DetectionResult<'_> as Message>::decode(bytes),
        <DetectionResult<'_> as Message>::decode_with(bytes, limits),
        <DetectionResult<'_> as Message>::encode(message, buf),
    )
}

#[unsafe(no_mangle)]
pub fn process_record<'a>(
    bytes: &'a [u8],
    limits: &Limits,
    message: &ProcessRecord<'_>,
    buf: &mut [u8],
) -> Handled<ProcessRecord<'a>> {
    (
        <ProcessRecord<'_> as Message>::decode(bytes),
        <ProcessRecord<'_> as Message>::decode_with(bytes, limits),
        <ProcessRecord<'_> as Message>::encode(message, buf),
    )
}

#[unsafe(no_mangle)]
pub fn field_note(
    bytes: &[u8],
    limits: &Limits,
    message: &FieldNote,
    buf: &mut [u8],
) -> Handled<FieldNote> {
    (
        <FieldNote as Message>::decode(bytes),
        <FieldNote as Message>::decode_with(bytes, limits),
        <FieldNote as Message>::encode(message, buf),
    )
}

#[unsafe(no_mangle)]
pub fn process_filter<'a>(
    bytes: &'a [u8],
    limits: &Limits,
    message: &ProcessFilter<'_>,
    buf: &mut [u8],
) -> Handled<ProcessFilter<'a>> {
    (
        <ProcessFilter<'_> as Message>::decode(bytes),
        <ProcessFilter<'_> as Message>::decode_with(bytes, limits),
        <ProcessFilter<'_> as Message>::encode(message, buf),
    )
}

#[unsafe(no_mangle)]
pub fn hash_check<'a>(
    bytes: &'a [u8],
    limits: &Limits,
    message: &HashCheck<'_>,
    buf: &mut [u8],
) -> Handled<HashCheck<'a>> {
    (
        <HashCheck<'_> as Message>::decode(bytes),
        <HashCheck<'_> as Message>::decode_with(bytes, limits),
        <HashCheck<'_> as Message>::encode(message, buf),
    )
}

#[unsafe(no_mangle)]
pub fn hash_result<'a>(
    bytes: &'a [u8],
    limits: &Limits,
    message: &HashResult<'_>,
    buf: &mut [u8],
) -> Handled<HashResult<'a>> {
    (
        <HashResult<'_> as Message>::decode(bytes),
        <HashResult<'_> as Message>::decode_with(bytes, limits),
        <HashResult<'_> as Message>::encode(message, buf),
    )
}

#[unsafe(no_mangle)]
pub fn process_event<'a>(
    bytes: &'a [u8],
    limits: &Limits,
    message: &ProcessEvent<'_>,
    buf: &mut [u8],
) -> Handled<ProcessEvent<'a>> {
    (
        <ProcessEvent<'_> as Message>::decode(bytes),
        <ProcessEvent<'_> as Message>::decode_with(bytes, limits),
        <ProcessEvent<'_> as Message>::encode(message, buf),
    )
}

#[unsafe(no_mangle)]
pub fn coverage(
    bytes: &[u8],
    limits: &Limits,
    message: &Coverage,
    buf: &mut [u8],
) -> Handled<Coverage> {
    (
        <Coverage as Message>::decode(bytes),
        <Coverage as Message>::decode_with(bytes, limits),
        <Coverage as Message>::encode(message, buf),
    )
}

#[unsafe(no_mangle)]
pub fn finding<'a>(
    bytes: &'a [u8],
    limits: &Limits,
    message: &Finding<'_>,
    buf: &mut [u8],
) -> Handled<Finding<'a>> {
    (
        <Finding<'_> as Message>::decode(bytes),
        <Finding<'_> as Message>::decode_with(bytes, limits),
        <Finding<'_> as Message>::encode(message, buf),
    )
}

#[unsafe(no_mangle)]
pub fn packet<'a>(
    bytes: &'a [u8],
    limits: &Limits,
    message: &Packet<'_>,
    buf: &mut [u8],
) -> Handled<Packet<'a>> {
    (
        <Packet<'_> as Message>::decode(bytes),
        <Packet<'_> as Message>::decode_with(bytes, limits),
        <Packet<'_> as Message>::encode(message, buf),
    )
}

#[unsafe(no_mangle)]
pub fn hello<'a>(
    bytes: &'a [u8],
    limits: &Limits,
    message: &Hello<'_>,
    buf: &mut [u8],
) -> Handled<Hello<'a>> {
    (
        <Hello<'_> as Message>::decode(bytes),
        <Hello<'_> as Message>::decode_with(bytes, limits),
        <Hello<'_> as Message>::encode(message, buf),
    )
}

#[unsafe(no_mangle)]
pub fn fault<'a>(
    bytes: &'a [u8],
    limits: &Limits,
    message: &Fault<'_>,
    buf: &mut [u8],
) -> Handled<Fault<'a>> {
    (
        <Fault<'_> as Message>::decode(bytes),
        <Fault<'_> as Message>::decode_with(bytes, limits),
        <Fault<'_> as Message>::encode(message, buf),
    )
}

#[unsafe(no_mangle)]
pub fn credit(bytes: &[u8], limits: &Limits, message: &Credit, buf: &mut [u8]) -> Handled<Credit> {
    (
        <Credit as Message>::decode(bytes),
        <Credit as Message>::decode_with(bytes, limits),
        <Credit as Message>::encode(message, buf),
    )
}

#[unsafe(no_mangle)]
pub fn cancel(bytes: &[u8], limits: &Limits, message: &Cancel, buf: &mut [u8]) -> Handled<Cancel> {
    (
        <Cancel as Message>::decode(bytes),
        <Cancel as Message>::decode_with(bytes, limits),
        <Cancel as Message>::encode(message, buf),
    )
}

#[unsafe(no_mangle)]
pub fn ping(bytes: &[u8], limits: &Limits, message: &Ping, buf: &mut [u8]) -> Handled<Ping> {
    (
        <Ping as Message>::decode(bytes),
        <Ping as Message>::decode_with(bytes, limits),
        <Ping as Message>::encode(message, buf),
    )
}

#[unsafe(no_mangle)]
pub fn go_away<'a>(
    bytes: &'a [u8],
    limits: &Limits,
    message: &GoAway<'_>,
    buf: &mut [u8],
) -> Handled<GoAway<'a>> {
    (
        <GoAway<'_> as Message>::decode(bytes),
        <GoAway<'_> as Message>::decode_with(bytes, limits),
        <GoAway<'_> as Message>::encode(message, buf),
    )
}

#[unsafe(no_mangle)]
pub fn note_kind(value: NoteKind, raw: u64) -> Named<NoteKind> {
    (
        NoteKind::name(value),
        <NoteKind as Scalar>::from_wire(raw),
        <NoteKind as Scalar>::to_wire(value),
    )
}

#[unsafe(no_mangle)]
pub fn task_type(value: TaskType, raw: u64) -> Named<TaskType> {
    (
        TaskType::name(value),
        <TaskType as Scalar>::from_wire(raw),
        <TaskType as Scalar>::to_wire(value),
    )
}

#[unsafe(no_mangle)]
pub fn event_kind(value: EventKind, raw: u64) -> Named<EventKind> {
    (
        EventKind::name(value),
        <EventKind as Scalar>::from_wire(raw),
        <EventKind as Scalar>::to_wire(value),
    )
}

#[unsafe(no_mangle)]
pub fn event_source(value: EventSource, raw: u64) -> Named<EventSource> {
    (
        EventSource::name(value),
        <EventSource as Scalar>::from_wire(raw),
        <EventSource as Scalar>::to_wire(value),
    )
}

#[unsafe(no_mangle)]
pub fn finding_kind(value: FindingKind, raw: u64) -> Named<FindingKind> {
    (
        FindingKind::name(value),
        <FindingKind as Scalar>::from_wire(raw),
        <FindingKind as Scalar>::to_wire(value),
    )
}

#[unsafe(no_mangle)]
pub fn fault_code(value: FaultCode, raw: u64) -> Named<FaultCode> {
    (
        FaultCode::name(value),
        <FaultCode as Scalar>::from_wire(raw),
        <FaultCode as Scalar>::to_wire(value),
    )
}

#[unsafe(no_mangle)]
pub fn role(value: Role, raw: u64) -> Named<Role> {
    (Role::name(value), <Role as Scalar>::from_wire(raw), <Role as Scalar>::to_wire(value))
}
