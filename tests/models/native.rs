//! Arbitrary native values within the schema's limits, and what a collector writes of a process.

use eyelet_codec::models::process::{FieldNote, ProcessFilter, ProcessRecord};
use eyelet_codec::models::result::{Coverage, DetectionResult, Finding, HashResult, ProcessEvent};
use eyelet_codec::models::task::{DetectionTask, HashCheck};
use eyelet_codec::models::time::{Millis, UnixMillis, UnixSeconds};
use eyelet_codec::{EventKind, EventSource, FindingKind, NoteKind, TaskType, proto};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

pub(crate) fn task() -> impl Strategy<Value = DetectionTask> {
    let check = (text(128), text(32), text(4096)).prop_map(
        |(expected_hash, hash_algorithm, executable_path)| HashCheck {
            expected_hash,
            hash_algorithm,
            executable_path,
        },
    );
    let (filter, check) = (option::of(filter()), option::of(check));
    let times = (any::<Option<u32>>(), any::<Option<u32>>());
    (text(128), any::<i32>(), filter, check, option::of(text(1024)), times).prop_map(
        |(task_id, task_type, process_filter, hash_check, metadata, (duration, deadline))| {
            DetectionTask {
                task_id,
                task_type: TaskType(task_type),
                process_filter,
                hash_check,
                metadata,
                duration: duration.map(Millis),
                deadline: deadline.map(Millis),
            }
        },
    )
}

pub(crate) fn result() -> impl Strategy<Value = DetectionResult> {
    let once = (text(128), any::<bool>(), option::of(text(1024)), option::of(hash()));
    let lists = (vec(record(), 0..3), vec(event(), 0..3), vec(finding(), 0..3), vec(hash(), 0..3));
    (once, lists, option::of(coverage())).prop_map(|(once, lists, coverage)| {
        let (task_id, success, error_message, hash_result) = once;
        let (processes, events, findings, hash_results) = lists;
        DetectionResult {
            task_id,
            success,
            error_message,
            processes,
            hash_result,
            events,
            coverage,
            findings,
            hash_results,
        }
    })
}

pub(crate) fn record() -> impl Strategy<Value = ProcessRecord> {
    let bytes = (bytes(255), option::of(bytes(4096)), arguments());
    let texts = (option::of(text(128)), option::of(text(32)), option::of(text(184)), text(96));
    let numbers = (any::<u32>(), any::<Option<u32>>(), any::<Option<i64>>(), any::<Option<u64>>());
    let others = (option::of(number()), any::<i64>(), any::<[bool; 3]>(), vec(note(), 0..=32));
    (bytes, texts, numbers, others).prop_map(|(bytes, texts, numbers, others)| {
        let (name, executable_path, command_line) = bytes;
        let (executable_hash, hash_algorithm, user_id, entity_id) = texts;
        let (pid, parent, start_time, memory_usage) = numbers;
        let (cpu_usage, time, [accessible, file_exists, on_disk_mismatch], notes) = others;
        ProcessRecord {
            pid,
            ppid: parent,
            name,
            executable_path,
            command_line,
            start_time: start_time.map(UnixSeconds),
            cpu_usage,
            memory_usage,
            executable_hash,
            hash_algorithm,
            user_id,
            accessible,
            file_exists,
            collection_time: UnixMillis(time),
            on_disk_mismatch,
            entity_id,
            notes,
        }
    })
}

/// A record as a collector writes it, whose argument list is one run of bytes, each argument ended by
/// a NUL.
pub(crate) fn written() -> impl Strategy<Value = proto::ProcessRecord> {
    record().prop_map(|read| {
        let name = if read.name.is_empty() { "\u{fffd}".into() } else { shown(&read.name, 255) };
        let is_raw = read.name.is_empty() || !is_text(&read.name);
        let arguments = read.command_line.iter().map(|argument| without_nul(argument));
        let arguments = arguments.collect::<Vec<_>>();
        let notes = read.notes.iter();
        proto::ProcessRecord {
            pid: read.pid,
            ppid: read.ppid,
            name,
            executable_path: read.executable_path.as_ref().map(|path| shown(path, 4096)),
            command_line: shown_arguments(&arguments),
            start_time: read.start_time.map(|time| time.0),
            cpu_usage: read.cpu_usage,
            memory_usage: read.memory_usage,
            executable_hash: read.executable_hash,
            hash_algorithm: read.hash_algorithm,
            user_id: read.user_id,
            accessible: read.accessible,
            file_exists: read.file_exists,
            collection_time: read.collection_time.0,
            on_disk_mismatch: read.on_disk_mismatch,
            entity_id: read.entity_id,
            name_raw: is_raw.then_some(read.name),
            executable_path_raw: read.executable_path.filter(|path| !is_text(path)),
            command_line_raw: if is_text(&arguments.concat()) { vec![] } else { arguments },
            notes: notes.map(|n| proto::FieldNote { field: n.field, kind: n.kind.0 }).collect(),
        }
    })
}

