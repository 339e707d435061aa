use std::path::Path;
use std::process::{Command, Stdio};

use eyelet_codec::{NoteKind, ProcessRecord};

use crate::child::{Child, Programs, STOP};
use crate::{note, of_pid, only, skip};

/// Runs `script` in a mount namespace of its own, with `$1` and `$2` for two shells, until it stops.
fn apart(script: &str, one: &Path, other: &Path) -> Child {
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-e", "-c", script, "sh"]).arg(one).arg(other);
    Child::stopped(command.env("STOP", STOP))
}

fn can_unshare() -> bool {
    let mut command = Command::new("unshare");
    command.args(["--mount", "true"]).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[test]
fn a_path_that_is_true_elsewhere_only_says_so_and_is_looked_for_there() {
    if !can_unshare() {
        return skip("other mount namespaces", "not allowed to make one");
    }
    let programs = Programs::new();
    let (one, other) = (programs.shell("one"), programs.shell("other"));
    for (case, script, in_place, replaced, kind) in [
        ("the same file here and there", r#"exec "$1" -c "$STOP""#, true, false, None),
        (
            "another file there",
            r#"mount --bind "$2" "$1"; exec "$1" -c "$STOP""#,
            true,
            false,
            Some(NoteKind::FOREIGN_NAMESPACE),
        ),
        (
            "a file that was covered there since",
            r#"exec "$1" -c 'mount --bind "$2" "$1"; eval "$STOP"' "$1" "$1" "$2""#,
            true,
            false,
            None,
        ),
        (
            "a file of a tree that is mounted there only",
            r#"mount -t tmpfs none "${1%/*}"; cp /bin/sh "$1"; exec "$1" -c "$STOP""#,
            true,
            false,
            Some(NoteKind::FOREIGN_NAMESPACE),
        ),
        (
            "one that was deleted there",
            r#"mount -t tmpfs none "${1%/*}"; cp /bin/sh "$1"; exec "$1" -c 'rm "$1"; eval "$STOP"' "$1" "$1""#,
            false,
            false,
            Some(NoteKind::FOREIGN_NAMESPACE),
        ),
        (
            "one that was replaced there",
            r#"mount -t tmpfs none "${1%/*}"; cp /bin/sh "$1"; exec "$1" -c 'rm "$1"; cp /bin/sh "$1"; eval "$STOP"' "$1" "$1""#,
            false,
            true,
            Some(NoteKind::FOREIGN_NAMESPACE),
        ),
    ] {
        let child = apart(script, &one, &other);
        only(&of_pid(child.pid()), |record| {
            assert_eq!(record.executable_path.map(Path::new), Some(&*one), "{case}");
            assert_eq!(note(record, ProcessRecord::EXECUTABLE_PATH.number), kind, "{case}");
            assert_eq!(
                (record.file_exists, record.on_disk_mismatch),
                (in_place, replaced),
                "{case}"
            );
            assert!(record.accessible, "{case}");
        });
    }
}

#[test]
fn a_name_that_ends_as_the_mark_of_the_deleted_is_a_name_elsewhere_too() {
    if !can_unshare() {
        return skip("such a name in another mount namespace", "not allowed to make one");
    }
    let programs = Programs::new();
    let one = programs.shell("one");
    let script = r#"mount -t tmpfs none "${1%/*}"; cp /bin/sh "$1"; exec "$1" -c "$STOP""#;
    let named = one.with_file_name("one (deleted)");
    let child = apart(script, &named, &one);
    only(&of_pid(child.pid()), |record| {
        assert_eq!(record.executable_path.map(Path::new), Some(&*named));
        assert!(record.file_exists && !record.on_disk_mismatch);
    });
}
