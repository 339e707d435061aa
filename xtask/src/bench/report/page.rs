use std::ptr;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::chart::{Chart, LONGEST};
use super::outline::Section;
use super::run::Run;
use super::{README, bars};
use crate::bench::about::About;
use crate::bench::bar::Judged;
use crate::bench::block::Block;

/// Everything that was measured, on one page.
pub(super) struct Page<'a> {
    runs: [Run<'a>; 2],
    /// Where the text is that says what the figures mean, as seen from the page.
    readme: Option<String>,
}

impl<'a> Page<'a> {
    pub(super) fn new(runs: [Run<'a>; 2], readme: Option<String>) -> Self {
        Self { runs, readme }
    }

    /// What is amiss with the figures.
    pub(super) fn notes(&self) -> Vec<String> {
        let [codec, transport] = &self.runs;
        [codec.differences(transport), codec.notes(), transport.notes()].concat()
    }

    pub(super) fn html(&self) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { "eyelet: benchmarks" }
                    style { (PreEscaped(STYLE)) }
                }
                body { (self.body()) }
            }
        };
        page.into_string()
    }

    fn body(&self) -> Markup {
        html! {
            header {
                h1 { "eyelet: benchmarks" }
                p { "The codec and the transport beside others that do the same." }
                nav {
                    a href="#bars" { "Bars" } " "
                    a href="#setting" { "Machine and versions" } " "
                    @for run in &self.runs {
                        a href={ "#" (run.part.name) } { (run.part.name) } " "
                    }
                }
            }
            main {
                (self.warnings())
                section #bars {
                    h2 { "What has to be reached" }
                    (bars::summary(&self.runs))
                }
                section #setting {
                    h2 { "Machine and versions" }
                    (self.setting())
                    (self.method())
                }
                @for run in &self.runs { (part(run)) }
            }
        }
    }

    fn warnings(&self) -> Markup {
        let notes = self.notes();
        html! {
            @if !notes.is_empty() {
                aside.notes aria-label="Notes" {
                    ul { @for note in &notes { li { (prose(note)) } } }
                }
            }
        }
    }

    fn setting(&self) -> Markup {
        html! {
            table.setting {
                thead {
                    tr {
                        td {}
                        @for run in &self.runs { th scope="col" { (run.part.name) } }
                    }
                }
                tbody {
                    @for (what, of) in FACTS {
                        tr {
                            th scope="row" { (what) }
                            @for run in &self.runs {
                                td { (of(run.about).unwrap_or_else(|| "not known".to_owned())) }
                            }
                        }
                    }
                }
            }
            div.versions {
                @for run in &self.runs { (versions(run)) }
            }
        }
    }

    fn method(&self) -> Markup {
        html! {
            h3 { "How to read the charts" }
            ul.legend {
                li.ours { (swatch()) "ours" }
                li.peer { (swatch()) "others that do the same" }
                li.reference {
                    (swatch())
                    "for reference: a part of the work alone, or something of another kind"
                }
            }
            p {
                "The best come first. Beside each value, × says how many times as good eyelet is: as \
                fast, as high a rate, as little memory, as few calls; under 1, the other is better. \
                Such a ratio is the median of many that were taken side by side; with ≈ it is the \
                quotient of two values that were not. A bar that would be more than "
                (LONGEST) " times as long as eyelet's is broken, so that it does not flatten the \
                others; its figure is whole."
            }
            h3 { "How it was measured" }
            p {
                "Everything that is compared did the same work, and what came of it was compared, too. \
                The codecs take turns in one process, the transports in repetitions of pairs of \
                processes, pinned to one CPU where they take turns and to one each where they do not; \
                the order is another each time. Ratios are taken between neighbours in time, and \
                medians are shown: they hold on a busy machine, too, times and rates do not. Words, \
                workloads and what is left out: "
                @match &self.readme {
                    Some(link) => a href=(link) { (README) },
                    None => code { (README) },
                }
                "."
            }
        }
    }
}

type Fact = fn(&About) -> Option<String>;

/// What is said of where and when each half was measured.
const FACTS: [(&str, Fact); 6] = [
    ("Processor", |about| about.processor.clone()),
    ("Kernel", |about| about.kernel.clone()),
    ("Compiler", |about| about.compiler.clone()),
    ("Commit", |about| about.commit.clone()),
    ("Measured", |about| {
        about.time.as_ref().map(|time| time.replace('T', " ").replace('Z', " UTC"))
    }),
    ("Others had of the machine", |about| about.others.map(|others| format!("{others:.1} %"))),
];

fn versions(run: &Run<'_>) -> Markup {
    html! {
        table {
            caption { (run.part.name) ": who was measured" }
            tbody {
                @for (who, versions) in &run.about.peers {
                    tr { th scope="row" { (who) } td { (if versions.is_empty() { "nothing but std" } else { versions }) } }
                }
                @if run.about.peers.is_empty() { tr { td { "versions are not known" } } }
            }
        }
    }
}

/// What stands between backticks is code.
fn prose(text: &str) -> Markup {
    html! {
        @for (index, piece) in text.split('`').enumerate() {
            @if index % 2 == 0 { (piece) } @else { code { (piece) } }
        }
    }
}

fn swatch() -> Markup {
    html! {
        svg.swatch width="28" height="9" aria-hidden="true" {
            rect.bar width="28" height="9" rx="2" {}
        }
    }
}

fn part(run: &Run<'_>) -> Markup {
    let judged = run.judged();
    html! {
        section id=(run.part.name) {
            h2 { (run.part.name) }
            p { (run.part.about) }
            @for (section, blocks) in run.part.sections(&run.blocks) {
                (charts(run, section, &blocks, &judged))
            }
        }
    }
}

