use eyelet_codec::{
    Cancel, Coverage, Credit, DetectionResult, DetectionTask, EventKind, EventSource, Fault,
    FaultCode, FieldNote, Finding, FindingKind, GoAway, HashCheck, HashResult, Hello, NoteKind,
    Packet, PacketBody, Ping, ProcessEvent, ProcessFilter, ProcessRecord, Repeated, Role, TaskType,
};

use super::source::Source;

/// Made of bytes.
pub(super) trait Make<'a>: Sized {
    fn make(from: &mut Source<'a>) -> Self;
}

/// A message whose fields are all of types that can be made.
macro_rules! messages {
    ($($name:ty { $($field:ident),* })*) => {
        $(impl<'a> Make<'a> for $name {
            fn make(from: &mut Source<'a>) -> Self {
                Self { $($field: from.value()),* }
            }
        })*
    };
}

messages! {
    DetectionTask<'a> {
        task_id, task_type, process_filter, hash_check, metadata, duration_ms, deadline_ms
    }
    DetectionResult<'a> {
        task_id, success, error_message, processes, hash_result, events, coverage, findings,
        hash_results
    }
    ProcessRecord<'a> {
        pid, ppid, name, executable_path, command_line, start_time, cpu_usage, memory_usage,
        executable_hash, hash_algorithm, user_id, accessible, file_exists, collection_time,
        on_disk_mismatch, entity_id, name_raw, executable_path_raw, command_line_raw, notes
    }
    FieldNote { field, kind }
    ProcessFilter<'a> { process_names, pids, executable_pattern }
    HashCheck<'a> { expected_hash, hash_algorithm, executable_path }
    HashResult<'a> {
        hash_value, algorithm, file_path, success, error_message, matched, pid, size,
        changed_while_read
    }
    ProcessEvent<'a> { kind, time, process, exit_code, signal }
    Coverage {
        seen, matched, denied, vanished, cut, left_out, events_dropped, source, poll_interval_ms
    }
    Finding<'a> { kind, pid, path, expected, actual, detail }
    Hello<'a> {
        version_min, version_max, max_frame, max_streams, credit, software, tasks, role
    }
    Fault<'a> { code, message, field, limit, seen }
    Credit { total }
    Ping { nonce }
    GoAway<'a> { reason, last_stream }
    Packet<'a> { stream, more, body }
}

impl Make<'_> for Cancel {
    fn make(_: &mut Source<'_>) -> Self {
        Self {}
    }
}

impl<'a> Make<'a> for PacketBody<'a> {
    fn make(from: &mut Source<'a>) -> Self {
        match from.byte() % 9 {
            0 => Self::Hello(from.value()),
            1 => Self::Task(from.encoded::<DetectionTask<'a>>()),
            2 => Self::Result(from.encoded::<DetectionResult<'a>>()),
            3 => Self::Fault(from.value()),
            4 => Self::Credit(from.value()),
            5 => Self::Cancel(from.value()),
            6 => Self::Ping(from.value()),
            7 => Self::Pong(from.value()),
            _ => Self::GoAway(from.value()),
        }
    }
}

/// Numbers are made of as many bits as they have.
macro_rules! numbers {
    ($($name:ty: $bits:ident => $number:expr),* $(,)?) => {
        $(impl Make<'_> for $name {
            fn make(from: &mut Source<'_>) -> Self {
                let $bits = from.number();
                $number
            }
        })*
    };
}

numbers! {
    u32: bits => bits as u32,
    i32: bits => (bits as u32).cast_signed(),
    i64: bits => bits.cast_signed(),
    TaskType: bits => TaskType((bits as u32).cast_signed()),
    NoteKind: bits => NoteKind((bits as u32).cast_signed()),
    EventKind: bits => EventKind((bits as u32).cast_signed()),
    EventSource: bits => EventSource((bits as u32).cast_signed()),
    FindingKind: bits => FindingKind((bits as u32).cast_signed()),
    FaultCode: bits => FaultCode((bits as u32).cast_signed()),
    Role: bits => Role((bits as u32).cast_signed()),
}

impl Make<'_> for u64 {
    fn make(from: &mut Source<'_>) -> Self {
        from.number()
    }
}

impl Make<'_> for f64 {
    fn make(from: &mut Source<'_>) -> Self {
        Self::from_bits(from.number())
    }
}

impl Make<'_> for bool {
    fn make(from: &mut Source<'_>) -> Self {
        from.flag()
    }
}

impl<'a> Make<'a> for &'a str {
    fn make(from: &mut Source<'a>) -> Self {
        from.text()
    }
}

impl<'a> Make<'a> for &'a [u8] {
    fn make(from: &mut Source<'a>) -> Self {
        from.bytes()
    }
}

impl<'a, T: Make<'a>> Make<'a> for Option<T> {
    fn make(from: &mut Source<'a>) -> Self {
        from.flag().then(|| from.value())
    }
}

/// Elements one by one.
macro_rules! lists {
    ($($element:ty),* $(,)?) => {
        $(impl<'a> Make<'a> for Repeated<'a, $element> {
            fn make(from: &mut Source<'a>) -> Self {
                Self::new(from.slice())
            }
        })*
    };
}

lists![u32, TaskType, FieldNote, ProcessRecord<'a>, ProcessEvent<'a>, Finding<'a>, HashResult<'a>];

/// Or with a NUL behind each, as a kernel gives them.
impl<'a> Make<'a> for Repeated<'a, &'a str> {
    fn make(from: &mut Source<'a>) -> Self {
        if from.flag() { Self::nul_terminated(from.text()) } else { Self::new(from.slice()) }
    }
}

impl<'a> Make<'a> for Repeated<'a, &'a [u8]> {
    fn make(from: &mut Source<'a>) -> Self {
        if from.flag() { Self::nul_terminated_bytes(from.bytes()) } else { Self::new(from.slice()) }
    }
}
