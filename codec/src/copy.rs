//! Copying of which a linker can see that it does not panic, whatever the compiler was asked for:
//! `copy_from_slice` and `copy_within` are not always seen through.

use core::mem;

/// Copies as many bytes as there are in both.
#[inline]
pub(crate) fn copy(from: &[u8], to: &mut [u8]) {
    to.iter_mut().zip(from).for_each(|(to, &from)| *to = from);
}

/// As [`copy`], by a few overlapping moves of fixed size instead of a call. 16 to 64 bytes are one class on purpose:
/// lengths differ from text to text, and each further class is a branch that mispredicts.
#[allow(clippy::inline_always, reason = "it is there to save a call")]
#[inline(always)]
pub(crate) fn copy_short(from: &[u8], to: &mut [u8]) {
    match from.len() {
        65.. => copy(from, to),
        len @ 16.. => {
            let last = len.wrapping_sub(16);
            let second = last.min(16);
            copy_chunk::<16>(from, to, 0);
            copy_chunk::<16>(from, to, second);
            copy_chunk::<16>(from, to, last.wrapping_sub(second));
            copy_chunk::<16>(from, to, last);
        }
        len @ 8.. => {
            copy_chunk::<8>(from, to, 0);
            copy_chunk::<8>(from, to, len.wrapping_sub(8));
        }
        len @ 4.. => {
            copy_chunk::<4>(from, to, 0);
            copy_chunk::<4>(from, to, len.wrapping_sub(4));
        }
        len @ 1.. => {
            copy_chunk::<1>(from, to, 0);
            copy_chunk::<1>(from, to, len >> 1);
            copy_chunk::<1>(from, to, len.wrapping_sub(1));
        }
        0 => {}
    }
}

#[allow(clippy::inline_always, reason = "it is there to save a call")]
#[inline(always)]
fn copy_chunk<const N: usize>(from: &[u8], to: &mut [u8], at: usize) {
    let to = to.get_mut(at..).and_then(<[u8]>::first_chunk_mut::<N>);
    if let (Some(to), Some(from)) = (to, from.get(at..).and_then(<[u8]>::first_chunk::<N>)) {
        *to = *from;
    }
}

/// Moves all but the first `by` bytes to the start.
#[inline]
pub(crate) fn shift_left(bytes: &mut [u8], by: usize) {
    shift_left_by::<64>(bytes, by)
        .or_else(|| shift_left_by::<16>(bytes, by))
        .or_else(|| shift_left_by::<8>(bytes, by))
        .or_else(|| shift_left_by::<1>(bytes, by));
}

/// By blocks of `N` bytes, of which the last may overlap the one before; `None` if it is not as many.
#[inline]
fn shift_left_by<const N: usize>(bytes: &mut [u8], by: usize) -> Option<()> {
    let &last = bytes.get(by..)?.last_chunk::<N>()?;
    let mut rest = &mut *bytes;
    while let Some(&block) = rest.get(by..).and_then(<[u8]>::first_chunk::<N>)
        && let Some((place, behind)) = mem::take(&mut rest).split_first_chunk_mut()
    {
        *place = block;
        rest = behind;
    }
    let end = bytes.len().checked_sub(by)?;
    *bytes.get_mut(..end)?.last_chunk_mut()? = last;
    Some(())
}

/// Moves all but the last `by` bytes to the end.
#[inline]
pub(crate) fn shift_right(bytes: &mut [u8], by: usize) {
    shift_right_by::<64>(bytes, by)
        .or_else(|| shift_right_by::<16>(bytes, by))
        .or_else(|| shift_right_by::<8>(bytes, by))
        .or_else(|| shift_right_by::<1>(bytes, by));
}

#[inline]
fn shift_right_by<const N: usize>(bytes: &mut [u8], by: usize) -> Option<()> {
    let end = bytes.len().checked_sub(by)?;
    let &first = bytes.get(..end)?.first_chunk::<N>()?;
    let mut rest = &mut *bytes;
    while let Some(end) = rest.len().checked_sub(by)
        && let Some(&block) = rest.get(..end).and_then(<[u8]>::last_chunk::<N>)
        && let Some(start) = rest.len().checked_sub(N)
        && let Some((before, place)) = mem::take(&mut rest).split_at_mut_checked(start)
        && let Some(place) = place.first_chunk_mut()
    {
        *place = block;
        rest = before;
    }
    *bytes.get_mut(by..)?.first_chunk_mut()? = first;
    Some(())
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn every_shift_of_every_length_is_what_it_says() {
        for len in 0..200 {
            let before: Vec<u8> = (0..len).collect();
            for by in 0..before.len() + 2 {
                let kept = before.len().saturating_sub(by);
                let (mut left, mut right) = (before.clone(), before.clone());
                shift_left(&mut left, by);
                shift_right(&mut right, by);
                assert_eq!(left[..kept], before[before.len() - kept..], "{len} by {by}");
                assert_eq!(right[before.len() - kept..], before[..kept], "{len} by {by}");
                assert_eq!(left[kept..], before[kept..], "{len} by {by}");
            }
        }
    }

    #[test]
    fn as_many_bytes_are_copied_as_there_are_in_both() {
        let mut to = [0xa5; 4];
        copy(&[1, 2], &mut to);
        assert_eq!(to, [1, 2, 0xa5, 0xa5]);
        copy(&[1, 2, 3, 4, 5], &mut to);
        assert_eq!(to, [1, 2, 3, 4]);
    }

    #[test]
    fn a_short_copy_is_a_copy_of_every_length() {
        for len in 0..200 {
            let from: Vec<u8> = (0..len).collect();
            let mut to = [0xa5; 200];
            copy_short(&from, &mut to[..from.len()]);
            assert_eq!(to[..from.len()], from);
            assert!(to[from.len()..].iter().all(|byte| *byte == 0xa5), "{len}");
        }
    }
}
