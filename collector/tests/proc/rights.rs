use std::os::fd::AsRawFd;
use std::path::Path;
use std::thread;

use eyelet::filter::Filter;
use eyelet::proc::Reader;
use eyelet_codec::{Coverage, NoteKind, ProcessFilter, ProcessRecord, Repeated};
use rustix::fs::{Gid, Uid};
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsconfig_set_string, fsmount,
    fsopen,
};
use rustix::process::geteuid;
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};

use crate::child::Child;
use crate::{note, of_pid, only, skip};

/// Runs `f` as a user who may not look into root's processes: in Linux each thread has its own.
fn as_nobody(f: impl FnOnce() + Send) {
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let nobody = 65_534;
            let (user, group) = (Uid::from_raw(nobody), Gid::from_raw(nobody));
            set_thread_groups(&[]).unwrap();
            set_thread_res_gid(group, group, group).unwrap();
            set_thread_res_uid(user, user, user).unwrap();
            f();
        });
        thread.join().unwrap();
    });
}

#[test]
fn what_may_not_be_read_is_absent_and_said_to_be_denied() {
    if !geteuid().is_root() {
        return skip("processes of another user", "not root");
    }
    let child = Child::shell(Path::new("/bin/sh"), &["argument"]);
    let filter = of_pid(child.pid());
    let ((), as_root) = only(&filter, |record| assert!(record.accessible));
    assert_eq!(as_root.denied, 0);
    as_nobody(|| {
        let ((), coverage) = only(&filter, |record| {
            assert!(!record.accessible && !record.file_exists && !record.on_disk_mismatch);
            assert_eq!(record.executable_path, None);
            let kind = note(record, ProcessRecord::EXECUTABLE_PATH.number);
            assert_eq!(kind, Some(NoteKind::DENIED));
            assert_eq!(record.command_line.iter().last(), Some("argument"));
            assert_eq!((record.name, record.user_id), ("sh", Some("0")));
            assert!(record.memory_usage.is_some());
        });
        let want = Coverage { seen: 1, matched: 1, denied: 1, ..Default::default() };
        assert_eq!(coverage, want);
    });
}

#[test]
fn a_process_that_could_not_be_matched_is_counted_as_denied() {
    if !geteuid().is_root() {
        return skip("a pattern over processes of another user", "not root");
    }
    let child = Child::shell::<&str>(Path::new("/bin/sh"), &[]);
    let pids = [child.pid()];
    let any = ProcessFilter {
        pids: Repeated::new(&pids),
        executable_pattern: Some("/**"),
        ..Default::default()
    };
    let filter = Filter::compile(&any).unwrap();
    let count = || {
        let reader = Reader::open().unwrap();
        let mut snapshot = reader.snapshot(&filter).unwrap();
        while snapshot.next().unwrap().is_some() {}
        snapshot.coverage()
    };
    assert_eq!(count(), Coverage { seen: 1, matched: 1, ..Default::default() });
    as_nobody(|| assert_eq!(count(), Coverage { seen: 1, denied: 1, ..Default::default() }));
}

#[test]
fn of_a_hidden_process_it_is_told_that_it_is_there() {
    let Ok(proc) = hiding_proc() else {
        return skip("a /proc with hidepid", "not allowed to make one");
    };
    let child = Child::shell::<&str>(Path::new("/bin/sh"), &[]);
    let filter = of_pid(child.pid());
    let path = format!("/proc/self/fd/{}", proc.as_raw_fd());
    as_nobody(|| {
        let reader = Reader::at(Path::new(&path)).unwrap();
        let mut snapshot = reader.snapshot(&filter).unwrap();
        let record = snapshot.next().unwrap().unwrap();
        assert_eq!((record.pid, record.name, record.name_raw), (child.pid(), "\u{fffd}", None));
        assert!(!record.accessible && record.entity_id.is_empty() && record.user_id.is_none());
        for field in [2, 3, 4, 5, 6, 7, 8, 11, 20] {
            assert_eq!(note(&record, field), Some(NoteKind::DENIED), "{field}");
        }
        assert_eq!(snapshot.coverage().denied, 1);
    });
}

/// A proc file system that is mounted nowhere, and shows others' processes by their pids only.
fn hiding_proc() -> rustix::io::Result<rustix::fd::OwnedFd> {
    let context = fsopen("proc", FsOpenFlags::FSOPEN_CLOEXEC)?;
    fsconfig_set_string(&context, "hidepid", "noaccess")?;
    fsconfig_create(&context)?;
    fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::empty())
}
