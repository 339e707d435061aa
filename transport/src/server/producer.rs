use std::mem;

use eyelet_codec::{ProcessRecord, Progress, Pushed, ResultWriter};
use tokio::sync::mpsc;

use super::Outcome;
use super::chunk::{CHUNK, RECORD};
use super::sink::SendError;
use crate::Fault;

/// Chunks between a producer's thread and its connection.
pub(super) const CHUNKS_AHEAD: usize = 2;

/// What comes from a producer's thread.
pub(super) enum Produced {
    /// An encoded chunk, and how many records are in it.
    Chunk(Vec<u8>, u64),
    /// How it ended, and how many of its records did not fit a frame.
    End(Result<Outcome, Fault>, u64),
}

/// Where work on a thread of its own puts its records.
pub struct Producer {
    made: mpsc::Sender<Produced>,
    buf: Vec<u8>,
    progress: Progress,
    records: u64,
    room: usize,
    left_out: u64,
}

impl Producer {
    /// `room` bytes are the largest result that a frame to this agent can carry.
    pub(super) fn new(made: mpsc::Sender<Produced>, room: usize) -> Self {
        let (buf, progress) = (Vec::new(), Progress::default());
        Self { made, buf, progress, records: 0, room, left_out: 0 }
    }

    /// Has the thread to itself, if the stream is still there when it comes to run.
    pub(super) fn run(mut self, produce: impl FnOnce(&mut Self) -> Result<Outcome, Fault>) {
        if self.made.is_closed() {
            return;
        }
        let outcome = produce(&mut self);
        // The agent being gone ends the work as much as its end does.
        let _ = self.flush();
        let _ = self.made.blocking_send(Produced::End(outcome, self.left_out));
    }

    /// Sends one record; blocks while too much is under way.
    ///
    /// # Errors
    /// As [`Sink::send`](super::Sink::send).
    pub fn send(&mut self, record: &ProcessRecord<'_>) -> Result<(), SendError> {
        if self.made.is_closed() {
            return Err(SendError::Gone);
        }
        if self.push(record)? == Pushed::Full {
            self.flush()?;
            if self.push(record)? == Pushed::Full {
                self.left_out += 1;
                return Ok(());
            }
        }
        self.records += 1;
        if self.progress.len() >= CHUNK { self.flush() } else { Ok(()) }
    }

    fn push(&mut self, record: &ProcessRecord<'_>) -> Result<Pushed, SendError> {
        let mut room = (CHUNK + RECORD).min(self.room);
        loop {
            self.buf.resize(room.max(self.buf.len()), 0);
            let mut writer = ResultWriter::resume(&mut self.buf[..room], self.progress);
            let pushed = writer.push(record).map_err(SendError::Record)?;
            self.progress = writer.progress();
            if pushed == Pushed::Done || room == self.room {
                return Ok(pushed);
            }
            room = (2 * room).min(self.room);
        }
    }

    fn flush(&mut self) -> Result<(), SendError> {
        if self.progress.is_empty() {
            return Ok(());
        }
        self.buf.truncate(self.progress.len());
        self.progress = Progress::default();
        let chunk = Produced::Chunk(mem::take(&mut self.buf), mem::take(&mut self.records));
        self.made.blocking_send(chunk).map_err(|_| SendError::Gone)
    }
}
