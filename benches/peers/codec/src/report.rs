//! What was found, an object a line.

use std::fmt::Display;

use crate::cell::Cell;
use crate::rounds::{Timed, median};

/// What of eyelet's features this was built with.
const FEATURES: [(&str, bool); 4] = [
    ("crc-hardware", cfg!(feature = "crc-hardware")),
    ("crc-slicing", cfg!(feature = "crc-slicing")),
    ("fast", cfg!(feature = "fast")),
    ("smoothutf8", cfg!(feature = "smoothutf8")),
];

/// Times, and how many times as long as ours each other took, round by round.
pub(crate) fn times(groups: &[Vec<Timed>]) {
    for group in groups {
        for timed in group {
            line(&timed.cell, median(timed.taken.iter().copied()), "ns");
        }
        for ours in group.iter().filter(|timed| timed.cell.is_ours()) {
            for other in group.iter().filter(|timed| !timed.cell.is_ours()) {
                let ratios = other.taken.iter().zip(&ours.taken).map(|(other, ours)| other / ours);
                line(&ours.cell, median(ratios), format!("x {}", other.cell.who));
            }
        }
    }
}

/// One figure. What took no time at all was not measured.
pub(crate) fn line(cell: &Cell, value: f64, unit: impl Display) {
    if !value.is_finite() {
        return;
    }
    let Cell { workload, measure, who, .. } = cell;
    let features = FEATURES.iter().filter(|(_, on)| *on).map(|(name, _)| *name);
    let features = features.collect::<Vec<_>>().join(",");
    println!(
        r#"{{"workload":"{workload}","measure":"{measure}","who":"{who}","value":{value:.3},"unit":"{unit}","features":"{features}"}}"#
    );
}
