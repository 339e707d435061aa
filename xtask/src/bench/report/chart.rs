use maud::{Markup, html};

use super::bars;
use crate::bench::bar::Judged;
use crate::bench::block::{Block, OURS, Role};
use crate::bench::quantity::{ratio, shown};

/// A bar that would be more than so many times as long as ours is broken: it would flatten the others.
pub(super) const LONGEST: f64 = 20.0;

/// One thing that was measured, by everybody, the best first.
pub(super) struct Chart<'a> {
    pub(super) block: &'a Block<'a>,
    /// What the workload is.
    pub(super) about: Option<&'static str>,
    pub(super) judged: Vec<&'a Judged<'a>>,
    /// No other on the page has it.
    pub(super) id: String,
}

/// Pixels. A name and its figures stand above their bar, so that neither can run into the other, and
/// the text keeps its size on a narrow page.
const ROW: usize = 36;
const TEXT: usize = 14;
const BAR: usize = 20;
const THICKNESS: usize = 9;
/// Before the right end: where values end, since ratios follow; page.css undoes it where they do not.
const RATIO: &str = "-64";

impl Chart<'_> {
    pub(super) fn html(&self) -> Markup {
        html! {
            figure.chart {
                figcaption {
                    h4 { (self.title()) }
                    p { (self.caption()) }
                }
                (self.svg())
                (bars::list(&self.judged))
                details {
                    summary { "Figures" }
                    (self.table())
                }
            }
        }
    }

    fn title(&self) -> String {
        let Block { workload, measure, .. } = self.block;
        format!("{workload}: {measure}")
    }

    fn caption(&self) -> String {
        let better = if self.block.more_is_better() { "more is better" } else { "less is better" };
        let scale = self.scale();
        let is_broken = self.block.values.iter().any(|(_, value)| *value > scale);
        let broken = is_broken.then_some("a broken bar is longer than it can be shown");
        [self.about, Some(better), broken].into_iter().flatten().collect::<Vec<_>>().join("; ")
    }

    fn svg(&self) -> Markup {
        let [title, description] = ["title", "description"].map(|of| format!("{of}-{}", self.id));
        let scale = self.scale();
        html! {
            svg role="img" aria-labelledby={ (title) " " (description) }
                width="100%" height=(self.block.values.len() * ROW) {
                title id=(title) { (self.title()) }
                desc id=(description) { (self.description()) }
                @for (index, (who, value)) in self.block.values.iter().enumerate() {
                    @let top = index * ROW;
                    g class=(class(who)) {
                        text x="0" y=(top + TEXT) { (who) }
                        text.number x="100%" dx=(RATIO) y=(top + TEXT) { (shown(*value, self.block.unit)) }
                        text.number.ratio x="100%" y=(top + TEXT) { (self.ratio(who)) }
                        rect.track x="0" y=(top + BAR) width="100%" height=(THICKNESS) rx="2" {}
                        rect.bar x="0" y=(top + BAR) width={ (percent(*value, scale)) "%" }
                            height=(THICKNESS) rx="2" {}
                        @if *value > scale { (gap(top + BAR)) }
                    }
                }
            }
        }
    }

    /// What the longest bar stands for.
    fn scale(&self) -> f64 {
        let all = self.block.values.iter().map(|(_, value)| *value);
        let longest = all.fold(0.0, f64::max);
        match self.block.value(OURS) {
            Some(ours) if ours > 0.0 => longest.min(ours * LONGEST),
            _ => longest,
        }
    }

    /// How many times as good ours is; marked where it was not measured side by side.
    fn ratio(&self, who: &str) -> String {
        if who == OURS {
            return String::new();
        }
        let measured =
            self.block.measured_ratio(OURS, who).map(|times| format!("{} ×", ratio(times)));
        let quotient = || Some(format!("≈{} ×", ratio(self.block.quotient(OURS, who)?)));
        measured.or_else(quotient).unwrap_or_default()
    }

    /// What is to be seen, for those who do not see it.
    fn description(&self) -> String {
        let all = self.block.values.iter().map(|(who, value)| {
            let (value, ratio) = (shown(*value, self.block.unit), self.ratio(who));
            if ratio.is_empty() {
                format!("{who} {value}")
            } else {
                format!("{who} {value} ({ratio})")
            }
        });
        format!("{}. The best first: {}.", self.caption(), all.collect::<Vec<_>>().join(", "))
    }

    fn table(&self) -> Markup {
        html! {
            table {
                thead {
                    tr {
                        th scope="col" { "Who" }
                        th.number scope="col" { "Value" }
                        th.number scope="col" { (OURS) " is" }
                    }
                }
                tbody {
                    @for (who, value) in &self.block.values {
                        tr class=(class(who)) {
                            th scope="row" { (who) }
                            td.number { (shown(*value, self.block.unit)) }
                            td.number { (self.ratio(who)) }
                        }
                    }
                }
            }
        }
    }
}

