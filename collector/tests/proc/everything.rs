use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use eyelet::filter::Filter;
use eyelet::proc::Reader;
use eyelet_codec::models::process::ProcessRecord as Native;
use eyelet_codec::{Coverage, Message, NoteKind, ProcessRecord, proto};
use procfs::process::Process;

use crate::{note, of_pid, skip};

fn everything<T>(mut see: impl FnMut(&ProcessRecord<'_>) -> T) -> (Vec<T>, Coverage) {
    let (reader, all) = (Reader::open().unwrap(), Filter::default());
    let mut snapshot = reader.snapshot(&all).unwrap();
    let mut seen = Vec::new();
    while let Some(record) = snapshot.next().unwrap() {
        seen.push(see(&record));
    }
    (seen, snapshot.coverage())
}

fn numeric_entries() -> BTreeSet<u32> {
    let names = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().file_name());
    names.filter_map(|name| name.to_str()?.parse().ok()).collect()
}

#[test]
fn the_processes_are_the_numeric_entries_of_proc() {
    let begun = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().cast_signed();
    let before = numeric_entries();
    let (told, coverage) = everything(|record| (record.pid, record.start_time.unwrap()));
    let after = numeric_entries();
    assert!(told.is_sorted());
    let pids: BTreeSet<u32> = told.iter().map(|&(pid, _)| pid).collect();
    let stayed: BTreeSet<u32> = before.intersection(&after).copied().collect();
    assert!(stayed.is_subset(&pids));
    for (pid, start) in &told {
        // What is in neither list can only have come and gone between them.
        let came_and_went = *start >= begun - 2;
        assert!(before.contains(pid) || after.contains(pid) || came_and_went, "{pid}");
    }
    assert_eq!(coverage.matched, pids.len() as u64);
    assert_eq!(coverage.seen, coverage.matched + coverage.vanished);
}

#[test]
fn a_thread_is_no_process() {
    let (tell, told) = mpsc::channel();
    let (end, ended) = mpsc::channel::<()>();
    let thread = thread::spawn(move || {
        tell.send(rustix::thread::gettid().as_raw_pid().cast_unsigned()).unwrap();
        let _ = ended.recv();
    });
    let id = told.recv().unwrap();
    assert!(
        fs::exists(format!("/proc/{id}/status")).unwrap(),
        "the system itself would tell of it"
    );

    let (pids, _) = everything(|record| record.pid);
    assert!(pids.contains(&std::process::id()) && !pids.contains(&id));
    let (filter, reader) = (of_pid(id), Reader::open().unwrap());
    let mut snapshot = reader.snapshot(&filter).unwrap();
    assert!(snapshot.next().unwrap().is_none());
    assert_eq!(snapshot.coverage(), Coverage::default());
    drop(end);
    thread.join().unwrap();
}

#[test]
fn kernel_threads_have_a_name_and_neither_executable_nor_memory() {
    let (kernel, _) = everything(|record| {
        let kind = note(record, ProcessRecord::EXECUTABLE_PATH.number);
        let is_kernel = kind == Some(NoteKind::KERNEL_THREAD);
        is_kernel.then(|| {
            assert_eq!((record.executable_path, record.memory_usage), (None, None));
            assert!(record.command_line.is_empty() && record.accessible && !record.file_exists);
            assert_eq!(note(record, ProcessRecord::COMMAND_LINE.number), kind);
            assert_eq!(note(record, ProcessRecord::MEMORY_USAGE.number), kind);
            (record.pid, record.name.to_owned())
        })
    });
    let kernel: BTreeMap<u32, String> = kernel.into_iter().flatten().collect();
    if !fs::read_to_string("/proc/2/comm").is_ok_and(|name| name == "kthreadd\n") {
        return skip("kernel threads", "none to be seen here");
    }
    assert_eq!(kernel[&2], "kthreadd");
    // ps cuts the longer names of workers; their file does not.
    assert!(kernel.values().any(|name| name.len() > 15), "{kernel:?}");
    for (pid, name) in kernel.iter().filter(|(_, name)| !name.starts_with("kworker")) {
        let comm = fs::read_to_string(format!("/proc/{pid}/comm"));
        assert!(comm.is_err() || comm.unwrap().trim_end() == name);
    }
}

