#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use super::moment::Moment;

/// What a session remembers of one open stream.
#[derive(Clone, Copy, Debug, Default)]
pub struct Slot {
    /// Body bytes of results, sent by a collector or received by an agent.
    pub(super) used: u64,
    /// `Credit.total`.
    pub(super) allowed: u64,
    /// Agent: body bytes that the application is done with, `consumed <= used`.
    pub(super) consumed: u64,
    /// When the task is over its deadline; of a collector's stream that is to end, when its work must
    /// have stopped.
    pub(super) deadline: Moment,
    /// Odd; 0: the slot is free.
    pub(super) stream: u32,
    pub(super) owes: Owes,
    /// The agent has cancelled it.
    pub(super) cancelled: bool,
    /// Its deadline has passed, and the application knows.
    pub(super) late: bool,
}

/// What is to be sent on a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Owes {
    #[default]
    Nothing,
    /// Agent.
    Credit,
    /// Agent.
    Cancel,
    /// Collector: the fault that ends it, since its work did not stop. It counts as ended already.
    End,
}

/// Where a session keeps its streams: an array on a board, a `Vec` on a host, so that a connection
/// without streams holds no memory for them. A stream is found quickest where there are a power of two.
pub trait Slots {
    /// All there are at the moment.
    fn as_slice(&self) -> &[Slot];
    /// The same, to change.
    fn as_mut_slice(&mut self) -> &mut [Slot];
    /// Makes room for more; false if there is none to be had.
    fn grow(&mut self) -> bool;
    /// How many there can be, unless it is said otherwise as many as there are. A collector promises no
    /// more streams than that, whatever it is configured for.
    fn most(&self) -> usize {
        self.as_slice().len()
    }
    /// Gives memory back: no stream is open. Does nothing unless it is said otherwise.
    fn shrink(&mut self) {}
}

impl<const N: usize> Slots for [Slot; N] {
    fn as_slice(&self) -> &[Slot] {
        self
    }

    fn as_mut_slice(&mut self) -> &mut [Slot] {
        self
    }

    fn grow(&mut self) -> bool {
        false
    }
}

impl Slots for &mut [Slot] {
    fn as_slice(&self) -> &[Slot] {
        self
    }

    fn as_mut_slice(&mut self) -> &mut [Slot] {
        self
    }

    fn grow(&mut self) -> bool {
        false
    }
}

#[cfg(feature = "alloc")]
impl Slots for Vec<Slot> {
    fn as_slice(&self) -> &[Slot] {
        self
    }

    fn as_mut_slice(&mut self) -> &mut [Slot] {
        self
    }

    /// One, two, four and so on; the session bounds it by `max_streams`.
    fn grow(&mut self) -> bool {
        let more = self.len().max(1);
        self.reserve_exact(more);
        self.resize(self.len() + more, Slot::default());
        true
    }

    fn most(&self) -> usize {
        usize::MAX
    }

    /// Keeps one: a connection whose tasks come one by one allocates for the first alone.
    fn shrink(&mut self) {
        if self.len() > 1 {
            self.truncate(1);
            self.shrink_to_fit();
        }
    }
}

/// The slot of `stream`, where it is open.
#[inline]
pub(super) fn find(slots: &[Slot], stream: u32) -> Option<&Slot> {
    slots.get(index(slots, stream)?)
}

/// The same, to change.
#[inline]
pub(super) fn find_mut(slots: &mut [Slot], stream: u32) -> Option<&mut Slot> {
    let index = index(slots, stream)?;
    slots.get_mut(index)
}

#[inline]
fn index(slots: &[Slot], stream: u32) -> Option<usize> {
    if stream == 0 {
        return None;
    }
    let holds = |slot: &Slot| slot.stream == stream && slot.owes != Owes::End;
    let home = home(stream, slots.len());
    match slots.get(home) {
        Some(slot) if holds(slot) => Some(home),
        _ => slots.iter().position(holds),
    }
}

/// Puts `slot` where one is free: at its home, if that is.
pub(super) fn place(slots: &mut impl Slots, slot: Slot) -> bool {
    loop {
        let all = slots.as_mut_slice();
        let home = home(slot.stream, all.len());
        let index = match all.get(home) {
            Some(Slot { stream: 0, .. }) => Some(home),
            _ => all.iter().position(|slot| slot.stream == 0),
        };
        if let Some(free) = index.and_then(|index| all.get_mut(index)) {
            *free = slot;
            return true;
        }
        if !slots.grow() {
            return false;
        }
        go_home(slots.as_mut_slice());
    }
}

