//! The fast lanes beside the careful ones: a fast lane gives up, or does what the careful one does.

use std::fmt::Debug;

use eyelet_codec::runtime::{decode_careful, decode_fast, encode_careful, encode_fast};
use eyelet_codec::{ErrorKind, Limits, Message, MessageError};

/// Which lanes took a message.
#[derive(Clone, Copy, Debug, Default)]
pub struct Taken {
    /// The careful one has decoded it.
    pub decoded: bool,
    pub decoded_fast: bool,
    /// What was decoded was encoded again in the fast one.
    pub encoded_fast: bool,
}

macro_rules! of_each {
    ($($name:ident),*) => {
        /// Decodes `bytes` in both lanes, and encodes again what was decoded.
        ///
        /// # Panics
        /// If the lanes disagree.
        pub fn compare(name: &str, bytes: &[u8], limits: &Limits) -> Taken {
            match name {
                $(stringify!($name) => decoders::<eyelet_codec::$name>(bytes, limits),)*
                "Packet" => decoders::<eyelet_codec::Packet>(bytes, limits),
                _ => panic!("there is no message {name}"),
            }
        }
    };
}

crate::messages!(of_each);

fn decoders<'a, M: Message<'a> + Debug>(bytes: &'a [u8], limits: &Limits) -> Taken {
    let careful = decode_careful::<M>(bytes, limits);
    let fast = decode_fast::<M>(bytes, limits);
    let usual = M::decode_with(bytes, limits);
    assert_eq!(usual.map(shown), careful.map(shown), "as callers decode it");
    match (fast, careful) {
        (Some(fast), Ok(careful)) => assert_eq!(shown(fast), shown(careful)),
        (Some(fast), Err(error)) => panic!("the fast lane reads {fast:?}, in spite of {error}"),
        (None, _) => {}
    }
    let Ok(message) = careful else { return Taken::default() };
    let encoded = writers(&message, |len| [0, len.saturating_sub(1), len, len + 1]);
    let encoded = encoded.unwrap_or_else(|error| panic!("decoded and not encoded: {error}"));
    if let Some(fast) = fast {
        let again = encode(&fast, encoded.bytes.len());
        assert_eq!(again.as_ref(), Ok(&encoded.bytes), "what the fast lane has read");
    }
    Taken { decoded: true, decoded_fast: fast.is_some(), encoded_fast: encoded.fast }
}

/// An encoding on which both lanes agree.
#[derive(Debug)]
pub struct Encoded {
    pub bytes: Vec<u8>,
    /// The fast lane has not given up in a buffer of exactly the right size.
    pub fast: bool,
}

/// Encodes `message` into buffers of all `sizes` for an encoding of its length, and into one of exactly
/// that length. An error is one that holds in a buffer of any size.
///
/// # Panics
/// If the lanes disagree, or the encoding depends on the buffer's size.
pub fn writers<'a, I: IntoIterator<Item = usize>>(
    message: &impl Message<'a>,
    sizes: impl Fn(usize) -> I,
) -> Result<Encoded, MessageError> {
    let whole = with_room(message);
    // Where no buffer will do, these sizes are as good as any.
    let len = whole.as_ref().map_or(64, Vec::len);
    for size in sizes(len) {
        let at_this_size = lanes(message, size).0;
        match &whole {
            Ok(_) if size >= len => assert_eq!(at_this_size, whole, "{size} of {len} bytes"),
            Ok(_) => {
                let kind = at_this_size.map_err(|error| error.kind());
                assert_eq!(kind, Err(ErrorKind::Buffer), "{size} of {len} bytes");
            }
            Err(error) => {
                let found = at_this_size.unwrap_err();
                assert!(found == *error || found.kind() == ErrorKind::Buffer, "{found}, {error}");
            }
        }
    }
    let bytes = whole?;
    let (exact, fast) = lanes(message, bytes.len());
    assert_eq!(exact.as_ref(), Ok(&bytes), "a buffer of exactly the right size");
    Ok(Encoded { bytes, fast })
}

/// What both lanes make of a buffer of this size, and whether the fast one did not give up.
fn lanes<'a>(message: &impl Message<'a>, size: usize) -> (Result<Vec<u8>, MessageError>, bool) {
    let careful = encode(message, size);
    let mut buf = vec![0xa5; size];
    let usual = message.encode(&mut buf).map(|len| &buf[..len]);
    assert_eq!(usual, careful.as_deref().map_err(|error| *error), "as callers encode it");
    let mut buf = vec![0x5a; size];
    let fast = encode_fast(message, &mut buf).map(|len| Ok(&buf[..len]));
    let is_fast = fast.is_some();
    assert!(!is_fast || fast == Some(careful.as_deref().map_err(|error| *error)), "{fast:02x?}");
    (careful, is_fast)
}

fn with_room<'a>(message: &impl Message<'a>) -> Result<Vec<u8>, MessageError> {
    let mut size = 512;
    loop {
        match encode(message, size) {
            Err(error) if error.kind() == ErrorKind::Buffer => size *= 8,
            done => return done,
        }
    }
}

fn encode<'a>(message: &impl Message<'a>, size: usize) -> Result<Vec<u8>, MessageError> {
    let mut buf = vec![0xa5; size];
    let len = encode_careful(message, &mut buf)?;
    buf.truncate(len);
    Ok(buf)
}

/// Field by field, since a NaN is not equal to itself.
fn shown(message: impl Debug) -> String {
    format!("{message:?}")
}
