//! Messages in buffers of their own.

use eyelet_codec::{DetectionTask, Message, MessageError, Stored};

type Task<const N: usize> = Stored<DetectionTask<'static>, N>;
/// As one comes and as one is kept.
type Made = (Result<Task<512>, MessageError>, Result<Task<64>, MessageError>);

#[unsafe(no_mangle)]
pub fn stored_made(task: &DetectionTask<'_>, bytes: &[u8]) -> Made {
    (Stored::new(task), Stored::decode(bytes))
}

#[unsafe(no_mangle)]
pub fn stored_read<'a>(
    one: &'a Task<512>,
    other: &Task<64>,
) -> (<DetectionTask<'a> as Message<'a>>::At<'a>, &'a [u8], bool, Task<512>) {
    (
        Stored::get(one),
        Stored::as_bytes(one),
        <Stored<DetectionTask<'static>, 512> as PartialEq<Task<64>>>::eq(one, other),
        <Stored<DetectionTask<'static>, 512> as Clone>::clone(one),
    )
}
