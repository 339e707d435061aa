use std::time::Duration;

use eyelet_codec::session::{Carried, OpenFrame, Session, Slots};
use eyelet_codec::{DetectionTask, ErrorKind, Message, MessageError};

use super::error::Failure;
use crate::line::Outgoing;

/// Opens the next stream for a task, and puts the task behind the outgoing frames.
pub(crate) fn submit<S: Slots>(
    session: &mut Session<S>,
    outgoing: &mut Outgoing,
    now: Duration,
    task: &DetectionTask<'_>,
    deadline: Option<Duration>,
) -> Result<u32, Failure> {
    let encoded = encode(outgoing, session.next_stream(), task);
    let (frame, len) = encoded.map_err(Failure::InvalidTask)?;
    let submitted = session.submit(now, frame.body_len(len, false), deadline);
    let stream = submitted.map_err(Failure::NotSent)?;
    let room = outgoing.room(frame.message_start() + len + OpenFrame::MAX_TAIL);
    let sealed = frame.seal(room, len, false).map_err(|error| Failure::Protocol(error.into()))?;
    outgoing.seal(sealed);
    Ok(stream)
}

/// Into the room behind the outgoing frames, which is made larger until the task fits.
fn encode(
    outgoing: &mut Outgoing,
    stream: u32,
    task: &DetectionTask<'_>,
) -> Result<(OpenFrame, usize), MessageError> {
    let mut len = 512;
    loop {
        let room = outgoing.room(OpenFrame::MAX_HEAD + len);
        let frame =
            OpenFrame::begin(room, stream, Carried::Task).expect("the room is larger than a head");
        match task.encode(&mut room[frame.message_start()..]) {
            Ok(len) => return Ok((frame, len)),
            Err(error) if error.kind() == ErrorKind::Buffer => len *= 2,
            Err(error) => return Err(error),
        }
    }
}
