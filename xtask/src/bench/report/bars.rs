use maud::{Markup, html};

use super::run::Run;
use crate::bench::bar::Judged;
use crate::bench::block::OURS;

/// What has to be reached: how much of it was, what was not, and everything to unfold.
pub(super) fn summary(runs: &[Run<'_>; 2]) -> Markup {
    html! {
        @for run in runs {
            @let judged = run.judged();
            h3 { (run.part.name) ": " (run.count()) }
            div.tiles {
                @for one in judged.iter().filter(|one| (run.part.is_telling)(one)) {
                    (tile(run, one))
                }
            }
            @let missed: Vec<_> = judged.iter().filter(|one| !one.is_met()).collect();
            @if !missed.is_empty() {
                h4 { "Not met" }
                (table(run, &missed))
            }
            details {
                summary { "All " (judged.len()) " bars" }
                (table(run, &judged.iter().collect::<Vec<_>>()))
            }
        }
    }
}

/// A figure that tells much by itself.
fn tile(run: &Run<'_>, judged: &Judged<'_>) -> Markup {
    html! {
        p.tile {
            b { (judged.reached()) @if !judged.against().is_empty() { " ×" } }
            span { (judged.against().trim_start_matches('×')) }
            small { ((run.part.bar_name)(judged)) ": " (verdict(judged)) }
        }
    }
}

fn table(run: &Run<'_>, judged: &[&Judged<'_>]) -> Markup {
    html! {
        table.bars {
            thead {
                tr {
                    th scope="col" { "What" }
                    th.number scope="col" { "Reached" }
                    th.number scope="col" { "Bar" br; small { "aim" } }
                    th scope="col" { "Verdict" }
                }
            }
            tbody {
                @for one in judged {
                    tr {
                        th scope="row" {
                            ((run.part.bar_name)(one))
                            @if !one.against().is_empty() { br; small { (one.against()) } }
                        }
                        td.number { (one.reached()) }
                        td.number { (one.limit()) br; small { (one.aim()) } }
                        td { (verdict(one)) }
                    }
                }
            }
        }
    }
}

/// What has to be reached of one chart.
pub(super) fn list(judged: &[&Judged<'_>]) -> Markup {
    html! {
        @if !judged.is_empty() {
            ul.verdicts {
                @for one in judged {
                    li {
                        (verdict(one)) " "
                        @if one.bar.who != OURS { (one.bar.who) ": " }
                        (one.reached()) " " (one.against())
                        small { " (bar " (one.limit()) ", aim " (one.aim()) ")" }
                    }
                }
            }
        }
    }
}

fn verdict(judged: &Judged<'_>) -> Markup {
    let class = if judged.is_met() { "met" } else { "missed" };
    html! { span class=(class) { (judged.verdict()) } }
}
