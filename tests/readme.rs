//! The README is true: its excerpts are the examples', it is short, and its tables say what the code says.

use eyelet_codec::session::Config;
use eyelet_codec::{DetectionResult, DetectionTask, ProcessFilter, ProcessRecord};

const README: &str = include_str!("../README.md");
const EXAMPLES: [&str; 2] = [
    include_str!("../transport/examples/collector.rs"),
    include_str!("../transport/examples/agent.rs"),
];

fn blocks(language: &str) -> Vec<String> {
    let fence = format!("```{language}");
    let (mut blocks, mut lines) = (Vec::new(), README.lines());
    while lines.by_ref().any(|line| line == fence) {
        let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
        blocks.push(block.join("\n"));
    }
    blocks
}

/// Whether all lines of `excerpt` stand in `text`, in this order.
fn is_excerpt(excerpt: &str, text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    excerpt
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .all(|wanted| lines.any(|line| line == wanted))
}

#[test]
fn its_rust_blocks_are_excerpts_of_the_examples() {
    let blocks = blocks("rust");
    assert_eq!(blocks.len(), EXAMPLES.len(), "one block for each example");
    for (block, example) in blocks.iter().zip(EXAMPLES) {
        assert!(is_excerpt(block, example), "not an excerpt:\n{block}");
        assert!(!is_excerpt(&format!("{block}\nno such line"), example));
    }
}

#[test]
fn it_has_at_most_150_lines() {
    assert!(README.lines().count() <= 150);
}

#[test]
fn its_limits_are_those_of_the_schema_and_of_the_session() {
    let config = Config::default();
    let (task, filter, record) =
        (DetectionTask::TASK_ID, ProcessFilter::PROCESS_NAMES, ProcessRecord::COMMAND_LINE);
    for (what, want) in [
        ("frame", format!("{} KiB by default", config.max_frame / 1024)),
        ("task id", format!("{} bytes", task.max_bytes)),
        ("name; path", format!("{} bytes", ProcessRecord::NAME.max_bytes)),
        ("name; path", grouped(ProcessRecord::EXECUTABLE_PATH.max_bytes)),
        ("name; path", grouped(record.max_items)),
        ("name; path", format!("{} KiB together", record.max_total_bytes / 1024)),
        ("result in one chunk", grouped(DetectionResult::PROCESSES.max_items)),
        ("filter", format!("{} names", filter.max_items)),
        ("filter", format!("{} KiB together", filter.max_total_bytes / 1024)),
        ("filter", grouped(ProcessFilter::PIDS.max_items)),
        ("filter", grouped(ProcessFilter::EXECUTABLE_PATTERN.max_bytes)),
        ("credit", format!("{} KiB by default", config.credit / 1024)),
        ("tasks at once", config.max_streams.to_string()),
    ] {
        let row = README.lines().find(|line| line.starts_with(&format!("| {what}")));
        assert!(row.is_some_and(|row| row.contains(&want)), "{what}: {want}, but {row:?}");
    }
}

fn grouped(number: u32) -> String {
    if number < 1000 {
        return number.to_string();
    }
    format!("{},{:03}", number / 1000, number % 1000)
}
