//! What happens when the collector itself has no descriptors left; alone in its process, since the
//! limit is the whole process's.
#![cfg(target_os = "linux")]

use eyelet::filter::Filter;
use eyelet::proc::{ProcError, Reader};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

#[test]
fn without_descriptors_a_listing_fails_loudly_and_goes_on_later() {
    let (reader, all) = (Reader::open().unwrap(), Filter::default());
    let mut snapshot = reader.snapshot(&all).unwrap();
    let before = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(3), ..before }).unwrap();
    let listing = reader.snapshot(&all).map(drop);
    let reading = snapshot.next().map(|record| record.map(|record| record.pid));
    setrlimit(Resource::Nofile, before).unwrap();

    assert!(matches!(listing, Err(ProcError::List { .. })), "{listing:?}");
    let error = reading.unwrap_err();
    assert!(matches!(error, ProcError::Exhausted { .. }), "{error:?}");
    assert!(error.to_string().contains("Too many open files"), "{error}");
    assert!(snapshot.next().unwrap().is_some());
}
