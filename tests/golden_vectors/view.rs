//! Owned messages as borrowed ones with plain slices, as a program that fills them would have them.

use eyelet_codec::proto::packet::Body;
use eyelet_codec::{
    Cancel, Coverage, Credit, DetectionResult, DetectionTask, EventKind, EventSource, Fault,
    FaultCode, FieldNote, Finding, FindingKind, GoAway, HashCheck, HashResult, Hello, Message,
    NoteKind, Packet, PacketBody, Ping, ProcessEvent, ProcessFilter, ProcessRecord, Repeated, Role,
    TaskType, proto,
};

/// Memory is not given back: a test is short, and a borrowed message with lists of borrowed messages
/// has no single owner.
pub(crate) trait View: Sized + 'static {
    type Borrowed: Message<'static>;

    fn view(&'static self) -> Self::Borrowed;

    fn leaked(self) -> Self::Borrowed {
        Box::leak(Box::new(self)).view()
    }
}

fn all<O: View>(owned: &'static [O]) -> Repeated<'static, O::Borrowed> {
    Repeated::new(owned.iter().map(View::view).collect::<Vec<_>>().leak())
}

fn texts(owned: &'static [String]) -> Repeated<'static, &'static str> {
    Repeated::new(owned.iter().map(String::as_str).collect::<Vec<_>>().leak())
}

fn byte_strings(owned: &'static [Vec<u8>]) -> Repeated<'static, &'static [u8]> {
    Repeated::new(owned.iter().map(Vec::as_slice).collect::<Vec<_>>().leak())
}

fn encoded(message: &impl Message<'static>, len: usize) -> &'static [u8] {
    let mut buf = vec![0xa5; len];
    let len = message.encode(&mut buf).unwrap();
    buf.truncate(len);
    buf.leak()
}

macro_rules! view {
    ($($name:ident$(<$life:lifetime>)?, $message:ident => { $($field:ident: $value:expr),* $(,)? };)*) => {$(
        impl View for proto::$name {
            type Borrowed = $name$(<$life>)?;

            fn view(&'static self) -> Self::Borrowed {
                let $message = self;
                $name { $($field: $value),* }
            }
        }
    )*};
}

view! {
    DetectionTask<'static>, it => {
        task_id: &it.task_id,
        task_type: TaskType(it.task_type),
        process_filter: it.process_filter.as_ref().map(View::view),
        hash_check: it.hash_check.as_ref().map(View::view),
        metadata: it.metadata.as_deref(),
        duration_ms: it.duration_ms,
        deadline_ms: it.deadline_ms,
    };
    DetectionResult<'static>, it => {
        task_id: &it.task_id,
        success: it.success,
        error_message: it.error_message.as_deref(),
        processes: all(&it.processes),
        hash_result: it.hash_result.as_ref().map(View::view),
        events: all(&it.events),
        coverage: it.coverage.as_ref().map(View::view),
        findings: all(&it.findings),
        hash_results: all(&it.hash_results),
    };
    ProcessRecord<'static>, it => {
        pid: it.pid,
        ppid: it.ppid,
        name: &it.name,
        executable_path: it.executable_path.as_deref(),
        command_line: texts(&it.command_line),
        start_time: it.start_time,
        cpu_usage: it.cpu_usage,
        memory_usage: it.memory_usage,
        executable_hash: it.executable_hash.as_deref(),
        hash_algorithm: it.hash_algorithm.as_deref(),
        user_id: it.user_id.as_deref(),
        accessible: it.accessible,
        file_exists: it.file_exists,
        collection_time: it.collection_time,
        on_disk_mismatch: it.on_disk_mismatch,
        entity_id: &it.entity_id,
        name_raw: it.name_raw.as_deref(),
        executable_path_raw: it.executable_path_raw.as_deref(),
        command_line_raw: byte_strings(&it.command_line_raw),
        notes: all(&it.notes),
    };
    FieldNote, it => { field: it.field, kind: NoteKind(it.kind) };
    ProcessFilter<'static>, it => {
        process_names: texts(&it.process_names),
        pids: Repeated::new(&it.pids),
        executable_pattern: it.executable_pattern.as_deref(),
    };
    HashCheck<'static>, it => {
        expected_hash: &it.expected_hash,
        hash_algorithm: &it.hash_algorithm,
        executable_path: &it.executable_path,
    };
    HashResult<'static>, it => {
        hash_value: &it.hash_value,
        algorithm: &it.algorithm,
        file_path: &it.file_path,
        success: it.success,
        error_message: it.error_message.as_deref(),
        matched: it.matched,
        pid: it.pid,
        size: it.size,
        changed_while_read: it.changed_while_read,
    };
    ProcessEvent<'static>, it => {
        kind: EventKind(it.kind),
        time: it.time,
        process: it.process.as_ref().map(View::view),
        exit_code: it.exit_code,
        signal: it.signal,
    };
    Coverage, it => {
        seen: it.seen,
        matched: it.matched,
        denied: it.denied,
        vanished: it.vanished,
        cut: it.cut,
        left_out: it.left_out,
        events_dropped: it.events_dropped,
        source: EventSource(it.source),
        poll_interval_ms: it.poll_interval_ms,
    };
    Finding<'static>, it => {
        kind: FindingKind(it.kind),
        pid: it.pid,
        path: &it.path,
        expected: it.expected.as_deref(),
        actual: it.actual.as_deref(),
        detail: &it.detail,
    };
    Packet<'static>, it => {
        stream: it.stream,
        more: it.more,
        body: it.body.as_ref().map(body),
    };
    Hello<'static>, it => {
        version_min: it.version_min,
        version_max: it.version_max,
        max_frame: it.max_frame,
        max_streams: it.max_streams,
        credit: it.credit,
        software: &it.software,
        tasks: Repeated::new(it.tasks.iter().copied().map(TaskType).collect::<Vec<_>>().leak()),
        role: Role(it.role),
    };
    Fault<'static>, it => {
        code: FaultCode(it.code),
        message: &it.message,
        field: it.field.as_deref(),
        limit: it.limit,
        seen: it.seen,
    };
    Credit, it => { total: it.total };
    Cancel, _it => {};
    Ping, it => { nonce: it.nonce };
    GoAway<'static>, it => { reason: &it.reason, last_stream: it.last_stream };
}

fn body(body: &'static Body) -> PacketBody<'static> {
    match body {
        Body::Hello(hello) => PacketBody::Hello(hello.view()),
        Body::Task(task) => PacketBody::Task(encoded(&task.view(), DetectionTask::MAX_ENCODED_LEN)),
        Body::Result(result) => {
            PacketBody::Result(encoded(&result.view(), DetectionResult::MAX_ENCODED_LEN))
        }
        Body::Fault(fault) => PacketBody::Fault(fault.view()),
        Body::Credit(credit) => PacketBody::Credit(credit.view()),
        Body::Cancel(cancel) => PacketBody::Cancel(cancel.view()),
        Body::Ping(ping) => PacketBody::Ping(ping.view()),
        Body::Pong(ping) => PacketBody::Pong(ping.view()),
        Body::GoAway(go_away) => PacketBody::GoAway(go_away.view()),
    }
}
