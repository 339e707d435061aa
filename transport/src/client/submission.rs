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
    let encoded = encode_in_place(outgoing, session.next_stream(), task);
    let (frame, len) = encoded.map_err(Failure::InvalidTask)?;
    open(session, outgoing, now, frame, len, deadline)
}

/// As [`submit`], a task that is encoded already.
pub(crate) fn submit_encoded<S: Slots>(
    session: &mut Session<S>,
    outgoing: &mut Outgoing,
    now: Duration,
    task: &[u8],
    deadline: Option<Duration>,
) -> Result<u32, Failure> {
    let room = outgoing.room(OpenFrame::MAX_HEAD + task.len());
    let frame = begin(room, session.next_stream());
    room[frame.message_start()..][..task.len()].copy_from_slice(task);
    open(session, outgoing, now, frame, task.len(), deadline)
}

/// Opens the stream of a frame that has its task already.
fn open<S: Slots>(
    session: &mut Session<S>,
    outgoing: &mut Outgoing,
    now: Duration,
    frame: OpenFrame,
    len: usize,
    deadline: Option<Duration>,
) -> Result<u32, Failure> {
    let submitted = session.submit(now, frame.body_len(len, false), deadline);
    let stream = submitted.map_err(Failure::NotSent)?;
    let room = outgoing.room(frame.message_start() + len + OpenFrame::MAX_TAIL);
    let sealed = frame.seal(room, len, false).map_err(|error| Failure::Protocol(error.into()))?;
    outgoing.seal(sealed);
    Ok(stream)
}

/// Encodes a task, whatever was in `bytes` before; their memory is used again.
pub(crate) fn encode(bytes: &mut Vec<u8>, task: &DetectionTask<'_>) -> Result<(), MessageError> {
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

/// Into the room behind the outgoing frames, which is made larger until the task fits.
fn encode_in_place(
    outgoing: &mut Outgoing,
    stream: u32,
    task: &DetectionTask<'_>,
) -> Result<(OpenFrame, usize), MessageError> {
    let mut len = FIRST_ROOM;
    loop {
        let room = outgoing.room(OpenFrame::MAX_HEAD + len);
        let frame = begin(room, stream);
        match task.encode(&mut room[frame.message_start()..]) {
            Ok(len) => return Ok((frame, len)),
            Err(error) if error.kind() == ErrorKind::Buffer => len *= 2,
            Err(error) => return Err(error),
        }
    }
}

/// Enough for most tasks.
const FIRST_ROOM: usize = 512;

fn begin(room: &mut [u8], stream: u32) -> OpenFrame {
    OpenFrame::begin(room, stream, Carried::Task).expect("the room is no smaller than a head")
}
