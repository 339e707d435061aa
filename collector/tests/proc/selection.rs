use std::collections::BTreeSet;
use std::fs;

use eyelet::filter::Filter;
use eyelet::proc::Reader;
use eyelet_codec::{ProcessFilter, Repeated};

use crate::child::{Child, Programs};

#[test]
fn kinds_are_joined_by_and_and_values_of_one_kind_by_or() {
    let programs = Programs::new();
    let parent = programs.canonicalize().unwrap();
    let directory = parent.join("directory");
    fs::create_dir(&directory).unwrap();
    // Nobody else's are called like that, even if these tests run twice at once.
    let names = ["alpha", "beta", "gamma"].map(|name| format!("{name}-{}", std::process::id()));
    let [alpha, beta, gamma] = names.each_ref().map(String::as_str);
    let capital = &alpha.to_uppercase();
    let start = |name| Child::shell::<&str>(&programs.shell(directory.join(name)), &[]);
    let children = [alpha, beta, gamma].map(start);
    let pids = children.each_ref().map(Child::pid);
    let [a, b, _] = pids;
    let (within, above) = (directory.join("*"), parent.join("*"));
    let (within, above) = (within.to_str(), above.to_str());
    for (case, names, asked, pattern, want) in [
        ("one name", &[alpha][..], &[][..], None, &[0][..]),
        ("two names", &[beta, alpha], &[], None, &[0, 1]),
        ("a name in part", &[&alpha[..5]], &[], None, &[]),
        ("a name by case", &[capital], &[], None, &[]),
        ("two pids, one twice", &[], &[b, a, b], None, &[0, 1]),
        ("a directory", &[], &[], within, &[0, 1, 2]),
        ("its parent", &[], &[], above, &[]),
        ("name and pid", &[alpha, beta], &[b], None, &[1]),
        ("name and another pid", &[alpha], &[b], None, &[]),
        ("name and directory", &[gamma], &[], within, &[2]),
        ("pid and directory", &[], &[a], within, &[0]),
        ("pid and another directory", &[], &[a], above, &[]),
        ("all three", &[beta], &[a, b], within, &[1]),
        ("nobody", &["delta"], &[a, b], within, &[]),
    ] {
        let filter = ProcessFilter {
            process_names: Repeated::new(names),
            pids: Repeated::new(asked),
            executable_pattern: pattern,
        };
        let (filter, reader) = (Filter::compile(&filter).unwrap(), Reader::open().unwrap());
        let mut snapshot = reader.snapshot(&filter).unwrap();
        let mut seen = BTreeSet::new();
        while let Some(record) = snapshot.next().unwrap() {
            seen.insert(record.pid);
        }
        assert_eq!(seen, want.iter().map(|&at: &usize| pids[at]).collect(), "{case}");
        let (coverage, asked) = (snapshot.coverage(), asked.iter().collect::<BTreeSet<_>>());
        assert_eq!(coverage.matched, want.len() as u64, "{case}");
        assert!(asked.is_empty() || coverage.seen == asked.len() as u64, "{case}");
    }
}

#[test]
fn what_runs_no_file_matches_no_pattern() {
    let any = ProcessFilter { executable_pattern: Some("**"), ..Default::default() };
    let (any, reader) = (Filter::compile(&any).unwrap(), Reader::open().unwrap());
    let mut snapshot = reader.snapshot(&any).unwrap();
    let mut pids = BTreeSet::new();
    while let Some(record) = snapshot.next().unwrap() {
        assert!(record.executable_path.is_some(), "{}", record.name);
        pids.insert(record.pid);
    }
    assert!(pids.contains(&std::process::id()) && !pids.contains(&2));
}
