use eyelet_codec::frame::{self, FrameError, HEAD, MAX_OVERHEAD};
use eyelet_codec::{Message, Repeated};

use crate::NodeError;
use crate::messages::commands::{Command, CommandAction, Configure, Threshold};
use crate::messages::readings::{Reading, ReadingValue, Report, State, Status};

/// Bytes of the longest report's frame.
pub const MAX_REPORT: usize = Report::MAX_ENCODED_LEN + MAX_OVERHEAD;

/// As the schema allows in one command.
const THRESHOLDS: usize = Configure::THRESHOLDS.max_items as usize;

/// What a node knows from one report to the next.
#[derive(Clone, Copy, Debug)]
pub struct Node<'n> {
    name: &'n str,
    sequence: u32,
    state: State,
    thresholds: [Threshold; THRESHOLDS],
    /// `watched <= THRESHOLDS`
    watched: usize,
}

impl<'n> Node<'n> {
    /// A node that measures and has no thresholds.
    pub const fn new(name: &'n str) -> Self {
        let nothing = Threshold { channel: 0, low: None, high: None, hysteresis: 0.0 };
        let thresholds = [nothing; THRESHOLDS];
        Self { name, sequence: 0, state: State::MEASURING, thresholds, watched: 0 }
    }

    /// Does what the host asks for.
    pub fn obey(&mut self, command: &Command<'_>) {
        match command.action {
            Some(CommandAction::Configure(configure)) => self.watch(configure.thresholds),
            Some(CommandAction::Update(_)) => self.state = State::UPDATING,
            Some(CommandAction::Enter(state)) => self.state = state,
            // An action of a later schema.
            None => {}
        }
    }

    /// Writes a frame with what was measured to the start of `out`, and returns its length.
    ///
    /// The report is encoded where it will stand, and the frame closed around it.
    ///
    /// # Errors
    /// A limit of the schema, or that `out` is too small; [`MAX_REPORT`] bytes always suffice.
    pub fn report(
        &mut self,
        uptime_ms: u64,
        readings: &[Reading<'_>],
        out: &mut [u8],
    ) -> Result<usize, NodeError> {
        let status = Status { version: "1.4.0", state: self.state, ..Status::default() };
        let report = Report {
            node: self.name,
            sequence: self.sequence,
            uptime_ms,
            readings: Repeated::new(readings),
            status: Some(status),
            ..Report::default()
        };
        let len = report.encode(out.get_mut(HEAD..).ok_or(FrameError::Buffer)?)?;
        let len = frame::seal(out, len)?;
        self.sequence = self.sequence.wrapping_add(1);
        Ok(len)
    }

    /// Whether a reading is outside the range that the host has set for its channel.
    pub fn is_alarming(&self, reading: &Reading<'_>) -> bool {
        let Some(ReadingValue::Celsius(celsius)) = reading.value else { return false };
        let watched = self.thresholds.iter().take(self.watched);
        watched.filter(|threshold| threshold.channel == reading.channel).any(|threshold| {
            threshold.low.is_some_and(|low| celsius < low)
                || threshold.high.is_some_and(|high| celsius > high)
        })
    }

    fn watch(&mut self, thresholds: Repeated<'_, Threshold>) {
        self.watched = 0;
        for (place, threshold) in self.thresholds.iter_mut().zip(thresholds) {
            *place = threshold;
            self.watched += 1;
        }
    }
}
