use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use eyelet_codec::ProcessRecord;

use crate::child::{Child, Programs, STOP};
use crate::{of_pid, only};

/// A line of `/proc/PID/status`, by something else than the code under test.
fn status(pid: u32, key: &str) -> String {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(key)).unwrap();
    line.trim_start_matches(':').trim().to_owned()
}

fn seconds() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().cast_signed()
}

#[test]
fn resident_memory_is_vmrss_to_the_byte() {
    for _ in 0..10 {
        let child = Child::shell::<&str>(Path::new("/bin/sh"), &[]);
        let (memory, _) = only(&of_pid(child.pid()), |record| record.memory_usage);
        let rss = status(child.pid(), "VmRSS");
        let kibibytes: u64 = rss.strip_suffix(" kB").unwrap().parse().unwrap();
        assert_eq!(memory, Some(kibibytes * 1024));
    }
}

#[test]
fn a_child_has_its_parent_user_name_and_time() {
    let programs = Programs::new();
    let before = seconds();
    let child = Child::shell::<&str>(&programs.shell("a name of 22 bytes :)"), &[]);
    let after = seconds();
    only(&of_pid(child.pid()), |record| {
        assert_eq!(record.pid, child.pid());
        assert_eq!(record.ppid, Some(std::process::id()));
        assert_eq!(record.name, "a name of 22 by");
        assert_eq!(record.name_raw, None);
        let effective = status(child.pid(), "Uid").split('\t').nth(1).map(str::to_owned);
        assert_eq!(record.user_id, effective.as_deref());
        let start = record.start_time.unwrap();
        assert!((before - 2..=after).contains(&start), "{before} {start} {after}");
        assert!((before..=seconds()).contains(&(record.collection_time / 1000)));
        assert!(record.accessible && record.notes.is_empty());
        assert_eq!((record.executable_hash, record.hash_algorithm), (None, None));
    });
}

#[test]
fn an_entity_is_its_boot_its_pid_and_its_start() {
    let child = Child::shell::<&str>(Path::new("/bin/sh"), &[]);
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    let start = procfs::process::Process::new(child.pid().cast_signed()).unwrap().stat().unwrap();
    let (entity, _) = only(&of_pid(child.pid()), |record| record.entity_id.to_owned());
    assert_eq!(entity, format!("{}-{}-{}", boot.trim(), child.pid(), start.starttime));
    assert!(entity.len() <= ProcessRecord::ENTITY_ID.max_bytes as usize);
}

#[test]
fn a_busy_process_has_used_a_cpu_and_a_stopped_one_little_of_it() {
    // Work of a fixed amount and then an end to it: the share is of a life that goes on.
    let work = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; ";
    let child = Child::stopped(Command::new("/bin/sh").args(["-c", &format!("{work}{STOP}")]));
    let usage = || only(&of_pid(child.pid()), |record| record.cpu_usage.unwrap()).0;
    let first = usage();
    assert!(first > 0.0 && first <= 100.5, "{first}");
    assert!(usage() < first);
}

#[test]
fn a_name_is_told_as_bytes_where_it_is_not_utf8() {
    let programs = Programs::new();
    let name = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"n\xffame");
    let child = Child::shell::<&str>(&programs.shell(name), &[]);
    only(&of_pid(child.pid()), |record| {
        assert_eq!((record.name, record.name_raw), ("n\u{fffd}ame", Some(&b"n\xffame"[..])));
        let kind = crate::note(record, ProcessRecord::NAME.number);
        assert_eq!(kind, Some(eyelet_codec::NoteKind::NOT_UTF8));
        assert!(record.accessible);
    });
}

#[test]
fn a_process_without_a_name_is_reported_all_the_same() {
    let rename = format!("printf '\\0' > /proc/$$/comm; {STOP}");
    let child = Child::stopped(Command::new("/bin/sh").args(["-c", &rename]));
    assert_eq!(fs::read(format!("/proc/{}/comm", child.pid())).unwrap(), b"\n");
    only(&of_pid(child.pid()), |record| {
        assert_eq!((record.name, record.name_raw), ("\u{fffd}", Some(&b""[..])));
    });
}
