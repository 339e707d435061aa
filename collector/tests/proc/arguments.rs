use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use eyelet_codec::{NoteKind, ProcessRecord};

use crate::child::{Child, STOP};
use crate::{note, of_pid, only};

const SHELL: &str = "/bin/sh";
const FIELD: u32 = ProcessRecord::COMMAND_LINE.number;

fn lists(record: &ProcessRecord<'_>) -> (Vec<String>, Vec<Vec<u8>>) {
    let texts = record.command_line.iter().map(str::to_owned).collect();
    (texts, record.command_line_raw.iter().map(<[u8]>::to_vec).collect())
}

#[test]
fn empty_arguments_and_spaces_are_kept() {
    let arguments = ["", "a b", "caf\u{e9}", "", "\n", "", ""];
    let child = Child::shell(Path::new(SHELL), &arguments);
    let ((texts, raw), coverage) = only(&of_pid(child.pid()), lists);
    assert_eq!(texts, [&[SHELL, "-c", STOP][..], &arguments].concat());
    assert!(raw.is_empty());
    assert_eq!((coverage.seen, coverage.matched, coverage.cut), (1, 1, 0));
}

#[test]
fn arguments_that_are_not_utf8_are_told_as_bytes_beside_a_lossy_form() {
    let odd = [&b"\xff"[..], b"", b"a\xc3", b"plain", b""].map(OsStr::from_bytes);
    let child = Child::shell(Path::new(SHELL), &odd);
    let (((texts, raw), kind), coverage) =
        only(&of_pid(child.pid()), |record| (lists(record), note(record, FIELD)));
    let shell = [SHELL, "-c", STOP];
    assert_eq!(texts, [&shell[..], &["\u{fffd}", "", "a\u{fffd}", "plain", ""]].concat());
    assert_eq!(raw, [&shell.map(str::as_bytes)[..], &odd.map(OsStr::as_bytes)].concat());
    assert_eq!(kind, Some(NoteKind::NOT_UTF8));
    assert_eq!(coverage.cut, 0);
}

#[test]
fn the_programs_own_word_for_itself_is_its_first_argument() {
    let mut command = Command::new(SHELL);
    let child = Child::stopped(command.arg0("").args(["-c", STOP]));
    let ((texts, _), _) = only(&of_pid(child.pid()), lists);
    assert_eq!(texts, ["", "-c", STOP]);
}

#[test]
fn what_does_not_fit_is_cut_and_said_to_be() {
    let longest = ProcessRecord::COMMAND_LINE.max_total_bytes as usize;
    let most = ProcessRecord::COMMAND_LINE.max_items as usize;
    let before = [SHELL, "-c", STOP].concat().len();
    let room = longest - before;
    for (case, arguments, want, last, raw_items) in [
        ("all that fits", vec![vec![b'a'; room]], None, room, 0),
        ("a byte more", vec![vec![b'a'; room + 1]], Some(NoteKind::CUT), room, 0),
        (
            "half a character",
            vec!["\u{e9}".repeat(50_000).into_bytes()],
            Some(NoteKind::CUT),
            room & !1,
            0,
        ),
        ("as many as fit", vec![vec![]; most - 3], None, 0, 0),
        ("one more", vec![vec![]; most - 2], Some(NoteKind::CUT), 0, 0),
        ("a lossy form that grows", vec![vec![0xff; room]], Some(NoteKind::CUT), room / 3 * 3, 4),
    ] {
        let arguments: Vec<&OsStr> =
            arguments.iter().map(|bytes| OsStr::from_bytes(bytes)).collect();
        let child = Child::shell(Path::new(SHELL), &arguments);
        let ((kind, (texts, raw)), coverage) =
            only(&of_pid(child.pid()), |record| (note(record, FIELD), lists(record)));
        assert_eq!(kind, want, "{case}");
        assert_eq!(coverage.cut, u64::from(want.is_some()), "{case}");
        assert_eq!(texts.len(), (arguments.len() + 3).min(most), "{case}");
        assert_eq!(texts.last().unwrap().len(), last, "{case}");
        assert_eq!(raw.len(), raw_items, "{case}");
    }
}
