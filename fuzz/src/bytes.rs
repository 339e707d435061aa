//! Bytes as they come, without any help.

use eyelet_codec::Limits;
use eyelet_codec::frame::{self, Decoded, FrameError, MAX_BODY};

use crate::NAMES;
use crate::lanes::compare;

/// A stream of frames, and as it stands a message of each kind. True if it begins with a frame.
pub fn bytes(input: &[u8]) -> bool {
    for name in NAMES {
        compare(name, input, &Limits::SCHEMA);
    }
    let (mut rest, mut count) = (input, 0);
    while let Some(consumed) = one_frame(rest) {
        rest = &rest[consumed..];
        count += 1;
    }
    count > 0
}

/// The length of the frame that `input` begins with.
fn one_frame(input: &[u8]) -> Option<usize> {
    let found = frame::decode(input, MAX_BODY);
    match found {
        Ok(Decoded::Frame { body, consumed }) => {
            whole(input, body, consumed);
            return Some(consumed);
        }
        Ok(Decoded::Partial { needed }) => {
            assert!(needed > 0 && needed <= MAX_BODY as usize + frame::MAX_OVERHEAD);
            if needed < 4096 {
                let almost = [input, &vec![0; needed - 1]].concat();
                let found = frame::decode(&almost, MAX_BODY);
                assert!(matches!(found, Ok(Decoded::Partial { .. })), "{found:?}");
            }
        }
        Err(_) => {
            let more = [input, &[0; 8]].concat();
            assert_eq!(frame::decode(&more, MAX_BODY), found, "more bytes change nothing");
        }
    }
    None
}

/// A frame has one form only, is none before its last byte, and none where it is too large.
fn whole(input: &[u8], body: &[u8], consumed: usize) {
    let mut buf = vec![0xa5; consumed];
    assert_eq!(frame::encode(body, &mut buf), Ok(consumed));
    assert_eq!(buf, input[..consumed]);
    for end in [0, 1, consumed / 2, consumed - 1] {
        let Ok(Decoded::Partial { needed }) = frame::decode(&input[..end], MAX_BODY) else {
            panic!("{end} of {consumed} bytes")
        };
        assert!((1..=consumed - end).contains(&needed), "{needed} for {end} of {consumed} bytes");
    }
    let limit = u32::try_from(body.len() - 1).unwrap();
    let error = FrameError::TooLarge { len: body.len() as u64, limit };
    assert_eq!(frame::decode(input, limit), Err(error));
}
