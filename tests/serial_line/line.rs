use std::collections::VecDeque;
use std::fmt::{self, Display, Formatter};
use std::ops::AddAssign;
use std::time::Duration;

use eyelet_tests::random::Random;

/// A byte at 115,200 bits a second.
pub(crate) const BYTE: Duration = Duration::from_nanos(86_806);

/// Nothing arrives.
pub(crate) const DEAD: usize = 1001;

/// One direction of a line, which keeps order, and with it only.
pub(crate) struct Line {
    random: Random,
    /// Frames of a thousand that something happens to; [`DEAD`].
    pub(crate) per_mille: usize,
    /// Between a byte's end on one side and its arrival on the other, as in an adapter's buffers.
    delay: Duration,
    /// When the sender can put the next frame on it.
    pub(crate) free_at: Duration,
    under_way: VecDeque<Stretch>,
    pub(crate) faults: Faults,
}

/// Bytes one behind the other.
struct Stretch {
    /// Of the last byte.
    arrives: Duration,
    bytes: Vec<u8>,
}

/// What has happened to frames, by kind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    pub(crate) frames: usize,
    pub(crate) flipped: usize,
    pub(crate) dropped: usize,
    pub(crate) doubled: usize,
    pub(crate) doubled_frames: usize,
    pub(crate) inserted: usize,
    /// Frames that a restart cut off.
    pub(crate) cut: usize,
}

impl Line {
    pub(crate) fn new(seed: u64, per_mille: usize, delay: Duration) -> Self {
        Self {
            random: Random::new(seed),
            per_mille,
            delay,
            free_at: Duration::ZERO,
            under_way: VecDeque::new(),
            faults: Faults::default(),
        }
    }

    /// Takes a frame of a sender that has waited until it is free.
    pub(crate) fn put(&mut self, now: Duration, frame: &[u8]) {
        assert!(self.free_at <= now, "two frames at once");
        self.free_at = now + BYTE * u32::try_from(frame.len()).unwrap();
        self.faults.frames += 1;
        let mut bytes = frame.to_vec();
        if self.per_mille == DEAD {
            bytes.clear();
        } else if self.random.chance(self.per_mille) {
            for _ in 0..=self.random.below(3) {
                self.damage(&mut bytes);
            }
        }
        self.under_way.push_back(Stretch { arrives: self.free_at + self.delay, bytes });
    }

    pub(crate) fn next_arrival(&self) -> Option<Duration> {
        self.under_way.front().map(|stretch| stretch.arrives)
    }

    pub(crate) fn arrive(&mut self, now: Duration) -> Option<Vec<u8>> {
        self.under_way.front().filter(|stretch| stretch.arrives <= now)?;
        self.under_way.pop_front().map(|stretch| stretch.bytes)
    }

    /// Frames that have not arrived.
    pub(crate) fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// The sender has restarted: what it had not yet sent of a frame it never sends.
    pub(crate) fn cut(&mut self, now: Duration) {
        let unsent = bytes_in(self.free_at.saturating_sub(now));
        if unsent > 0
            && let Some(stretch) = self.under_way.back_mut()
        {
            let sent = stretch.bytes.len().saturating_sub(unsent);
            stretch.bytes.truncate(sent);
            self.faults.cut += 1;
        }
        self.free_at = self.free_at.min(now);
    }

    /// The receiver has restarted: what it had received of a frame is gone.
    pub(crate) fn miss(&mut self, now: Duration) {
        if let Some(stretch) = self.under_way.front_mut() {
            let coming = bytes_in(stretch.arrives.saturating_sub(now));
            let missed = stretch.bytes.len().saturating_sub(coming);
            stretch.bytes.drain(..missed);
        }
    }

    fn damage(&mut self, bytes: &mut Vec<u8>) {
        let random = &mut self.random;
        let at = random.below(bytes.len() + 1);
        match random.below(4) {
            0 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                    self.faults.flipped += 1;
                }
            }
            1 => {
                let run = if random.chance(250) { 1 + random.below(24) } else { 1 };
                let end = bytes.len().min(at + run);
                self.faults.dropped += bytes.drain(at..end).len();
            }
            2 if random.chance(100) => {
                bytes.extend_from_within(..);
                self.faults.doubled_frames += 1;
            }
            2 => {
                if let Some(&byte) = bytes.get(at) {
                    bytes.insert(at, byte);
                    self.faults.doubled += 1;
                }
            }
            _ => {
                let run = if random.chance(250) { 1 + random.below(8) } else { 1 };
                for _ in 0..run {
                    let byte = if random.chance(250) { 0 } else { random.byte() };
                    bytes.insert(at, byte);
                    self.faults.inserted += 1;
                }
            }
        }
    }
}

fn bytes_in(time: Duration) -> usize {
    usize::try_from(time.as_nanos().div_ceil(BYTE.as_nanos())).unwrap()
}

impl AddAssign for Faults {
    fn add_assign(&mut self, other: Self) {
        self.frames += other.frames;
        self.flipped += other.flipped;
        self.dropped += other.dropped;
        self.doubled += other.doubled;
        self.doubled_frames += other.doubled_frames;
        self.inserted += other.inserted;
        self.cut += other.cut;
    }
}

impl Display for Faults {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "bits flipped {}, bytes dropped {}, doubled {}, inserted {}, frames doubled {}, cut {}, of \
             {} frames",
            self.flipped,
            self.dropped,
            self.doubled,
            self.inserted,
            self.doubled_frames,
            self.cut,
            self.frames
        )
    }
}