fn shown(bytes: &[u8], max: usize) -> String {
    let mut shown = String::new();
    for character in String::from_utf8_lossy(bytes).chars() {
        if shown.len() + character.len_utf8() > max {
            break;
        }
        shown.push(character);
    }
    shown
}

fn shown_arguments(arguments: &[Vec<u8>]) -> Vec<String> {
    let run = arguments.iter().flat_map(|argument| [&argument[..], b"\0"].concat());
    let (mut shown, mut room, mut count) = (String::new(), 20_480, 1024);
    for character in String::from_utf8_lossy(&run.collect::<Vec<_>>()).chars() {
        let len = if character == '\0' { 0 } else { character.len_utf8() };
        if len > room || count == 0 {
            break;
        }
        (room, count) = (room - len, count - usize::from(character == '\0'));
        shown.push(character);
    }
    shown.split_terminator('\0').map(String::from).collect()
}

fn is_text(bytes: &[u8]) -> bool {
    str::from_utf8(bytes).is_ok()
}

fn without_nul(argument: &[u8]) -> Vec<u8> {
    argument.iter().copied().filter(|&byte| byte != 0).collect()
}

fn filter() -> impl Strategy<Value = ProcessFilter> {
    (vec(text(60), 0..=256), vec(any::<u32>(), 0..=1024), option::of(text(4096))).prop_map(
        |(process_names, pids, executable_pattern)| ProcessFilter {
            process_names,
            pids,
            executable_pattern,
        },
    )
}

fn event() -> impl Strategy<Value = ProcessEvent> {
    let process = option::of(record());
    (any::<i32>(), any::<i64>(), process, any::<Option<i32>>(), any::<Option<u32>>()).prop_map(
        |(kind, time, process, exit_code, signal)| ProcessEvent {
            kind: EventKind(kind),
            time: UnixMillis(time),
            process,
            exit_code,
            signal,
        },
    )
}

fn hash() -> impl Strategy<Value = HashResult> {
    let texts = (text(128), text(32), text(4096), option::of(text(1024)));
    let numbers = (any::<Option<bool>>(), any::<Option<u32>>(), any::<Option<u64>>());
    (texts, any::<[bool; 2]>(), numbers).prop_map(|(texts, [success, changed_while_read], n)| {
        let (hash_value, algorithm, file_path, error_message) = texts;
        let (matched, pid, size) = n;
        HashResult {
            hash_value,
            algorithm,
            file_path,
            success,
            error_message,
            matched,
            pid,
            size,
            changed_while_read,
        }
    })
}

fn coverage() -> impl Strategy<Value = Coverage> {
    (any::<[u64; 7]>(), any::<i32>(), any::<u32>()).prop_map(|(counts, source, interval)| {
        let [seen, matched, denied, vanished, cut, left_out, events_dropped] = counts;
        Coverage {
            seen,
            matched,
            denied,
            vanished,
            cut,
            left_out,
            events_dropped,
            source: EventSource(source),
            poll_interval: Millis(interval),
        }
    })
}

fn finding() -> impl Strategy<Value = Finding> {
    let texts = (text(4096), option::of(text(1024)), option::of(text(1024)), text(1024));
    (any::<i32>(), any::<Option<u32>>(), texts).prop_map(|(kind, pid, texts)| {
        let (path, expected, actual, detail) = texts;
        Finding { kind: FindingKind(kind), pid, path, expected, actual, detail }
    })
}

fn note() -> impl Strategy<Value = FieldNote> {
    let kind = prop_oneof![0..=8, any::<i32>()];
    (any::<u32>(), kind).prop_map(|(field, kind)| FieldNote { field, kind: NoteKind(kind) })
}

/// Any but NaN, which is not equal to itself.
fn number() -> impl Strategy<Value = f64> {
    let any_bits = any::<u64>().prop_map(f64::from_bits);
    any_bits.prop_map(|number| if number.is_nan() { f64::NEG_INFINITY } else { number })
}

fn arguments() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop_oneof![
        8 => vec(bytes(60), 0..8),
        1 => Just(vec![vec![]; 1024]),
        1 => (1..=1024usize).prop_map(|count| vec![vec![0xff; 20_480 / count]; count]),
        1 => (0..=20_480usize).prop_map(|len| vec![vec![b'a'; len], vec![0xe2; 20_480 - len]]),
    ]
}

fn bytes(max: usize) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => text(max).prop_map(String::into_bytes),
        2 => vec(any::<u8>(), 0..=max.min(24)),
        1 => (0..=max).prop_map(|len| vec![0xff; len]),
        1 => (0..=max).prop_map(move |len| [vec![b'a'; len], vec![0xe2; max - len]].concat()),
    ]
}

fn text(max: usize) -> impl Strategy<Value = String> {
    prop_oneof![
        4 => vec(any::<char>(), 0..=(max / 4).min(12)).prop_map(String::from_iter),
        1 => (0..=max).prop_map(|len| "a".repeat(len)),
    ]
}
