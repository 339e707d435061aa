//! Decoding of bytes among which there is no delimiter.
//!
//! Groups are not moved one by one, but neighbours together with the codes between them, which are
//! then overwritten by the zeros that they stand for. For a code of ff there is no zero to take its
//! place, so what is behind it moves up by one more.

use core::mem;
use core::ops::Range;

use super::{CobsError, LONGEST};
use crate::copy::{copy, shift_left};

pub(super) fn decode(input: &[u8], out: &mut [u8]) -> Result<usize, CobsError> {
    let (mut rest, whole) = (input, out.len());
    // How many bytes behind the code of `rest` are in `room` already, if there are as many.
    let (mut room, mut copied) = (out, 0);
    loop {
        let truncated = CobsError::Truncated { at: input.len().saturating_sub(rest.len()) };
        let (&code, behind) = rest.split_first().ok_or(truncated)?;
        if copied < LONGEST {
            copy_window(behind, room, copied);
            copied += LONGEST;
        }
        rest = rest.get(usize::from(code)..).ok_or(truncated)?;
        let len = usize::from(code).saturating_sub(1);
        let (_group, further) = room.split_at_mut_checked(len).ok_or(CobsError::Buffer)?;
        if rest.is_empty() {
            return Ok(whole.saturating_sub(further.len()));
        }
        if len < LONGEST {
            let (zero, further) = further.split_first_mut().ok_or(CobsError::Buffer)?;
            *zero = 0;
            (room, copied) = (further, copied.saturating_sub(len + 1));
        } else {
            (room, copied) = (further, 0);
        }
    }
}

/// Copies the next bytes of `from` behind those that have been copied: no more than the longest group
/// has, since the bytes behind a code of ff have to be copied anew.
#[inline]
fn copy_window(from: &[u8], to: &mut [u8], copied: usize) {
    if let Some(from) = from.get(copied..)
        && let Some(to) = to.get_mut(copied..)
    {
        copy(from.get(..LONGEST).unwrap_or(from), to);
    }
}

pub(super) fn decode_in_place(bytes: &mut [u8]) -> Result<usize, CobsError> {
    let len = bytes.len();
    let mut code = *bytes.first().ok_or(CobsError::Truncated { at: 0 })?;
    // From `start` to `code_at` all is decoded, but has not been moved to `moved`.
    let (mut moved, mut start, mut code_at) = (0, 1, 0usize);
    loop {
        let end = code_at.saturating_add(usize::from(code));
        if end > len {
            return Err(CobsError::Truncated { at: code_at });
        }
        if code == 0xff || end == len {
            move_up(bytes, start..end, moved);
            moved = moved.saturating_add(end).saturating_sub(start);
            start = end.saturating_add(1);
        }
        let Some(next) = bytes.get_mut(end) else { return Ok(moved) };
        let zero = if code == 0xff { *next } else { 0 };
        (code, code_at) = (mem::replace(next, zero), end);
    }
}

fn move_up(bytes: &mut [u8], from: Range<usize>, to: usize) {
    let by = from.start.saturating_sub(to);
    if let Some(bytes) = bytes.get_mut(to..from.end) {
        shift_left(bytes, by);
    }
}
