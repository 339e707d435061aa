use std::time::Duration;

use eyelet_codec::session::{Carried, OpenFrame, Session, Slots};
use eyelet_codec::{ErrorKind, Message, MessageError};

use super::error::Failure;
use crate::line::Outgoing;

/// Opens the next stream for an encoded task, and puts the task behind the outgoing frames.
pub(crate) fn submit<S: Slots>(
    session: &mut Session<S>,
    outgoing: &mut Outgoing,
    now: Duration,
    task: &[u8],
    deadline: Option<Duration>,
) -> Result<u32, Failure> {
    let room = outgoing.room(OpenFrame::MAX_HEAD + task.len() + OpenFrame::MAX_TAIL);
    let stream = session.next_stream();
    let frame =
        OpenFrame::begin(room, stream, Carried::Task).expect("the room is larger than a head");
    room[frame.message_start()..][..task.len()].copy_from_slice(task);
    let submitted = session.submit(now, frame.body_len(task.len(), false), deadline);
    let stream = submitted.map_err(Failure::NotSent)?;
    let sealed = frame.seal(room, task.len(), false);
    outgoing.seal(sealed.map_err(|error| Failure::Protocol(error.into()))?);
    Ok(stream)
}

/// Encodes a task, whatever was in `bytes` before; their memory is used again.
pub(crate) fn encode<'a>(bytes: &mut Vec<u8>, task: &impl Message<'a>) -> Result<(), MessageError> {
    let mut room = FIRST_ROOM;
    loop {
        bytes.resize(room, 0);
        match task.encode(bytes) {
            Ok(len) => {
                bytes.truncate(len);
                return Ok(());
            }
            Err(error) if error.kind() == ErrorKind::Buffer => room *= 2,
            Err(error) => return Err(error),
        }
    }
}

/// Enough for most tasks.
const FIRST_ROOM: usize = 512;
