//! Messages in frames whose checksum is right, so that the decoders behind it are reached.

use eyelet_codec::Limits;
use eyelet_codec::frame::{self, Decoded, MAX_BODY, MAX_OVERHEAD};

use crate::NAMES;
use crate::agreement::{Whole, agree};
use crate::lanes::compare;

/// A byte that says which message, and the body that something has sent for one. True if it is one:
/// the borrowed codec, its lanes, prost and the rules of WIRE.md agree about that.
pub fn messages(input: &[u8]) -> bool {
    let Some((choice, body)) = input.split_first() else { return false };
    let name = NAMES[usize::from(*choice) % NAMES.len()];
    through_a_frame(body, |body| {
        let outcome = agree(name, body, Whole::ANY);
        let taken = compare(name, body, &Limits::SCHEMA);
        // Whether a packet's task or result is one is for the layer above to say.
        let has_layers = name == "Packet" && taken.decoded;
        assert!(outcome.is_accepted() == taken.decoded || has_layers, "{outcome:?}, {taken:?}");
        outcome.is_accepted()
    })
}

/// Frames a body, reads it back and hands it on. The empty message is in no frame.
pub(crate) fn through_a_frame<T>(body: &[u8], see: impl FnOnce(&[u8]) -> T) -> T {
    if body.is_empty() || body.len() > MAX_BODY as usize {
        return see(body);
    }
    let mut buf = vec![0xa5; body.len() + MAX_OVERHEAD];
    let len = frame::encode(body, &mut buf).unwrap();
    match frame::decode(&buf[..len], MAX_BODY) {
        Ok(Decoded::Frame { body: read, consumed }) => {
            assert_eq!((read, consumed), (body, len));
            see(read)
        }
        other => panic!("a frame that is none: {other:?}"),
    }
}
