use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use eyelet::filter::Filter;
use eyelet::proc::Reader;
use eyelet_codec::{Coverage, NoteKind, ProcessRecord};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use crate::child::Child;
use crate::{note, of_pid, only, skip};

const BARE: [u32; 3] = [
    ProcessRecord::EXECUTABLE_PATH.number,
    ProcessRecord::COMMAND_LINE.number,
    ProcessRecord::MEMORY_USAGE.number,
];

#[test]
fn a_process_that_ends_before_it_is_read_is_counted_and_not_reported() {
    let mut child = Child::shell::<&str>(Path::new("/bin/sh"), &[]);
    let (reader, all) = (Reader::open().unwrap(), Filter::default());
    let mut snapshot = reader.snapshot(&all).unwrap();
    let pid = child.pid();
    child.end();
    while let Some(record) = snapshot.next().unwrap() {
        assert_ne!(record.pid, pid);
    }
    let coverage = snapshot.coverage();
    assert!(coverage.vanished >= 1);
    assert_eq!(coverage.seen, coverage.matched + coverage.vanished);
}

#[test]
fn a_pid_that_no_process_has_is_not_seen() {
    let mut child = Child::shell::<&str>(Path::new("/bin/sh"), &[]);
    let filter = of_pid(child.pid());
    let reader = Reader::open().unwrap();
    assert!(reader.snapshot(&filter).unwrap().next().unwrap().is_some());
    child.end();
    let mut snapshot = reader.snapshot(&filter).unwrap();
    assert!(snapshot.next().unwrap().is_none());
    assert_eq!(snapshot.coverage(), Coverage::default());
}

#[test]
fn one_that_waits_to_be_reaped_is_reported_without_what_it_had() {
    let child = Child::from(Command::new("true").spawn().unwrap());
    let pid = Pid::from_raw(child.pid().cast_signed()).unwrap();
    waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT).unwrap();
    only(&of_pid(child.pid()), |record| {
        assert_eq!(record.name, "true");
        assert_eq!((record.executable_path, record.memory_usage), (None, None));
        assert!(record.command_line.is_empty() && !record.file_exists && record.accessible);
        assert_eq!(BARE.map(|field| note(record, field)), [Some(NoteKind::VANISHED); 3]);
        assert!(record.user_id.is_some() && record.start_time.is_some());
    });
}

/// Its first thread ends, another says so and goes on.
const HEADLESS: &str = "
import ctypes, threading
def live():
    while open('/proc/self/stat').read().rsplit(')', 1)[1].split()[0] != 'Z': pass
    print('alone', flush=True)
    threading.Event().wait()
threading.Thread(target=live).start()
ctypes.CDLL(None).pthread_exit(None)
";

#[test]
fn a_process_does_not_hide_what_it_runs_by_ending_its_first_thread() {
    let Ok(mut python) =
        Command::new("python3").args(["-c", HEADLESS, "argument"]).stdout(Stdio::piped()).spawn()
    else {
        return skip("a process without its first thread", "no python3");
    };
    let mut line = String::new();
    BufReader::new(python.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let child = Child::from(python);
    assert_eq!(line, "alone\n");
    only(&of_pid(child.pid()), |record| {
        assert!(record.executable_path.unwrap().contains("python3"));
        assert_eq!(record.command_line.iter().last(), Some("argument"));
        assert!(record.file_exists && record.memory_usage.is_some());
        assert!(record.notes.is_empty());
    });
}