#[test]
fn every_process_of_this_machine_can_be_sent_and_comes_back_as_it_is() {
    let mut buf = vec![0xa5; ProcessRecord::MAX_ENCODED_LEN];
    everything(|record| {
        let len = record.encode(&mut buf).unwrap();
        assert_eq!(ProcessRecord::decode(&buf[..len]).unwrap(), *record);
        let native = Native::from(proto::ProcessRecord::from(*record));
        assert_eq!(native.pid, record.pid);
    });
}

/// What stays the same of a process, unless it executes something.
#[derive(Debug, PartialEq)]
struct Told {
    name: String,
    parent: u32,
    start_ticks: u64,
    user: u32,
    executable: Option<String>,
    /// Without empty arguments, which the other reader drops.
    arguments: Vec<String>,
}

impl Told {
    fn by_the_other(pid: u32) -> Option<Self> {
        let process = Process::new(pid.cast_signed()).ok()?;
        let stat = process.stat().ok()?;
        let path = process.exe().ok().filter(|path| path.exists());
        Some(Self {
            name: stat.comm,
            parent: stat.ppid.cast_unsigned(),
            start_ticks: stat.starttime,
            user: process.status().ok()?.euid,
            executable: path.and_then(|path| path.to_str().map(str::to_owned)),
            arguments: process.cmdline().ok()?,
        })
    }

    fn by_us(record: &ProcessRecord<'_>) -> Self {
        let (_, start) = record.entity_id.rsplit_once('-').unwrap();
        let arguments = record.command_line.iter().filter(|argument| !argument.is_empty());
        Self {
            name: record.name.to_owned(),
            parent: record.ppid.unwrap(),
            start_ticks: start.parse().unwrap(),
            user: record.user_id.unwrap().parse().unwrap(),
            executable: record.executable_path.filter(|_| record.file_exists).map(str::to_owned),
            arguments: arguments.map(str::to_owned).collect(),
        }
    }
}

/// Those of `pids` on which the two readers agree, and those on which they do not.
fn compare(pids: &BTreeSet<u32>) -> [BTreeSet<u32>; 2] {
    let the_other = || pids.iter().map(|&pid| Told::by_the_other(pid));
    let before: Vec<_> = the_other().collect();
    let (ours, _) = everything(|record| {
        let is_cut = note(record, ProcessRecord::COMMAND_LINE.number) == Some(NoteKind::CUT);
        (record.pid, Told::by_us(record), is_cut)
    });
    let mut compared = [BTreeSet::new(), BTreeSet::new()];
    for ((pid, before), after) in pids.iter().zip(before).zip(the_other()) {
        let ours = ours.iter().find(|(ours, _, is_cut)| ours == pid && !is_cut);
        if let (Some(before), Some(after), Some((_, ours, _))) = (before, after, ours)
            && before == after
        {
            compared[usize::from(*ours != before)].insert(*pid);
        }
    }
    compared
}

#[test]
fn another_reader_of_proc_says_the_same() {
    let [agreed, mut disputed] = compare(&numeric_entries());
    assert!(agreed.contains(&std::process::id()));
    // A process may have executed something between two readings, and the first thing again.
    for _ in 0..20 {
        [_, disputed] = compare(&disputed);
    }
    assert_eq!(disputed, BTreeSet::new());
}

#[test]
fn two_snapshots_of_one_reader_do_not_disturb_each_other() {
    let (reader, all) = (Reader::open().unwrap(), Filter::default());
    let own = std::process::id();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let mut snapshot = reader.snapshot(&all).unwrap();
                    let mut own_seen = 0;
                    while let Some(record) = snapshot.next().unwrap() {
                        own_seen += u32::from(record.pid == own);
                    }
                    assert_eq!(own_seen, 1);
                }
            });
        }
    });
}

#[test]
fn a_child_inherits_no_descriptor_of_a_reader() {
    let inherited = || {
        let listed = Command::new("ls").arg("/proc/self/fd").output().unwrap().stdout;
        String::from_utf8(listed).unwrap().lines().count()
    };
    let before = inherited();
    let reader = Reader::open().unwrap();
    assert_eq!(inherited(), before);
    let _leaky = rustix::io::dup(&reader).unwrap();
    assert_eq!(inherited(), before + 1);
}
