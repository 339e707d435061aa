use std::fmt::Write as _;

use super::bar::{Bar, Judged};

/// What has to be reached, what was, and how often that was enough; nothing if nothing was measured
/// that has to be anything.
pub(crate) fn write(text: &mut String, bars: &[Bar], judged: &[Judged<'_>], name: Name) {
    if judged.is_empty() {
        return;
    }
    let _ =
        writeln!(text, "{:WHAT$}{:AGAINST$}{:>12}{:>12}{:>12}", "", "", "reached", "bar", "aim");
    for one in judged {
        let _ = writeln!(
            text,
            "{:WHAT$}{:AGAINST$}{:>12}{:>12}{:>12}  {}",
            name(one),
            one.against(),
            one.reached(),
            one.limit(),
            one.aim(),
            one.verdict(),
        );
    }
    let _ = writeln!(text, "{}", count(bars, judged));
}

/// How a bar is called: the codec names its features, the transport who it is.
pub(crate) type Name = fn(&Judged<'_>) -> String;

/// How many were met, and how many could be looked at.
pub(crate) fn count(bars: &[Bar], judged: &[Judged<'_>]) -> String {
    let met = judged.iter().filter(|one| one.is_met()).count();
    let measured = |bar: &&Bar| judged.iter().any(|one| std::ptr::eq(one.bar, *bar));
    let missing = bars.len() - bars.iter().filter(measured).count();
    let missing = if missing == 0 { String::new() } else { format!("; {missing} not measured") };
    format!("{met} of {} bars met{missing}", judged.len())
}

const WHAT: usize = 56;
const AGAINST: usize = 58;
