use core::time::Duration;

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

/// What a session remembers of one open stream.
#[derive(Clone, Copy, Debug, Default)]
pub struct Slot {
    /// Odd; 0: the slot is free.
    pub(super) stream: u32,
    /// Body bytes of results, sent by a collector or received by an agent.
    pub(super) used: u64,
    /// `Credit.total`.
    pub(super) allowed: u64,
    /// Agent: body bytes that the application is done with.
    pub(super) consumed: u64,
    pub(super) deadline: Option<Duration>,
    /// Agent: a `Credit` is to be sent.
    pub(super) owes_credit: bool,
    /// Agent: a `Cancel` is to be sent.
    pub(super) owes_cancel: bool,
    pub(super) cancelled: bool,
}

/// Where a session keeps its streams: an array on a board, a `Vec` on a host, so that a connection
/// without streams holds no memory for them.
pub trait Slots {
    /// All there are at the moment.
    fn as_slice(&self) -> &[Slot];
    /// The same, to change.
    fn as_mut_slice(&mut self) -> &mut [Slot];
    /// Makes room for more; false if there is none to be had.
    fn grow(&mut self) -> bool;
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
}

/// The slot of `stream`, where it is open.
#[inline]
pub(super) fn find(slots: &mut impl Slots, stream: u32) -> Option<&mut Slot> {
    slots.as_mut_slice().iter_mut().find(|slot| slot.stream == stream && stream != 0)
}

/// Puts `slot` where one is free.
pub(super) fn place(slots: &mut impl Slots, slot: Slot) -> bool {
    loop {
        if let Some(free) = slots.as_mut_slice().iter_mut().find(|slot| slot.stream == 0) {
            *free = slot;
            return true;
        }
        if !slots.grow() {
            return false;
        }
    }
}
