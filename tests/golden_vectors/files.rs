//! The files are what `tests/python/vectors.py` writes, and no others are there.

use std::fs;

use eyelet_tests::python;

use crate::notation::directory;

const FILES: [&str; 6] =
    ["cobs.json", "frames.json", "link.json", "messages.json", "packets.json", "refusals.json"];

#[test]
fn the_files_are_what_the_script_writes() {
    if !python::is_here("the_files_are_what_the_script_writes") {
        return;
    }
    let output = python::program("vectors.py").arg("--check").output().expect("python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_vectors_in_the_readme_are_in_the_files() {
    let read = |name: &str| fs::read_to_string(directory().join(name)).unwrap();
    let files: String = FILES.into_iter().map(read).collect();
    let readme = read("README.md");
    let shown: Vec<_> = readme.split("```json\n").skip(1).map(|text| text.lines().next()).collect();
    assert!(!shown.is_empty());
    for vector in shown.into_iter().flatten() {
        assert!(files.lines().any(|line| line.trim().trim_end_matches(',') == vector), "{vector}");
    }
}

#[test]
fn every_file_is_read_by_a_test() {
    let files = fs::read_dir(directory()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut files: Vec<_> = files.map(|name| name.into_string().unwrap()).collect();
    files.sort();
    assert_eq!(files, [&["README.md"][..], &FILES].concat());
}