/// Two strokes through a bar that goes on.
fn gap(top: usize) -> Markup {
    html! {
        svg.gap x="100%" y=(top) width="1" height=(THICKNESS) {
            path d="M-34 11 l5 -13 h4 l-5 13z M-26 11 l5 -13 h4 l-5 13z" {}
        }
    }
}

fn percent(value: f64, scale: f64) -> String {
    if scale > 0.0 { format!("{:.2}", (100.0 * value / scale).min(100.0)) } else { "0".to_owned() }
}

fn class(who: &str) -> &'static str {
    match Role::of(who) {
        Role::Ours => "ours",
        Role::Peer => "peer",
        Role::Reference => "reference",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::figure::{Figure, Key};

    /// A chart of these times.
    fn chart(values: &[(&str, f64)]) -> String {
        let figure = |(who, value): &(&str, f64)| {
            let [workload, measure, who, unit, features] =
                ["T", "decode", who, "ns", ""].map(str::to_owned);
            Figure { key: Key { workload, measure, who, unit, features }, value: *value }
        };
        let figures: Vec<_> = values.iter().map(figure).collect();
        let block = &Block::all(&figures)[0];
        Chart { block, about: None, judged: Vec::new(), id: "one".to_owned() }.html().into_string()
    }

    fn times(html: &str, text: &str) -> usize {
        html.matches(text).count()
    }

    #[test]
    fn a_bar_is_broken_where_it_would_flatten_the_others_and_only_there() {
        for (other, width, broken) in [(200.0, "5.00%", 0), (201.0, "5.00%", 1), (1e6, "5.00%", 1)]
        {
            let html = chart(&[("eyelet", 10.0), ("prost", other)]);
            assert_eq!(times(&html, "class=\"gap\""), broken, "{other}");
            assert_eq!(times(&html, &format!("width=\"{width}\"")), 1, "{other}: {html}");
            assert_eq!(
                times(&html, "class=\"bar\" x=\"0\" y=\"56\" width=\"100.00%\""),
                1,
                "{other}: {html}"
            );
            assert_eq!(
                times(&html, "a broken bar"),
                2 * broken,
                "caption and description, {other}"
            );
            assert!(html.contains(&shown(other, "ns")), "{other}");
        }
    }

    #[test]
    fn nothing_has_a_bar_of_no_length() {
        let html = chart(&[("eyelet", 0.0), ("prost", 0.0)]);
        assert_eq!(times(&html, "width=\"0%\""), 2, "{html}");
        assert_eq!(times(&html, "NaN"), 0, "{html}");
    }

    #[test]
    fn what_was_not_measured_side_by_side_is_marked() {
        let html = chart(&[("eyelet", 10.0), ("eyelet slots", 20.0)]);
        assert_eq!(times(&html, "≈2.00 ×"), 3, "picture, description and table: {html}");
    }
}
