use std::collections::VecDeque;

use crate::injection::Mark;

/// One direction of the line.
#[derive(Default)]
pub(crate) struct Pipe {
    bytes: VecDeque<u8>,
    /// Of all bytes since the beginning, those that have come out.
    read: usize,
    /// Where whole frames begin that nobody sent, in that count.
    marks: VecDeque<(usize, Mark)>,
    /// What its sender wrote last, for repeats: whole frames.
    pub(crate) last: VecDeque<Vec<u8>>,
    /// Nothing more goes in.
    pub(crate) closed: bool,
}

impl Pipe {
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    pub(crate) fn inject(&mut self, frame: &[u8], mark: Option<Mark>) {
        if let Some(mark) = mark {
            self.marks.push_back((self.read + self.bytes.len(), mark));
        }
        self.write(frame);
    }

    pub(crate) fn flip(&mut self, bit: usize) -> bool {
        let Some(bits) = (self.bytes.len() * 8).checked_sub(1) else { return false };
        let bit = bit % (bits + 1);
        self.bytes[bit / 8] ^= 1 << (bit % 8);
        true
    }

    pub(crate) fn read(&mut self, count: usize) -> Vec<u8> {
        let count = count.min(self.bytes.len());
        self.read += count;
        self.bytes.drain(..count).collect()
    }

    /// All but the first `count` bytes under way are lost, and nothing more goes in.
    pub(crate) fn cut(&mut self, count: usize) {
        self.bytes.truncate(count);
        self.closed = true;
    }

    /// What is known of the frame that begins at `offset`.
    pub(crate) fn mark(&mut self, offset: usize) -> Option<Mark> {
        while self.marks.front().is_some_and(|(at, _)| *at < offset) {
            self.marks.pop_front();
        }
        self.marks.front().filter(|(at, _)| *at == offset).map(|(_, mark)| *mark)
    }
}
