use std::io::{self, Write};

use eyelet_transport::codec::FaultCode;
use eyelet_transport::server::Counts;
use serde_json::{Map, Value, json};

/// Prints what a server has done so far as one JSON object on a line of standard error.
pub(super) fn print(counts: &Counts) {
    // Whoever asked will see that nothing came.
    if let Err(error) = writeln!(io::stderr().lock(), "{}", object(counts)) {
        log::debug!("the counters could not be printed: {error}");
    }
}

fn object(counts: &Counts) -> Value {
    let faults: Map<_, _> =
        counts.faults.iter().map(|(code, count)| (name(*code), json!(count))).collect();
    json!({
        "connections": {
            "accepted": counts.accepted,
            "open": counts.open,
            "refused": counts.refused,
            "accept_errors": counts.accept_errors,
        },
        "tasks": { "begun": counts.tasks, "done": counts.tasks_done },
        "records": counts.records,
        "bytes": { "received": counts.bytes_received, "sent": counts.bytes_sent },
        "faults": faults,
    })
}

/// As elsewhere in JSON, an enum's value by its name.
fn name(code: FaultCode) -> String {
    code.name().map_or_else(|| code.0.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_go_by_their_names() {
        let mut counts = Counts::default();
        counts.faults = vec![(FaultCode::BUSY, 2), (FaultCode(99), 1)];
        assert_eq!(object(&counts)["faults"], json!({"FAULT_CODE_BUSY": 2, "99": 1}));
    }
}
