use core::fmt::{self, Display, Formatter};
use core::time::Duration;

use eyelet_codec::frame::FrameError;
use eyelet_codec::session::{
    self, CONTROL_FRAME, Carried, Config, Departure, Detail, Event, OpenFrame, Refusal, Role,
    Session, Slot, Slots, SubmitError,
};
use eyelet_codec::{Fault, FaultCode, MessageError};

type Streams<'s> = &'s mut [Slot];

#[unsafe(no_mangle)]
pub fn session_new(role: Role, now: Duration, slots: [Slot; 4]) -> Session<[Slot; 4]> {
    Session::new(role, <Config as Default>::default(), slots, now)
}

#[unsafe(no_mangle)]
pub fn session_of_lent_slots<'s>(
    role: Role,
    config: Config,
    slots: Streams<'s>,
    now: Duration,
) -> Session<Streams<'s>> {
    Session::new(role, config, slots, now)
}

#[unsafe(no_mangle)]
pub fn session_handle<'a>(
    session: &mut Session<Streams<'_>>,
    board: &mut Session<[Slot; 4]>,
    now: Duration,
    body: &'a [u8],
) -> [Event<'a>; 2] {
    [Session::handle_frame(session, now, body), Session::handle_frame(board, now, body)]
}

#[unsafe(no_mangle)]
pub fn session_handle_others(
    session: &mut Session<Streams<'_>>,
    now: Duration,
    error: FrameError,
    refusal: Refusal,
) -> [Event<'static>; 3] {
    [
        Session::handle_frame_error(session, error),
        Session::handle_timeout(session, now),
        Session::break_off(session, refusal),
    ]
}

#[unsafe(no_mangle)]
pub fn session_transmit(
    session: &mut Session<Streams<'_>>,
    board: &mut Session<[Slot; 4]>,
    buf: &mut [u8; CONTROL_FRAME],
) -> [Option<usize>; 2] {
    Session::flushed(session);
    [Session::poll_transmit(session, buf), Session::poll_transmit(board, buf)]
}

#[unsafe(no_mangle)]
pub fn session_state(
    session: &Session<Streams<'_>>,
) -> ([bool; 3], [u32; 3], usize, Option<Duration>) {
    (
        [Session::owes(session), Session::is_done(session), Session::is_open(session)],
        [Session::live(session), Session::max_frame(session), Session::next_stream(session)],
        Session::max_body(session),
        Session::poll_timeout(session),
    )
}

#[unsafe(no_mangle)]
pub fn session_held(
    session: &Session<Streams<'_>>,
    departure: Departure,
) -> ([Option<Duration>; 2], &'static str) {
    ([Session::idle_since(session), Session::stalled_since(session)], Departure::reason(departure))
}

#[unsafe(no_mangle)]
pub fn session_time(
    session: &mut Session<Streams<'_>>,
    now: Duration,
    partial: bool,
    written: [usize; 2],
    departure: Departure,
) {
    Session::reading(session, now, partial);
    Session::writing(session, now, written[0], written[1]);
    Session::leave(session, now, departure);
    Session::shutdown(session, now);
}

#[unsafe(no_mangle)]
pub fn session_agent(
    session: &mut Session<Streams<'_>>,
    now: Duration,
    body: usize,
    deadline: Option<Duration>,
    cost: u64,
) -> Result<u32, SubmitError> {
    let stream = Session::submit(session, now, body, deadline)?;
    Session::consume(session, stream, cost);
    Session::cancel(session, stream);
    Ok(stream)
}

#[unsafe(no_mangle)]
pub fn session_collector(
    session: &mut Session<Streams<'_>>,
    now: Duration,
    stream: u32,
    fault: &Fault<'_>,
    buf: &mut [u8; CONTROL_FRAME],
) -> (usize, [bool; 3]) {
    let may = [
        Session::may_reply(session, stream),
        Session::may_finish(session, stream, buf.len()),
        Session::is_cancelled(session, stream),
    ];
    Session::set_deadline(session, stream, now);
    Session::reply(session, now, stream, buf.len(), may[0]);
    (Session::fail(session, now, stream, fault, buf), may)
}

#[unsafe(no_mangle)]
pub fn slots(
    board: &mut [Slot; 4],
    mut lent: Streams<'_>,
) -> ([bool; 2], [usize; 4], [Option<Slot>; 2]) {
    <[Slot; 4] as Slots>::shrink(board);
    <Streams<'_> as Slots>::shrink(&mut lent);
    (
        [<[Slot; 4] as Slots>::grow(board), <Streams<'_> as Slots>::grow(&mut lent)],
        [
            <[Slot; 4] as Slots>::as_slice(board).len(),
            <Streams<'_> as Slots>::as_slice(&lent).len(),
            <[Slot; 4] as Slots>::most(board),
            <Streams<'_> as Slots>::most(&lent),
        ],
        [
            <[Slot; 4] as Slots>::as_mut_slice(board).first().copied(),
            <Streams<'_> as Slots>::as_mut_slice(&mut lent).first().copied(),
        ],
    )
}

#[unsafe(no_mangle)]
pub fn open_frame_begin(
    buf: &mut [u8],
    stream: u32,
    carried: Carried,
) -> Result<OpenFrame, FrameError> {
    OpenFrame::begin(buf, stream, carried)
}

#[unsafe(no_mangle)]
pub fn open_frame_seal(
    frame: OpenFrame,
    buf: &mut [u8],
    len: usize,
    more: bool,
) -> Result<(usize, usize, usize), FrameError> {
    let (start, body) = (OpenFrame::message_start(&frame), OpenFrame::body_len(&frame, len, more));
    Ok((start, body, OpenFrame::seal(frame, buf, len, more)?))
}

#[unsafe(no_mangle)]
pub fn write_fault(stream: u32, fault: &Fault<'_>, buf: &mut [u8]) -> Result<usize, MessageError> {
    session::write_fault(stream, fault, buf)
}

#[unsafe(no_mangle)]
pub fn refusal_new(
    code: FaultCode,
    text: &'static str,
    message: MessageError,
    frame: FrameError,
) -> [Refusal; 3] {
    [
        Refusal::new(code, text),
        Refusal::of_task(message),
        <Refusal as From<FrameError>>::from(frame),
    ]
}

#[unsafe(no_mangle)]
pub fn refusal_fault(refusal: &Refusal, buf: &mut [u8]) -> Result<usize, MessageError> {
    Refusal::with_fault(refusal, |fault| session::write_fault(0, fault, buf))
}

#[unsafe(no_mangle)]
pub fn session_errors(
    refusal: &Refusal,
    detail: &Detail,
    submit: &SubmitError,
    f: &mut Formatter<'_>,
) -> [fmt::Result; 3] {
    [
        <Refusal as Display>::fmt(refusal, f),
        <Detail as Display>::fmt(detail, f),
        <SubmitError as Display>::fmt(submit, f),
    ]
}
