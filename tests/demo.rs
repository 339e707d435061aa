//! `eyelet demo` does the main job in one command.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use eyelet_tests::command::eyelet;

#[test]
fn a_process_just_started_with_a_random_argument_is_shown() {
    let random = fs::read_to_string("/proc/sys/kernel/random/uuid").expect("a random word");
    let random = random.trim();
    // `read` waits for a line that never comes, and for the end of its input when the test ends.
    let mut child = Command::new("sh")
        .args(["-c", "echo; read -r line", "sh", random])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("sh");
    std::io::Read::read(child.stdout.as_mut().expect("piped"), &mut [0]).expect("it runs");

    let output = eyelet().arg("demo").output().expect("eyelet runs");
    drop(child.stdin.take());
    child.wait().expect("it is our child");
    assert!(output.status.success(), "{output:?}");
    let shown = String::from_utf8(output.stdout).expect("text");
    assert!(shown.lines().any(|line| line.contains(random)), "{random} is not in\n{shown}");
    for part in ["endpoint", "0700", "0600", "records", "chunks", "bytes", "denied"] {
        assert!(shown.contains(part), "no {part} in\n{shown}");
    }
    let endpoint = shown.lines().find_map(|line| line.strip_prefix("endpoint "));
    let endpoint = Path::new(endpoint.expect("the endpoint").trim());
    let directory = endpoint.parent().expect("a directory");
    assert!(!directory.exists(), "{} is left behind", directory.display());
}
