//! What is known of the terminal that output goes to.

use std::os::fd::AsFd;

use rustix::termios::tcgetwinsize;

/// Columns of the terminal that is open there; `None` if there is none, or it does not say.
pub fn width(output: impl AsFd) -> Option<usize> {
    let columns = tcgetwinsize(output).ok()?.ws_col;
    (columns > 0).then_some(columns.into())
}
