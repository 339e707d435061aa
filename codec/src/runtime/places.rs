use core::ops::ControlFlow;

/// Where the messages of a repeated field are decoded to, one after the other.
pub(super) trait Places<M> {
    /// For the next message; `None` if there is no more.
    fn next(&mut self) -> Option<&mut M>;

    /// A message stands, checked, in the place that was next.
    fn filled(&mut self) -> ControlFlow<()>;
}

/// One place, which is used again once its message has been seen.
pub(super) struct Shown<M, S> {
    pub(super) message: M,
    pub(super) see: S,
}

impl<M, S: FnMut(&M) -> ControlFlow<()>> Places<M> for Shown<M, S> {
    #[inline]
    fn next(&mut self) -> Option<&mut M> {
        Some(&mut self.message)
    }

    #[inline]
    fn filled(&mut self) -> ControlFlow<()> {
        (self.see)(&self.message)
    }
}

/// Places that a caller lends, of which the first `len` are filled. What stands in the others afterwards is
/// not said.
#[derive(Debug)]
pub struct Slots<'s, M> {
    /// All of them.
    pub slots: &'s mut [M],
    /// How many are filled.
    pub len: &'s mut usize,
}

impl<M> Places<M> for Slots<'_, M> {
    #[inline]
    fn next(&mut self) -> Option<&mut M> {
        self.slots.get_mut(*self.len)
    }

    #[inline]
    fn filled(&mut self) -> ControlFlow<()> {
        *self.len = self.len.saturating_add(1);
        ControlFlow::Continue(())
    }
}
