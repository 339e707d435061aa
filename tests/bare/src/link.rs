use core::fmt::{self, Display, Formatter};
use core::num::NonZeroU64;
use core::time::Duration;

use eyelet_codec::frame::FrameError;
use eyelet_codec::link::{self, Config, Counters, Event, Link, SendError};

type Board = Link<1, 266>;
type Host = Link<7, 4106>;

#[unsafe(no_mangle)]
pub fn link_of_line(bits_per_second: u32, window: u8) -> (Option<u32>, Duration, usize) {
    let max_frame = link::max_frame(bits_per_second);
    let largest = max_frame.unwrap_or(256);
    let repeat = link::repeat_after(bits_per_second, largest, window);
    (max_frame, repeat, link::line_len(largest as usize))
}

#[unsafe(no_mangle)]
pub fn link_new(config: Config, epoch: NonZeroU64) -> (Board, Host) {
    (Link::new(config, epoch), Link::new(config, epoch))
}

#[unsafe(no_mangle)]
pub fn link_begin_and_end(board: &mut Board, host: &mut Host, epoch: NonZeroU64) {
    Link::connect(board, epoch);
    Link::connect(host, epoch);
    Link::close(board);
    Link::close(host);
    Link::abort(host);
}

#[unsafe(no_mangle)]
pub fn link_handle<'a>(
    board: &mut Board,
    host: &mut Host,
    now: Duration,
    frame: &'a [u8],
) -> [Event<'a>; 2] {
    [Link::handle_frame(board, now, frame), Link::handle_frame(host, now, frame)]
}

#[unsafe(no_mangle)]
pub fn link_handle_others(
    board: &mut Board,
    host: &mut Host,
    now: Duration,
    lost: usize,
) -> [Event<'static>; 2] {
    Link::handle_loss(board, lost);
    [Link::handle_timeout(board, now), Link::handle_timeout(host, now)]
}

#[unsafe(no_mangle)]
pub fn link_send(board: &mut Board, host: &mut Host, packet: &[u8]) -> [Result<(), SendError>; 2] {
    [Link::send(board, packet), Link::send(host, packet)]
}

#[unsafe(no_mangle)]
pub fn link_transmit(
    board: &mut Board,
    host: &mut Host,
    now: Duration,
    buf: &mut [u8],
) -> [Result<Option<usize>, FrameError>; 2] {
    [Link::poll_transmit(board, now, buf), Link::poll_transmit(host, now, buf)]
}

#[unsafe(no_mangle)]
pub fn link_state(host: &Host) -> ([bool; 3], usize, Counters, Option<Duration>) {
    (
        [Link::may_send(host), Link::is_up(host), Link::is_closed(host)],
        Link::unacknowledged(host),
        Link::counters(host),
        Link::poll_timeout(host),
    )
}

#[unsafe(no_mangle)]
pub fn link_error(error: &SendError, f: &mut Formatter<'_>) -> fmt::Result {
    <SendError as Display>::fmt(error, f)
}
