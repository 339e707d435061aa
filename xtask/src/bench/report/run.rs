use super::outline::{self, Part};
use crate::bench::about::About;
use crate::bench::bar::{Bar, Judged, judge};
use crate::bench::block::Block;
use crate::bench::record::Record;
use crate::bench::{codec, summary, transport};

/// One half of the page: what one command has measured.
pub(super) struct Run<'a> {
    pub(super) part: &'static Part,
    pub(super) about: &'a About,
    pub(super) blocks: Vec<Block<'a>>,
    bars: &'static [Bar],
    command: &'static str,
}

impl<'a> Run<'a> {
    /// The codec's and the transport's.
    pub(super) fn of_both([codec, transport]: &'a [Record; 2]) -> [Self; 2] {
        [
            Self::new(codec, &outline::CODEC, codec::BARS, codec::COMMAND),
            Self::new(transport, &outline::TRANSPORT, transport::BARS, transport::COMMAND),
        ]
    }

    fn new(
        record: &'a Record,
        part: &'static Part,
        bars: &'static [Bar],
        command: &'static str,
    ) -> Self {
        let blocks = Block::all(&record.figures);
        Self { part, about: &record.about, blocks, bars, command }
    }

    pub(super) fn judged(&self) -> Vec<Judged<'_>> {
        judge(self.bars, &self.blocks)
    }

    /// How many bars were met.
    pub(super) fn count(&self) -> String {
        summary::count(self.bars, &self.judged())
    }

    /// What a reader has to know before believing it.
    pub(super) fn notes(&self) -> Vec<String> {
        let Self { part, about, command, .. } = self;
        let name = part.name;
        let mut notes = Vec::new();
        if about.in_part {
            notes.push(format!(
                "{name}: measured shortly or in part, so not to be quoted; `{command}` measures all of it"
            ));
        }
        if about.commit.is_none() {
            notes.push(format!(
                "{name}: at which commit it was measured is not known; `{command}` measures it anew"
            ));
        }
        if let Some(others) = about.busy() {
            notes.push(format!(
                "{name}: others had {others:.0} % of the machine meanwhile, so rates and times mean little; `{command}` measures it anew"
            ));
        }
        if !about.failures.is_empty() {
            notes.push(format!(
                "{name}: not measured, or not each time: {}",
                about.failures.join("; ")
            ));
        }
        notes
    }

    /// In what this was measured otherwise than the other half.
    pub(super) fn differences(&self, other: &Self) -> Vec<String> {
        let (one, another) = (self.about, other.about);
        [
            ("commits", &one.commit, &another.commit),
            ("processors", &one.processor, &another.processor),
            ("kernels", &one.kernel, &another.kernel),
            ("compilers", &one.compiler, &another.compiler),
        ]
        .into_iter()
        .filter_map(|(what, one, another)| {
            let (one, another) = (one.as_ref()?, another.as_ref()?);
            (one != another).then(|| {
                format!(
                    "the halves of this page are of different {what}, {one} and {another}; `{}` and `{}` measure them alike",
                    self.command, other.command
                )
            })
        })
        .collect()
    }
}
