//! What is told of processes that these tests start, and of all others of this machine.
#![cfg(target_os = "linux")]

mod arguments;
mod child;
mod ended;
mod everything;
mod executable;
mod facts;
mod namespace;
mod rights;
mod selection;

use std::io::{self, Write};

use eyelet::filter::Filter;
use eyelet::proc::Reader;
use eyelet_codec::{
    Coverage, FieldNote, Message, NoteKind, ProcessFilter, ProcessRecord, Repeated,
};

/// The only process that the filter lets through, shown to `see`, after it was made sure that it can
/// be sent.
fn only<T>(filter: &Filter, see: impl Fn(&ProcessRecord<'_>) -> T) -> (T, Coverage) {
    let reader = Reader::open().unwrap();
    let mut snapshot = reader.snapshot(filter).unwrap();
    let record = snapshot.next().unwrap().expect("a process");
    record.encode(&mut vec![0xa5; ProcessRecord::MAX_ENCODED_LEN]).unwrap();
    let seen = see(&record);
    assert!(snapshot.next().unwrap().is_none());
    (seen, snapshot.coverage())
}

fn of_pid(pid: u32) -> Filter {
    let pids = [pid];
    Filter::compile(&ProcessFilter { pids: Repeated::new(&pids), ..Default::default() }).unwrap()
}

fn note(record: &ProcessRecord<'_>, field: u32) -> Option<NoteKind> {
    record.notes.iter().find(|note| note.field == field).map(|FieldNote { kind, .. }| kind)
}

/// Past the capture of output, so that `cargo xtask ci` sees it.
fn skip(test: &str, why: &str) {
    let mut stderr = io::stderr();
    writeln!(stderr, "skipped: {test}: {why}").unwrap();
}