/// Where a stream is looked for first: neighbours in time have neighbouring slots.
#[inline]
fn home(stream: u32, len: usize) -> usize {
    (stream >> 1) as usize & len.saturating_sub(1)
}

/// After slots were added, half of the streams have another home, which is free.
fn go_home(slots: &mut [Slot]) {
    for index in 0..slots.len() {
        let Some(slot) = slots.get(index).copied() else { return };
        let home = home(slot.stream, slots.len());
        if slot.stream != 0 && slots.get(home).is_some_and(|slot| slot.stream == 0) {
            slots.swap(index, home);
        }
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use alloc::vec;
    use core::time::Duration;

    use super::*;
    use crate::session::{CONTROL_FRAME, Config, Event, Role, Session, VERSION};
    use crate::{Fault, Hello, Message, Packet, PacketBody};

    fn hello() -> Hello<'static> {
        Hello { version_min: VERSION, version_max: VERSION, max_frame: 256, ..Hello::default() }
    }

    fn open(stream: u32) -> Slot {
        Slot { stream, ..Slot::default() }
    }

    /// From any first stream on, and however many there are.
    #[test]
    fn streams_in_a_row_are_all_at_home() {
        for first in (1..300).step_by(2) {
            let mut slots = Vec::new();
            for stream in (first..).step_by(2).take(64) {
                assert!(place(&mut slots, open(stream)));
                assert!((slots.len()).is_power_of_two());
            }
            assert_eq!(slots.len(), 64);
            for stream in (first..).step_by(2).take(64) {
                assert_eq!(slots[home(stream, 64)].stream, stream, "from {first} on");
            }
        }
    }

    #[test]
    fn a_stream_whose_home_is_taken_is_found() {
        for len in 1..10 {
            let mut slots = vec![Slot::default(); len];
            for index in 0..u32::try_from(len).unwrap() {
                assert!(place(&mut slots.as_mut_slice(), open(index * 32 + 1)));
            }
            assert!(!place(&mut slots.as_mut_slice(), open(999)));
            for index in 0..u32::try_from(len).unwrap() {
                let stream = index * 32 + 1;
                assert_eq!(find(&slots, stream).map(|slot| slot.stream), Some(stream));
                assert_eq!(find_mut(&mut slots, stream).map(|slot| slot.stream), Some(stream));
            }
            assert!(find(&slots, 0).is_none() && find(&slots, 3).is_none());
        }
    }

    #[test]
    fn a_connection_without_streams_keeps_one_slot() {
        let start = Duration::ZERO;
        let mut agent = Session::new(Role::Agent, Config::default(), Vec::new(), start);
        let mut frame = [0xa5; CONTROL_FRAME];
        while agent.poll_transmit(&mut frame).is_some() {}
        let mut buf = [0xa5; 64];
        let hello = Hello { max_streams: 64, role: crate::Role::COLLECTOR, ..hello() };
        let packet = Packet { body: Some(PacketBody::Hello(hello)), ..Packet::default() };
        let len = packet.encode(&mut buf).unwrap();
        assert!(matches!(agent.handle_frame(start, &buf[..len]), Event::Open(_)));
        for _ in 0..64 {
            agent.submit(start, 10, None).unwrap();
        }
        assert_eq!(agent.slots.capacity(), 64);
        for stream in (1..=127).step_by(2) {
            assert!(agent.slots.capacity() == 64);
            let fault = PacketBody::Fault(Fault::default());
            let len = Packet { stream, more: false, body: Some(fault) }.encode(&mut buf).unwrap();
            assert!(matches!(agent.handle_frame(start, &buf[..len]), Event::Fault { .. }));
        }
        assert_eq!((agent.slots.len(), agent.slots.capacity()), (1, 1));
    }

    /// What the module's page says.
    #[cfg(target_pointer_width = "64")]
    #[test]
    fn a_session_is_small() {
        assert!(size_of::<Session<Vec<Slot>>>() <= 300);
        assert_eq!(size_of::<Slot>(), 40);
    }

    #[test]
    fn what_is_owed_on_an_ended_stream_does_not_keep_it_open() {
        let mut slots = [Slot { owes: Owes::End, ..open(5) }];
        assert!(find(&slots, 5).is_none());
        assert!(!place(&mut slots, open(7)), "its place is taken until it has been said");
    }
}
