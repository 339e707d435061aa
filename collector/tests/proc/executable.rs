use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use eyelet_codec::{NoteKind, ProcessRecord};

use crate::child::{Child, Programs};
use crate::{note, of_pid, only};

/// Path, whether it is in place, whether something else is.
fn told(child: &Child) -> (PathBuf, bool, bool) {
    let (told, _) = only(&of_pid(child.pid()), |record| {
        assert!(record.accessible && record.notes.is_empty());
        let path = PathBuf::from(record.executable_path.unwrap());
        (path, record.file_exists, record.on_disk_mismatch)
    });
    told
}

fn marked(path: &Path) -> PathBuf {
    let mut marked = OsString::from(path);
    marked.push(" (deleted)");
    marked.into()
}

fn link(child: &Child) -> PathBuf {
    fs::read_link(format!("/proc/{}/exe", child.pid())).unwrap()
}

#[test]
fn an_executable_is_in_place_until_it_is_moved_deleted_or_replaced() {
    let programs = Programs::new();
    let path = programs.shell("program");
    let child = Child::shell::<&str>(&path, &[]);
    assert_eq!(told(&child), (path.clone(), true, false));

    let moved = programs.join("moved");
    fs::rename(&path, &moved).unwrap();
    assert_eq!(told(&child), (moved.clone(), true, false));

    fs::remove_file(&moved).unwrap();
    assert_eq!(told(&child), (moved.clone(), false, false));

    programs.shell("moved");
    assert_eq!(told(&child), (moved, false, true));
}

#[test]
fn a_file_renamed_over_it_has_replaced_it() {
    let programs = Programs::new();
    let (path, newer) = (programs.shell("program"), programs.shell("newer"));
    let child = Child::shell::<&str>(&path, &[]);
    fs::rename(newer, &path).unwrap();
    assert_eq!(told(&child), (path, false, true));
}

#[test]
fn a_link_to_it_is_not_it() {
    let programs = Programs::new();
    let (path, aside) = (programs.shell("program"), programs.join("aside"));
    let child = Child::shell::<&str>(&path, &[]);
    fs::hard_link(&path, &aside).unwrap();
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(&aside, &path).unwrap();
    assert_eq!(told(&child), (path, false, true));
}

#[test]
fn it_is_in_place_again_when_the_same_file_is() {
    let programs = Programs::new();
    let (path, aside) = (programs.shell("program"), programs.join("aside"));
    let child = Child::shell::<&str>(&path, &[]);
    fs::hard_link(&path, &aside).unwrap();
    fs::remove_file(&path).unwrap();
    fs::hard_link(&aside, &path).unwrap();
    assert_eq!(link(&child), marked(&path));
    assert_eq!(told(&child), (path, true, false));
}

#[test]
fn a_name_that_ends_as_the_mark_of_the_deleted_is_a_name() {
    let programs = Programs::new();
    let path = programs.shell("x (deleted)");
    programs.shell("x");
    let child = Child::shell::<&str>(&path, &[]);
    assert_eq!(told(&child), (path.clone(), true, false));

    fs::remove_file(&path).unwrap();
    assert_eq!(link(&child), marked(&path));
    assert_eq!(told(&child), (path, false, false));
}

#[test]
fn a_living_file_of_such_a_name_does_not_stand_in_for_a_deleted_one() {
    let programs = Programs::new();
    let path = programs.shell("x");
    let child = Child::shell::<&str>(&path, &[]);
    fs::remove_file(&path).unwrap();
    programs.shell("x (deleted)");
    assert_eq!(told(&child), (path, false, false));
}

#[test]
fn a_path_is_told_as_bytes_where_it_is_not_utf8() {
    let programs = Programs::new();
    let path = programs.shell(OsStr::from_bytes(b"p\xff"));
    let child = Child::shell::<&str>(&path, &[]);
    let check = |is_in_place| {
        only(&of_pid(child.pid()), |record| {
            assert_eq!(record.executable_path_raw, Some(path.as_os_str().as_bytes()));
            assert!(record.executable_path.unwrap().ends_with("/p\u{fffd}"));
            let kind = note(record, ProcessRecord::EXECUTABLE_PATH.number);
            assert_eq!(kind, Some(NoteKind::NOT_UTF8));
            assert_eq!(record.file_exists, is_in_place);
        });
    };
    check(true);
    fs::remove_file(&path).unwrap();
    check(false);
}

#[test]
fn a_path_that_the_kernel_does_not_tell_is_absent_and_said_to_be_too_long() {
    let programs = Programs::new();
    let (inner, outer) = (programs.join("inner"), programs.join("outer"));
    fs::create_dir(&inner).unwrap();
    let child = Child::shell::<&str>(&programs.shell("inner/program"), &[]);
    for _ in 0..4096 / 200 + 2 {
        fs::create_dir(&outer).unwrap();
        fs::rename(&inner, outer.join("d".repeat(200))).unwrap();
        fs::rename(&outer, &inner).unwrap();
    }
    only(&of_pid(child.pid()), |record| {
        assert_eq!(record.executable_path, None);
        assert_eq!(note(record, ProcessRecord::EXECUTABLE_PATH.number), Some(NoteKind::CUT));
        assert!(record.accessible && record.memory_usage.is_some());
    });
}

#[test]
fn a_process_that_executes_all_the_time_never_seems_replaced() {
    let programs = Programs::new();
    let (one, other) = (programs.shell("one"), programs.shell("other"));
    let script = r#"exec "$2" -c "$0" "$0" "$2" "$1""#;
    let mut command = Command::new(&one);
    let child = command.args(["-c", script, script]).args([&one, &other]).spawn().unwrap();
    let child = Child::from(child);
    let filter = of_pid(child.pid());
    let mut names = BTreeSet::new();
    for _ in 0..2_000 {
        let (name, _) = only(&filter, |record| {
            assert!(!record.on_disk_mismatch);
            record.executable_path.and_then(|path| path.rsplit('/').next()).map(str::to_owned)
        });
        names.extend(name);
    }
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["one", "other"]);
}