fn charts(
    run: &Run<'_>,
    section: &Section,
    blocks: &[&Block<'_>],
    judged: &[Judged<'_>],
) -> Markup {
    let folded = run
        .part
        .folded
        .filter(|(features, _)| blocks.iter().any(|block| block.features == *features));
    let is_folded =
        |block: &&&Block<'_>| folded.is_some_and(|(features, _)| features == block.features);
    html! {
        h3 { (section.name) }
        p { (section.about) }
        div.charts {
            @for block in blocks.iter().filter(|block| !is_folded(block)) {
                (chart(run, block, judged))
            }
        }
        @if let Some((_, name)) = folded {
            details.folded {
                summary { (name) }
                div.charts {
                    @for block in blocks.iter().filter(is_folded) { (chart(run, block, judged)) }
                }
            }
        }
    }
}

fn chart<'a>(run: &'a Run<'a>, block: &'a Block<'a>, judged: &'a [Judged<'a>]) -> Markup {
    let of_this = |one: &&Judged<'_>| ptr::eq(one.block, block);
    let at = run.blocks.iter().position(|one| ptr::eq(one, block)).unwrap_or_default();
    let chart = Chart {
        block,
        about: run.part.about_workload(block.workload),
        judged: judged.iter().filter(of_this).collect(),
        id: format!("{}-{at}", run.part.name),
    };
    chart.html()
}

const STYLE: &str = include_str!("page.css");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::record::Record;

    const CODEC: &str = r#"{"about":"run","time":"2026-01-02T03:04:05Z","commit":"0123abcd","in part":false}
{"about":"compiler","version":"rustc 1.89.0"}
{"about":"machine","processor":"a processor","kernel":"Linux 6.1","others, percent":0.5}
{"about":"peer","who":"prost","versions":"prost 0.14.4"}
{"workload":"T","measure":"decode","who":"eyelet","value":100.0,"unit":"ns","features":"crc-hardware,fast,smoothutf8"}
{"workload":"T","measure":"decode","who":"prost","value":400.0,"unit":"ns","features":"crc-hardware,fast,smoothutf8"}
{"workload":"T","measure":"decode","who":"eyelet","value":4.04,"unit":"x prost","features":"crc-hardware,fast,smoothutf8"}
"#;
    const TRANSPORT: &str = r#"{"about":"run","time":"2026-01-02T03:04:05Z","commit":"0123abcd","in part":false}
{"about":"compiler","version":"rustc 1.89.0"}
{"workload":"round trip","measure":"p50","who":"eyelet","value":10.0,"unit":"ns","features":""}
{"workload":"round trip","measure":"p50","who":"raw echo","value":5.0,"unit":"ns","features":""}
{"workload":"round trip","measure":"p50","who":"eyelet","value":0.5,"unit":"x raw echo","features":""}
"#;

    /// Of what was measured, and the notes on it.
    fn page(codec: &str, transport: &str) -> (String, Vec<String>) {
        let records = [codec, transport].map(|text| Record::parse(text).unwrap());
        let page = Page::new(Run::of_both(&records), Some("../README.md".to_owned()));
        (page.html(), page.notes())
    }

    #[test]
    fn a_page_has_the_figures_the_bars_and_where_they_were_measured() {
        let (html, notes) = page(CODEC, TRANSPORT);
        assert_eq!(notes, [""; 0]);
        for text in [
            "eyelet 100 ns, prost 400 ns (4.04 ×)",
            "<td class=\"number\">400 ns</td><td class=\"number\">4.04 ×</td>",
            "Codec: 2 of 2 bars met; 32 not measured",
            "Transport: 0 of 1 bars met; 15 not measured",
            "<small>× the time of raw echo</small>",
            "a processor",
            "Linux 6.1",
            "rustc 1.89.0",
            "0123abcd",
            "2026-01-02 03:04:05 UTC",
            "0.5 %",
            "<th scope=\"row\">prost</th><td>prost 0.14.4</td>",
            "href=\"../README.md\"",
        ] {
            assert!(html.contains(text), "{text}\n{html}");
        }
    }

    #[test]
    fn a_page_asks_nothing_of_anybody() {
        let (html, _) = page(CODEC, TRANSPORT);
        for what in ["<script", "http:", "https:", "src=", "url(", "@import", "<link"] {
            assert!(!html.contains(what), "{what}");
        }
    }

    #[test]
    fn what_was_measured_is_text_whatever_it_is_called() {
        let named = |text: &str| text.replace("prost", "<b>&'");
        let (html, _) = page(&named(CODEC), &named(TRANSPORT));
        assert!(html.contains("&lt;b&gt;&amp;'"), "{html}");
        assert!(!html.contains("<b>&"), "{html}");
    }

    #[test]
    fn what_does_not_fit_together_is_said_with_the_commands_that_mend_it() {
        let both = "`cargo xtask bench codec` and `cargo xtask bench transport` measure them alike";
        let codec = "`cargo xtask bench codec` measures";
        for (case, changed, with, note) in [
            ("commit", "0123abcd", "4567cdef", both),
            ("compiler", "rustc 1.89.0", "rustc 1.95.0", both),
            ("no commit", r#""0123abcd""#, "null", codec),
            ("in part", r#""in part":false"#, r#""in part":true"#, codec),
            ("busy", r#""others, percent":0.5"#, r#""others, percent":50"#, codec),
        ] {
            let (html, notes) = page(&CODEC.replace(changed, with), TRANSPORT);
            assert_eq!(notes.len(), 1, "{case}: {notes:?}");
            assert!(notes[0].contains(note), "{case}: {notes:?}");
            assert!(html.contains("<code>cargo xtask bench codec</code>"), "{case}");
        }
    }
}
