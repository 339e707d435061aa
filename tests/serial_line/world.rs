use std::time::Duration;

use crate::line::Line;

/// What sits at one end of a line.
pub(crate) trait End {
    fn receive(&mut self, now: Duration, bytes: &[u8]);
    /// The next frame, when the line can take one.
    fn transmit(&mut self, now: Duration) -> Option<Vec<u8>>;
    fn next_timeout(&self) -> Option<Duration>;
    fn time_out(&mut self, now: Duration);
}

/// Two ends, the line between them, and the time.
pub(crate) struct World<E> {
    pub(crate) now: Duration,
    pub(crate) ends: [E; 2],
    /// From each end to the other.
    pub(crate) lines: [Line; 2],
    /// Has found its line busy.
    waits: [bool; 2],
}

enum Next {
    Arrival(usize),
    Free(usize),
    Timeout(usize),
}

impl<E: End> World<E> {
    pub(crate) fn new(ends: [E; 2], lines: [Line; 2]) -> Self {
        let mut world = Self { now: Duration::ZERO, ends, lines, waits: [false; 2] };
        world.pump(0);
        world.pump(1);
        world
    }

    /// What happens next; `false`: nothing up to `until`, which it is then.
    pub(crate) fn step(&mut self, until: Duration) -> bool {
        let Some((at, next)) = self.next().filter(|(at, _)| *at <= until) else {
            self.now = self.now.max(until);
            return false;
        };
        self.now = self.now.max(at);
        let end = match next {
            Next::Arrival(end) => {
                let bytes = self.lines[1 - end].arrive(self.now).expect("it has arrived");
                self.ends[end].receive(self.now, &bytes);
                end
            }
            Next::Free(end) => end,
            Next::Timeout(end) => {
                self.ends[end].time_out(self.now);
                end
            }
        };
        self.pump(end);
        true
    }

    /// Lets an end send, if its line is free.
    pub(crate) fn pump(&mut self, end: usize) {
        let line = &mut self.lines[end];
        self.waits[end] = true;
        if line.free_at <= self.now {
            match self.ends[end].transmit(self.now) {
                Some(frame) => line.put(self.now, &frame),
                None => self.waits[end] = false,
            }
        }
    }

    fn next(&self) -> Option<(Duration, Next)> {
        let [one, other] = &self.lines;
        let events = [
            one.next_arrival().map(|at| (at, Next::Arrival(1))),
            other.next_arrival().map(|at| (at, Next::Arrival(0))),
            self.waits[0].then_some((one.free_at, Next::Free(0))),
            self.waits[1].then_some((other.free_at, Next::Free(1))),
            self.ends[0].next_timeout().map(|at| (at, Next::Timeout(0))),
            self.ends[1].next_timeout().map(|at| (at, Next::Timeout(1))),
        ];
        events.into_iter().flatten().min_by_key(|(at, _)| *at)
    }
}
