use std::fmt::{self, Display, Formatter};

use super::kept::{KEPT, VARIANTS, Variant};
use super::program::Program;
use super::toolchain::Toolchain;
use crate::failure::Failure;
use crate::workspace::Workspace;

/// Of the table in which a [`Group`] stands.
pub(super) const HEAD: &str = "\
| bytes | encode only | decode only | both | collector: tasks in, results out | agent: the reverse | constants, at most |
|---|--:|--:|--:|--:|--:|--:|
";

/// Sizes may differ by so many percent from what was written down.
const TOLERANCE: u64 = 3;

/// The rows of the table that one toolchain made, below one that names it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) key: String,
    rows: Vec<(String, Vec<u64>)>,
}

impl Group {
    pub(super) fn measure(workspace: &Workspace, toolchain: &Toolchain) -> Result<Self, Failure> {
        let measure = |variant: &Variant| {
            let programs = KEPT
                .iter()
                .map(|kept| Program::build(workspace, toolchain, &kept.features(variant)));
            let programs = programs.collect::<Result<Vec<_>, _>>()?;
            let constants = programs.iter().map(|program| program.constants).max();
            let sizes = programs.iter().map(|program| program.text).chain(constants);
            Ok((variant.name.to_owned(), sizes.collect()))
        };
        let rows = VARIANTS.iter().map(measure).collect::<Result<_, Failure>>()?;
        Ok(Self { key: toolchain.key(), rows })
    }

    /// The one of this key in a text.
    pub(super) fn find(text: &str, key: &str) -> Option<Self> {
        let mut lines = text.lines();
        lines.find(|line| cells(line).next() == Some(&title(key)))?;
        let rows = lines.map_while(row).collect();
        Some(Self { key: key.to_owned(), rows })
    }

    /// What is not in both, or not as large, in words.
    pub(super) fn differences(&self, other: &Self) -> Vec<String> {
        if !self.rows.iter().map(|(name, _)| name).eq(other.rows.iter().map(|(name, _)| name)) {
            return vec!["the rows are others".to_owned()];
        }
        let rows =
            self.rows.iter().zip(&other.rows).filter(|((_, said), (_, is))| !agree(said, is));
        rows.map(|((name, said), (_, is))| format!("{name}: {said:?} there, {is:?} now")).collect()
    }
}

/// Two rows, number by number.
fn agree(said: &[u64], is: &[u64]) -> bool {
    let near = |(said, is): (&u64, &u64)| said.abs_diff(*is) * 100 <= said * TOLERANCE;
    said.len() == is.len() && said.iter().zip(is).all(near)
}

/// A row of sizes; that of another group has none.
fn row(line: &str) -> Option<(String, Vec<u64>)> {
    let mut cells = cells(line);
    let name = cells.next()?.to_owned();
    let sizes: Option<Vec<_>> = cells.map(|cell| cell.replace(',', "").parse().ok()).collect();
    Some((name, sizes?))
}

fn cells(line: &str) -> impl Iterator<Item = &str> {
    let inner = line.strip_prefix('|').and_then(|line| line.strip_suffix('|'));
    inner.into_iter().flat_map(|inner| inner.split('|')).map(str::trim)
}

fn title(key: &str) -> String {
    format!("**{key}**")
}

impl Display for Group {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "| {} |{}", title(&self.key), " |".repeat(KEPT.len() + 1))?;
        self.rows.iter().try_for_each(|(name, sizes)| {
            write!(f, "| {name} |")?;
            sizes.iter().try_for_each(|size| write!(f, " {} |", grouped(*size)))?;
            writeln!(f)
        })
    }
}

/// 1234567 as 1,234,567.
fn grouped(number: u64) -> String {
    match (number / 1000, number % 1000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{},{rest:03}", grouped(thousands)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "rustc 1.89.0, thumbv6m-none-eabi";

    fn group(text: u64) -> Group {
        let row = |name: &str, text| (name.to_owned(), vec![text, 1_234_567]);
        Group { key: KEY.to_owned(), rows: vec![row("tasks", text), row("results", 12_005)] }
    }

    #[test]
    fn what_is_printed_is_found_again_among_others() {
        let other = Group { key: "rustc 1.90.0".to_owned(), ..group(1) };
        let text = format!("Text.\n\n{HEAD}{other}{}{other}\nText.\n", group(1000));
        assert_eq!(Group::find(&text, KEY), Some(group(1000)));
        assert_eq!(Group::find(&text, "rustc 1.91.0"), None);
    }

    #[test]
    fn three_percent_more_or_less_are_no_difference() {
        for (now, differences) in [(1000, 0), (1030, 0), (970, 0), (1031, 1), (969, 1)] {
            assert_eq!(group(1000).differences(&group(now)).len(), differences, "{now}");
        }
    }

    #[test]
    fn a_row_that_is_missing_or_another_is_a_difference() {
        let mut fewer = group(1000);
        fewer.rows.pop();
        assert_eq!(fewer.differences(&group(1000)), ["the rows are others"]);
        let mut narrower = group(1000);
        narrower.rows[0].1.pop();
        assert_eq!(narrower.differences(&group(1000)).len(), 1);
    }
}
