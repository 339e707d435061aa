//! Buffers that a thread's connections lend one another, so that an idle one holds none.

use std::cell::RefCell;

/// One read, or one write of several chunks.
pub(crate) const LEN: usize = 64 * 1024;
/// A buffer that had to grow beyond this is not kept.
const MAX_LEN: usize = 2 * LEN;
/// Two for the connection that is being polled; more are held only while lines take no bytes.
const MAX_KEPT: usize = 4;

thread_local! {
    static KEPT: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// A buffer of [`LEN`] bytes at least, with anything in it.
pub(crate) fn take() -> Vec<u8> {
    KEPT.with_borrow_mut(Vec::pop).unwrap_or_else(|| vec![0; LEN])
}

/// Gives a buffer back for others to use; one that is too small or too large for them is freed.
pub(crate) fn give_back(buf: Vec<u8>) {
    if (LEN..=MAX_LEN).contains(&buf.len()) {
        KEPT.with_borrow_mut(|kept| {
            if kept.len() < MAX_KEPT {
                kept.push(buf);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_is_taken_again_and_no_more_than_a_few_are_kept() {
        for _ in 0..2 * MAX_KEPT {
            give_back(vec![1; LEN]);
        }
        assert_eq!(KEPT.with_borrow(Vec::len), MAX_KEPT);
        assert!((0..MAX_KEPT).all(|_| take()[0] == 1));
        assert_eq!(take()[0], 0, "a new one");
    }

    #[test]
    fn a_buffer_of_another_size_is_freed() {
        for len in [0, LEN - 1, MAX_LEN + 1] {
            give_back(vec![0; len]);
            assert_eq!(KEPT.with_borrow(Vec::len), 0, "{len}");
        }
    }
}
